"""Findings as figures, most of them drawn so that a phone, 360 pixels wide, can show them."""

from puffin.figures.canvas import shortened
from puffin.figures.densities import ridges, sharpe_density
from puffin.figures.growth import growth_curve
from puffin.figures.intervals import Row, forest
from puffin.figures.pair_paths import hedge_path, score_path, trading_path
from puffin.figures.returns import return_density, return_tails
from puffin.figures.volatility_path import draw_volatility, volatility_path, volatility_paths

__all__ = [
    "Row",
    "draw_volatility",
    "forest",
    "growth_curve",
    "hedge_path",
    "return_density",
    "return_tails",
    "ridges",
    "score_path",
    "sharpe_density",
    "shortened",
    "trading_path",
    "volatility_path",
    "volatility_paths",
]
