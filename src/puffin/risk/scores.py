"""Which of two forecasters is better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr

from puffin.arrays import Array
from puffin.risk.card import score_card
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import as_aligned, positive_integer

__all__ = ["ScoreDifference", "diebold_mariano_test", "newey_west_error", "newey_west_lags"]


@dataclass(frozen=True, repr=False)
class ScoreDifference(Shown):
    """How much better a forecaster is than a rival, a period.

    Attributes
    ----------
    mean : float
        Mean of score minus rival's score.
    error : float
        Its standard error, autocorrelation allowed for.
    statistic : float
        mean / error, asymptotically standard normal if the two are as good.
    p_value : float
        Two-sided.
    lags : int
        Autocovariances in the error.
    periods : int
    """

    mean: float
    error: float
    statistic: float
    p_value: float
    lags: int
    periods: int

    def _card(self) -> Card:
        return score_card(self)


def diebold_mariano_test(score: Any, rival: Any, lags: int | None = None) -> ScoreDifference:
    r"""Compare the scores of two forecasters of the same periods.

    .. math:: DM = \bar d / \widehat{se}(\bar d), \qquad d_t = S_t - S'_t

    with the standard error of Newey & West (1987). For log predictive densities the mean difference
    estimates how much further the rival is from the truth in Kullback-Leibler divergence, and its
    sum is the log Bayes factor if the forecasts are each a model's own.

    Parameters
    ----------
    score, rival : array-like of shape (n_times,)
        Larger is better: log densities, or losses with their signs turned.
    lags : int, optional
        By default the integer part of 4 (n / 100)^(2/9); 0 for independent differences.

    Raises
    ------
    ValueError
        If the two do not match, or differ by the same number in every period.

    References
    ----------
    Diebold & Mariano (1995), "Comparing predictive accuracy", Journal of Business & Economic
    Statistics 13; Newey & West (1987, 1994).
    """
    (own, other), _ = as_aligned(minimum=3, score=score, rival=rival)
    difference = own - other
    n = difference.size
    if lags is None:
        lags = newey_west_lags(n)
    lags = min(positive_integer("lags", lags, minimum=0), n - 1)
    mean, error = float(difference.mean()), newey_west_error(difference, lags)
    if error <= 1e-12 * abs(mean) or error == 0.0:
        raise ValueError(
            f"score and rival differ by {mean:g} in each of the {n} periods; there is nothing to "
            "estimate an error from."
        )
    statistic = mean / error
    return ScoreDifference(mean, error, statistic, float(2.0 * ndtr(-abs(statistic))), lags, n)


def newey_west_lags(periods: int) -> int:
    """Return how many autocovariances to count by default: 4 (n / 100)^(2/9), rounded down."""
    return int(4.0 * (periods / 100.0) ** (2.0 / 9.0))


def newey_west_error(values: Array, lags: int) -> float:
    r"""Return the standard error of the mean of an autocorrelated series.

    .. math:: \sqrt{\frac{1}{n} \Big( \hat\gamma_0 + 2 \sum_{k=1}^{L}
        \big(1 - \tfrac{k}{L + 1}\big) \hat\gamma_k \Big)}

    with the autocovariances :math:`\hat\gamma_k` of lag k.
    """
    centred, n = values - values.mean(), values.size
    variance = float(centred @ centred) / n
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1.0)
        variance += 2.0 * weight * float(centred[lag:] @ centred[:-lag]) / n
    return math.sqrt(max(variance, 0.0) / n)
