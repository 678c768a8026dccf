"""Volatility that moves by itself: where users import it from."""

from puffin.models import volatility
from puffin.models.volatility import *

__all__ = []
__all__ += volatility.__all__
