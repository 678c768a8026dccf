"""Volatility that moves by itself: where users import it from."""

from puffin.models import multivariate, volatility
from puffin.models.multivariate import *
from puffin.models.volatility import *

__all__ = []
__all__ += multivariate.__all__
__all__ += volatility.__all__
