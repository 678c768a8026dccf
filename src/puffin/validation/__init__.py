"""A user's input becomes clean arrays and an index; every message about bad input is here."""

from puffin.reading import periods_per_year
from puffin.validation.aligned import as_aligned, as_indicators
from puffin.validation.arguments import (
    choice,
    finite_number,
    flag,
    number_within,
    positive_integer,
    positive_number,
    probability,
    tail_level,
    tail_levels,
    text,
)
from puffin.validation.columns import DataLike
from puffin.validation.index import Labels, row_label
from puffin.validation.measures import NO_MEASURES, LogMeasures, as_measures, name_of_measure
from puffin.validation.pair_prices import (
    PairPrices,
    as_pair,
    as_series_of_levels,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
    price_rounding,
    rounding_of,
)
from puffin.validation.prices import PricePanel, as_panel, as_prices, check_positive_prices
from puffin.validation.regressors import Regressors, as_regressors, as_target
from puffin.validation.return_panel import as_return_panel
from puffin.validation.returns import Period, ReturnSeries, append_returns, as_returns, position_of
from puffin.validation.strategies import (
    Strategies,
    all_rows,
    as_strategies,
    check_alike,
    lifetime,
    one_calendar,
    shared_rows,
)
from puffin.validation.timed_regressors import (
    check_explain,
    no_regressors,
    regressors_after,
    regressors_at,
)
from puffin.validation.values import is_constant
from puffin.validation.weights import as_weights

__all__ = [
    "NO_MEASURES",
    "DataLike",
    "Labels",
    "LogMeasures",
    "PairPrices",
    "Period",
    "PricePanel",
    "Regressors",
    "ReturnSeries",
    "Strategies",
    "all_rows",
    "append_returns",
    "as_aligned",
    "as_indicators",
    "as_measures",
    "as_pair",
    "as_panel",
    "as_prices",
    "as_regressors",
    "as_return_panel",
    "as_returns",
    "as_series_of_levels",
    "as_spread",
    "as_strategies",
    "as_target",
    "as_weights",
    "check_alike",
    "check_enough",
    "check_explain",
    "check_moves",
    "check_positive",
    "check_positive_prices",
    "choice",
    "finite_number",
    "flag",
    "is_constant",
    "lifetime",
    "name_of_measure",
    "no_regressors",
    "number_within",
    "one_calendar",
    "periods_per_year",
    "position_of",
    "positive_integer",
    "positive_number",
    "price_rounding",
    "probability",
    "regressors_after",
    "regressors_at",
    "rounding_of",
    "row_label",
    "shared_rows",
    "tail_level",
    "tail_levels",
    "text",
]
