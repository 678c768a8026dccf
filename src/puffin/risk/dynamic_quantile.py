"""Whether violations of value at risk can be foreseen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from puffin.arrays import Array
from puffin.inference.chains import streams
from puffin.risk.forecast_test import ForecastTest
from puffin.validation import as_aligned, positive_integer, tail_level

__all__ = ["dynamic_quantile_test"]

_SINGULAR = 1e-8
_SIMULATIONS = 1999
_AT_ONCE = 200_000
_SEED = 0


def dynamic_quantile_test(
    returns: Any, value_at_risk: Any, level: float, lags: int = 4
) -> ForecastTest:
    r"""Test whether violations follow from those before, or from the value at risk itself.

    With :math:`Hit_t = 1\{y_t < -VaR_t\} - p` and X the constant, the last `lags` hits and
    :math:`VaR_t`, all known before,

    .. math::

        DQ = \frac{Hit' X (X' X)^{-1} X' Hit}{p (1 - p)}

    is asymptotically chi-squared with as many degrees of freedom as X has columns (its rank): the
    out-of-sample test of Engle & Manganelli (2004). It is a test of conditional coverage with more
    alternatives than Christoffersen's.

    The limit is slow at small levels: of right forecasts at the 1% level over 2,500 days the
    asymptotic test rejects 11% at a nominal 5%. `p_value` is a Monte Carlo one (Dufour 2006): the
    rank of the statistic among those of 1,999 series of independent hits, the values at risk given.

    Parameters
    ----------
    returns, value_at_risk : array-like of shape (n_times,)
        In the same unit; losses are positive values at risk.
    level : float
    lags : int, default 4

    References
    ----------
    Engle & Manganelli (2004), "CAViaR: conditional autoregressive value at risk by regression
    quantiles", Journal of Business & Economic Statistics 22; Dufour (2006), "Monte Carlo tests
    with nuisance parameters", Journal of Econometrics 133.
    """
    lags, level = positive_integer("lags", lags), tail_level("level", level)
    (returned, at_risk), _ = as_aligned(
        minimum=2 * lags + 3, returns=returns, value_at_risk=value_at_risk
    )
    n = returned.size
    size = float(np.linalg.norm(at_risk)) / np.sqrt(n)
    known = at_risk / size if size > 0.0 else at_risk
    [statistic], [rank] = _statistics((returned < -at_risk)[None], known, level, lags)
    [stream] = streams(_SEED, 1)
    as_large = 0
    for first in range(0, _SIMULATIONS, rows := max(_AT_ONCE // n, 1)):
        hits = stream.random((min(rows, _SIMULATIONS - first), n)) < level
        simulated, _ = _statistics(hits, known, level, lags)
        as_large += int(np.sum(simulated >= statistic * (1.0 - _SINGULAR)))
    return ForecastTest(
        "Engle-Manganelli, dynamic quantile",
        float(statistic),
        (1.0 + as_large) / (1.0 + _SIMULATIONS),
        float(chdtrc(rank, statistic)),
        {"degrees_of_freedom": int(rank), "lags": lags, "periods": n - lags},
    )


def _statistics(
    hits: NDArray[np.bool_], at_risk: Array, level: float, lags: int
) -> tuple[Array, NDArray[np.intp]]:
    """Return the statistic and the rank of X for each of several series.

    Parameters
    ----------
    hits : ndarray of bool of shape (n_series, n_times)
    at_risk : ndarray of shape (n_times,)
        In a unit in which it is about one.
    """
    n = at_risk.size
    scaled = (hits - level) / np.sqrt(level * (1.0 - level))
    columns = np.empty((hits.shape[0], lags + 2, n - lags))
    columns[:, 0], columns[:, -1] = 1.0, at_risk[lags:]
    for lag in range(1, lags + 1):
        columns[:, lag] = scaled[:, lags - lag : n - lag]
    products = columns @ scaled[:, lags:, None]
    squares = columns @ columns.transpose(0, 2, 1)
    rank = np.linalg.matrix_rank(squares, rtol=_SINGULAR, hermitian=True)
    inverse = np.linalg.pinv(squares, rtol=_SINGULAR, hermitian=True)
    return (products.transpose(0, 2, 1) @ inverse @ products)[:, 0, 0], rank
