"""Draws become ArviZ containers, intervals and summaries."""

from puffin.posterior.averaged import AveragedPredictive
from puffin.posterior.container import Posterior
from puffin.posterior.diagnostics import (
    ConvergenceWarning,
    diagnose,
    effective_size_of_squares,
    monte_carlo_error,
    warn_unless_converged,
)
from puffin.posterior.failure import SAMPLING_FAILURES, FallbackWarning, NotFittedError
from puffin.posterior.intervals import gaussian_interval, highest_density_interval
from puffin.posterior.mixture import PredictiveReturn
from puffin.posterior.power_scaling import PowerScaling, PriorSensitivity
from puffin.posterior.predictive import Predictive, PredictiveModel, predictive_return
from puffin.posterior.summary import Summary, summarise

__all__ = [
    "SAMPLING_FAILURES",
    "AveragedPredictive",
    "ConvergenceWarning",
    "FallbackWarning",
    "NotFittedError",
    "Posterior",
    "PowerScaling",
    "Predictive",
    "PredictiveModel",
    "PredictiveReturn",
    "PriorSensitivity",
    "Summary",
    "diagnose",
    "effective_size_of_squares",
    "gaussian_interval",
    "highest_density_interval",
    "monte_carlo_error",
    "predictive_return",
    "summarise",
    "warn_unless_converged",
]
