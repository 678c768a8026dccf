r"""Stochastic volatility: returns whose log-variance is a latent AR(1) chain.

.. math::

    y_t = \text{mean} + e^{h_t / 2} \epsilon_t, \qquad
    h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t, \qquad h_1 \text{ stationary}

with errors of a law (`laws`) and standard normal shocks :math:`\eta_t`, with which, where there is
leverage, the Gaussian shock of the error is correlated; and, perhaps, measures of the log-variance
beside the returns (`measures`), and regressors of their mean and log-variance (`regressors`), with
which h is the part of the log-variance that these do not explain.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.any_law import LawObservations
from puffin.inference.latent_ar1.any_law_leverage import LawLeverageObservations
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.guide import Start, Target
from puffin.inference.latent_ar1.jumps import JumpObservations
from puffin.inference.latent_ar1.jumps_leverage import JumpLeverageObservations
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.leverage_student_t import StudentTLeverageObservations
from puffin.inference.latent_ar1.measures import NO_MEASURES, Measures
from puffin.inference.latent_ar1.normal import NormalObservations
from puffin.inference.latent_ar1.observations import Observations, Series
from puffin.inference.latent_ar1.regressors import NO_REGRESSORS, Regressors
from puffin.inference.latent_ar1.sampler import LatentSample, sample_latent_ar1
from puffin.inference.latent_ar1.student_t import StudentTObservations
from puffin.inference.measures import Measure
from puffin.inference.regressors import NO_COEFFICIENTS, Coefficients, Design
from puffin.inference.settings import Settings
from puffin.laws import LAWS, Law
from puffin.laws.parameter import IDENTITY, SINE, SQUARE, TANH, Parameter, Prior
from puffin.laws.parts import ScoredLaw

__all__ = ["SAMPLED_LAWS", "StochasticVolatility", "sample_stochastic_volatility"]

_MOST_PHI = 0.5 * math.pi - 1e-6

_CLOSED_FORMS: Mapping[tuple[str, bool], Callable[[Series], Observations]] = {
    ("normal", False): NormalObservations,
    ("student", False): StudentTObservations,
    ("normal", True): NormalLeverageObservations,
    ("student", True): StudentTLeverageObservations,
}
"""By the errors' law, and whether there is leverage; other laws have `any_law`."""

SAMPLED_LAWS = tuple(
    name
    for name, law in LAWS.items()
    if (name, False) in _CLOSED_FORMS or isinstance(law, ScoredLaw)
)
"""Names of the laws that errors may have: those in closed form, and those with compiled parts."""


@dataclass(frozen=True)
class StochasticVolatility:
    """Which model of the family, on scaled returns.

    Attributes
    ----------
    law : Law
        Of the errors.
    leverage : bool
        Whether a return's shock is correlated with that of the next log-variance.
    constant_mean : bool
        Whether the returns' mean is estimated; zero otherwise.
    mu_sd : float
        mu ~ Normal(0, mu_sd).
    priors : mapping of str to Prior
        Of mean, phi, sigma, rho, the law's shape parameters, xi, psi and tau of measures, and
        coefficients of regressors; others are ignored.
    measures : tuple of Measure
    coefficients : Coefficients
        Of regressors, perhaps none.
    """

    law: Law
    leverage: bool
    constant_mean: bool
    mu_sd: float
    priors: Mapping[str, Prior]
    measures: tuple[Measure, ...] = ()
    coefficients: Coefficients = NO_COEFFICIENTS

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters besides mu, in the order of a sampler's points."""
        priors, bounds = self.priors, (-_MOST_PHI, _MOST_PHI)
        chain = [
            Parameter("mean", IDENTITY, priors["mean"], (0.0, 0.0, 0.0), 1.0),
            Parameter("phi", SINE, priors["phi"], (0.97, 0.6, 0.9), 0.1, bounds),
            Parameter("sigma", SQUARE, priors["sigma"], (0.2, 0.8, 0.2), 0.1, (1e-4, 12.0)),
        ]
        rho = Parameter("rho", TANH, priors["rho"], (-0.2, 0.0, 0.0), 0.2, (-8.0, 8.0))
        shape = self.law.parameters(priors)
        of_measures = [one for measure in self.measures for one in measure.parameters(priors)]
        of_regressors = self.coefficients.parameters(priors)
        return (
            *chain[not self.constant_mean :], *shape, *[rho] * self.leverage, *of_measures,
            *of_regressors,
        )  # fmt: skip

    @property
    def coordinates(self) -> Coordinates:
        """The parameters as a sampler moves them, and those that are not estimated."""
        fixed = {name: value for one in self.measures for name, value in one.fixed.items()}
        return Coordinates(self.parameters, fixed)


def sample_stochastic_volatility(
    y: Array,
    model: StochasticVolatility,
    settings: Settings,
    *,
    log_measures: Array | None = None,
    design: Design | None = None,
    thin: int = 1,
    start: Start | None = None,
) -> LatentSample:
    """Draw parameters and log-variances.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Scaled returns; NaN where one is missing.
    log_measures : ndarray of shape (n_times, n_measures), optional
        Of the variance of scaled returns, in any unit; NaN where one is missing.
    design : Design, optional
        Regressors at the same times, standardised; all known.
    thin : int
        Keep the log-variances of every so many draws.
    start : Start, optional
        Where an earlier sample of the same series, or of its beginning, was.
    """
    present = np.isfinite(y).astype(np.float64)
    coordinates, mean = model.coordinates, float(np.nanmean(y))
    if log_measures is None:
        log_measures = np.empty((y.size, 0))
    measures = _measures(model, coordinates, log_measures)
    regressors = _regressors(model, coordinates, design)
    series = Series(np.where(present > 0.0, y, 0.0), present, model.mu_sd, measures, regressors)
    located, log_variance = {"mean": mean}, 2.0 * math.log(float(np.nanstd(y)))
    if design is not None:
        located |= model.coefficients.located(y, design, model.priors)
    for measure, x in zip(model.measures, log_measures.T, strict=True):
        located |= measure.located(x, log_variance)
    locations = ("mean", *model.coefficients.in_mean)
    target = Target(_observations(model, series), coordinates, y.size, located, locations)
    return sample_latent_ar1(target, settings, thin=thin, start=start)


def _measures(
    model: StochasticVolatility, coordinates: Coordinates, log_measures: Array
) -> Measures:
    if not model.measures:
        return NO_MEASURES
    known = np.isfinite(log_measures).astype(np.float64)
    rows = [[coordinates.row_names.index(name) for name in one.names] for one in model.measures]
    values = np.where(known > 0.0, log_measures, 0.0)
    return Measures(np.ascontiguousarray(values), np.ascontiguousarray(known), np.array(rows))


def _regressors(
    model: StochasticVolatility, coordinates: Coordinates, design: Design | None
) -> Regressors:
    names = model.coefficients.names
    if not names or design is None:
        return NO_REGRESSORS
    of_mean, of_variance = (np.ascontiguousarray(values) for values in design)
    return Regressors(of_mean, of_variance, coordinates.row_names.index(names[0]))


def _observations(model: StochasticVolatility, series: Series) -> Observations:
    closed = _CLOSED_FORMS.get((model.law.name, model.leverage))
    if closed is not None:
        return closed(series)
    if model.law.with_jumps is not None:
        jumping = JumpLeverageObservations if model.leverage else JumpObservations
        return jumping(series, model.law.with_jumps)
    kind = LawLeverageObservations if model.leverage else LawObservations
    return kind(series, cast(ScoredLaw, model.law))
