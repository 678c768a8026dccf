"""Shrunken estimates of mean and covariance, and the weights that they lead to."""

from __future__ import annotations

import pandas as pd

from puffin.extras import require
from puffin.portfolio.constraints import Constraints, limits_on
from puffin.portfolio.mean_variance import best_mean_variance
from puffin.validation import DataLike, as_strategies, positive_number, shared_rows
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate

__all__ = ["shrunken_mean_variance_weights"]


def shrunken_mean_variance_weights(
    returns: DataLike,
    constraints: Constraints | None = None,
    *,
    risk_aversion: float = 3.0,
    risk_free_rate: float = 0.0,
    date: str | None = None,
) -> pd.Series[float]:
    r"""Return mean-variance weights of shrunken point estimates: the benchmark for posteriors.

    The covariance :math:`\hat\Sigma` is that of Ledoit & Wolf (2004, "A well-conditioned estimator
    for large-dimensional covariance matrices", Journal of Multivariate Analysis 88); the sample
    means :math:`\bar{x}` are shrunk towards that of the minimum-variance portfolio,
    :math:`m_0 = 1' \hat\Sigma^{-1} \bar{x} / 1' \hat\Sigma^{-1} 1`, by Jorion's (1986, "Bayes-Stein
    estimation for portfolio analysis", Journal of Financial and Quantitative Analysis 21)

    .. math::

        w = \frac{N + 2}{N + 2 + T (\bar{x} - m_0 1)' \hat\Sigma^{-1} (\bar{x} - m_0 1)}

    of N strategies on T dates. Both are skfolio's.

    Parameters
    ----------
    returns : mapping of str to series, or DataFrame with a column for each strategy
        Simple returns, as fractions. On the dates that all have; what one returned in between is
        compounded.
    constraints : Constraints, optional
        Long only and fully invested by default.
    risk_aversion : float, default 3
    risk_free_rate : float, default 0
        Annual. Matters only where part of the money can be in cash (``total=None``).
    date : str, optional
        The column of dates, in a polars frame.

    Returns
    -------
    Series
        Weights, on the names of the strategies.

    Raises
    ------
    ValueError, TypeError
        If an argument or a series is invalid, or the constraints cannot all be satisfied.
    ImportError
        If skfolio is not installed.
    """
    risk_aversion = positive_number("risk_aversion", risk_aversion)
    risk_free_rate = annual_risk_free_rate(risk_free_rate)
    moments = require("skfolio.moments", "portfolio", "Shrinkage of means and covariances")
    strategies = as_strategies(returns, argument="returns", date=date)
    if strategies.rejected:
        raise ValueError(" ".join(strategies.rejected.values()))
    values, index, _ = shared_rows(strategies.series)
    names = [one.name for one in strategies.series]
    if len(values) <= len(names):
        raise ValueError(
            f"returns share {len(values)} dates; {len(names)} strategies need at least "
            f"{len(names) + 1}."
        )
    limits = limits_on(constraints, names)
    rate = period_risk_free_rate(risk_free_rate, infer_periods_per_year(index))
    # Ledoit and Wolf's target has equal variances, in one unit: one near 1 keeps numbers sound.
    scale = float(values.std())
    estimator = moments.ShrunkMu(
        covariance_estimator=moments.LedoitWolf(),
        method=moments.ShrunkMuMethods.BAYES_STEIN,
        vol_weighted_target=True,
    ).fit((values - rate) / scale)
    mean = scale * estimator.mu_
    covariance = scale**2 * estimator.covariance_estimator_.covariance_
    weights = best_mean_variance(mean, covariance, risk_aversion, limits)
    return pd.Series(weights, names, name="weight")
