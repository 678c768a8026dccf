"""From posteriors to weights: of strategies by their comparison, of assets by their volatilities.

`PosteriorPrior`, `MovingVolatilityPrior`, `PosteriorMuUncertaintySet` and
`PosteriorCovarianceUncertaintySet` are for skfolio's optimisers, and are imported, with skfolio,
when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from puffin.portfolio.constraints import Constraints
from puffin.portfolio.expected_utility import expected_utility_weights
from puffin.portfolio.joint_returns import JointReturns
from puffin.portfolio.mean_variance import mean_variance_weights
from puffin.portfolio.optimise import OptimisationError
from puffin.portfolio.probability import probability_weights
from puffin.portfolio.shrinkage import shrunken_mean_variance_weights
from puffin.portfolio.thompson import thompson_weights
from puffin.portfolio.volatility_scaling import (
    equal_risk_weights,
    forecast_volatilities,
    inverse_volatility_weights,
)

if TYPE_CHECKING:
    from puffin.portfolio.skfolio_prior import PosteriorPrior
    from puffin.portfolio.skfolio_uncertainty import (
        PosteriorCovarianceUncertaintySet,
        PosteriorMuUncertaintySet,
    )
    from puffin.portfolio.skfolio_volatility_prior import MovingVolatilityPrior

_HOMES = {
    "MovingVolatilityPrior": "puffin.portfolio.skfolio_volatility_prior",
    "PosteriorCovarianceUncertaintySet": "puffin.portfolio.skfolio_uncertainty",
    "PosteriorMuUncertaintySet": "puffin.portfolio.skfolio_uncertainty",
    "PosteriorPrior": "puffin.portfolio.skfolio_prior",
}

__all__ = [
    "Constraints",
    "JointReturns",
    "MovingVolatilityPrior",
    "OptimisationError",
    "PosteriorCovarianceUncertaintySet",
    "PosteriorMuUncertaintySet",
    "PosteriorPrior",
    "equal_risk_weights",
    "expected_utility_weights",
    "forecast_volatilities",
    "inverse_volatility_weights",
    "mean_variance_weights",
    "probability_weights",
    "shrunken_mean_variance_weights",
    "thompson_weights",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'puffin.portfolio' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
