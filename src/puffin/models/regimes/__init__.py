"""Which regime is it, how long does that last, and what comes next: regime switching."""

from puffin.models.regimes.comparing import RegimeComparison, compare_regimes
from puffin.models.regimes.forecast import RegimeForecast, RegimePredictive
from puffin.models.regimes.model import BayesianRegimeSwitching, UnsupportedRegimesWarning
from puffin.models.regimes.priors import RegimePriors

__all__ = [
    "BayesianRegimeSwitching",
    "RegimeComparison",
    "RegimeForecast",
    "RegimePredictive",
    "RegimePriors",
    "UnsupportedRegimesWarning",
    "compare_regimes",
]
