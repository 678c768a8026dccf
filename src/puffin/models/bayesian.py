"""Sharpe ratios, comparisons, alphas, regressions, hedges, regimes: where users find them."""

from puffin.models import (
    comparison,
    hierarchical,
    monitoring,
    pairs,
    regimes,
    regression,
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
from puffin.models.sharpe import *
from puffin.models.variational import *

__all__ = ["_check_pymc"]
__all__ += comparison.__all__
__all__ += hierarchical.__all__
__all__ += monitoring.__all__
__all__ += pairs.__all__
__all__ += regimes.__all__
__all__ += regression.__all__
__all__ += sharpe.__all__
__all__ += variational.__all__
