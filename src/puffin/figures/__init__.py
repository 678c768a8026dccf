"""Findings as figures, most of them drawn so that a phone, 360 pixels wide, can show them."""

from puffin.figures.bands import band_path
from puffin.figures.calendar_returns import month_histogram, year_bars
from puffin.figures.canvas import shortened
from puffin.figures.cone import cone_path, drawdown_histogram
from puffin.figures.densities import ridges, sharpe_density
from puffin.figures.growth import growth_curves
from puffin.figures.intervals import Row, forest
from puffin.figures.pair_paths import hedge_path, score_path, trading_path
from puffin.figures.regimes import regime_growth, regime_paths
from puffin.figures.returns import return_density, return_tails
from puffin.figures.skill import funnel, shrinkage
from puffin.figures.trading import cost_path, position_path, turnover_bars
from puffin.figures.underwater import underwater_curve
from puffin.figures.volatility_fan import volatility_fan
from puffin.figures.volatility_path import draw_volatility, volatility_path, volatility_paths

__all__ = [
    "Row",
    "band_path",
    "cone_path",
    "cost_path",
    "draw_volatility",
    "drawdown_histogram",
    "forest",
    "funnel",
    "growth_curves",
    "hedge_path",
    "month_histogram",
    "position_path",
    "regime_growth",
    "regime_paths",
    "return_density",
    "return_tails",
    "ridges",
    "score_path",
    "sharpe_density",
    "shortened",
    "shrinkage",
    "trading_path",
    "turnover_bars",
    "underwater_curve",
    "volatility_fan",
    "volatility_path",
    "volatility_paths",
    "year_bars",
]
