"""The report's figures, each drawn for a width of about 360 pixels so that a phone can show it."""

from puffin.report.figures.canvas import shortened
from puffin.report.figures.densities import ridges, sharpe_density
from puffin.report.figures.growth import growth_curve
from puffin.report.figures.intervals import Row, forest
from puffin.report.figures.pairs import hedge_path, score_path, trading_path
from puffin.report.figures.returns import return_density, return_tails
from puffin.report.figures.svg import to_svg
from puffin.report.figures.volatility import draw_volatility, volatility_path, volatility_paths

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
    "to_svg",
    "trading_path",
    "volatility_path",
    "volatility_paths",
]
