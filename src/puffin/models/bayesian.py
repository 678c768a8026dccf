"""Sharpe ratios, comparisons, alphas, regressions, hedges, regimes: where users find them."""

from typing import TYPE_CHECKING

from puffin.models import (
    comparison,
    hierarchical,
    monitoring,
    pairs,
    regimes,
    regression,
    selection,
    sharpe,
    variational,
)
from puffin.models._pymc import _check_pymc
from puffin.models.comparison import *
from puffin.models.hierarchical import *
from puffin.models.monitoring import *
from puffin.models.pairs import *
from puffin.models.regimes import *
from puffin.models.regression import *
from puffin.models.selection import *
from puffin.models.sharpe import *
from puffin.models.variational import *

if TYPE_CHECKING:
    from puffin.tuning import BayesianOptimizer

__all__ = ["BayesianOptimizer", "_check_pymc"]
__all__ += comparison.__all__
__all__ += hierarchical.__all__
__all__ += monitoring.__all__
__all__ += pairs.__all__
__all__ += regimes.__all__
__all__ += regression.__all__
__all__ += selection.__all__
__all__ += sharpe.__all__
__all__ += variational.__all__


def __getattr__(name: str) -> object:
    """Return the search for settings, which stands on backtests, above the models, when asked."""
    if name != "BayesianOptimizer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from puffin.tuning import BayesianOptimizer

    return BayesianOptimizer
