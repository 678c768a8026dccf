"""A user's input becomes clean arrays and an index; every message about bad input is here."""

from puffin.validation.arguments import (
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
)
from puffin.validation.frequency import periods_per_year
from puffin.validation.pairs import (
    PairPrices,
    as_pair,
    as_series_of_levels,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
)
from puffin.validation.prices import PricePanel, as_prices, check_positive_prices
from puffin.validation.regressors import Regressors, as_regressors, as_target
from puffin.validation.returns import ReturnSeries, append_returns, as_returns
from puffin.validation.strategies import Strategies, as_strategies, lifetime, shared_rows

__all__ = [
    "PairPrices",
    "PricePanel",
    "Regressors",
    "ReturnSeries",
    "Strategies",
    "append_returns",
    "as_pair",
    "as_prices",
    "as_regressors",
    "as_returns",
    "as_series_of_levels",
    "as_spread",
    "as_strategies",
    "as_target",
    "check_enough",
    "check_moves",
    "check_positive",
    "check_positive_prices",
    "choice",
    "finite_number",
    "lifetime",
    "periods_per_year",
    "positive_integer",
    "positive_number",
    "probability",
    "shared_rows",
]
