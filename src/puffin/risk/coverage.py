r"""Whether value at risk is exceeded as often as it says, and not in clusters.

A violation is a return below minus the value at risk. If the forecasts are right, violations are
independent and each has the probability p of the level. The likelihood-ratio statistics are those
of Kupiec (1995) and Christoffersen (1998); the p-values are exact, by counting. At the 1% level the
limiting chi-squared distributions, which the literature uses, are poor even over ten years: there
are two violations in a row less than once in a thousand, and the statistics take few values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaln, xlogy

from puffin.arrays import Array
from puffin.risk.forecast_test import ForecastTest
from puffin.validation import as_aligned, as_indicators, tail_level

__all__ = ["christoffersen_test", "independence_test", "kupiec_test", "violations"]

_ROUNDING = 1e-9
_NEGLIGIBLE = 1e-12


def violations(returns: Any, value_at_risk: Any) -> pd.Series[bool]:
    """Return when a loss was larger than the value at risk: return < -value_at_risk.

    Parameters
    ----------
    returns, value_at_risk : array-like of shape (n_times,)
        In the same unit; losses are positive values at risk.
    """
    (returned, at_risk), index = as_aligned(returns=returns, value_at_risk=value_at_risk)
    return pd.Series(returned < -at_risk, index, name="violation")


def kupiec_test(violations: Any, level: float) -> ForecastTest:
    r"""Test whether the share of violations is the level (Kupiec's proportion of failures).

    With x violations in n periods,

    .. math::

        LR_{uc} = 2 \log \frac{(1 - x/n)^{n - x} (x/n)^x}{(1 - p)^{n - x} p^x}

    is asymptotically chi-squared with one degree of freedom. The exact `p_value` adds up the
    binomial probabilities of all counts with a statistic at least as large.

    Parameters
    ----------
    violations : array-like of bool of shape (n_times,)
    level : float
        The probability p that a violation should have, such as 0.01.

    References
    ----------
    Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models", Journal of
    Derivatives 3.
    """
    hits, level = as_indicators("violations", violations), tail_level("level", level)
    n, count = hits.size, int(hits.sum())
    statistic = float(_coverage_ratio(np.array(float(count)), n, level))
    counts = np.arange(n + 1.0)
    as_large = _coverage_ratio(counts, n, level) >= statistic - _ROUNDING
    return ForecastTest(
        "Kupiec, unconditional coverage",
        statistic,
        min(float(_binomial(counts[as_large], n, level).sum()), 1.0),
        float(chdtrc(1, statistic)),
        {"violations": count, "expected": n * level, "periods": n},
    )


def independence_test(violations: Any) -> ForecastTest:
    r"""Test whether a violation makes another one the period after more or less likely.

    With :math:`n_{ij}` periods in state j after one in state i (1 is a violation), the likelihood
    of a Markov chain is compared with that of independence:

    .. math::

        LR_{ind} = 2 \log \frac{(1 - \pi_{01})^{n_{00}} \pi_{01}^{n_{01}}
            (1 - \pi_{11})^{n_{10}} \pi_{11}^{n_{11}}}
            {(1 - \pi)^{n_{00} + n_{10}} \pi^{n_{01} + n_{11}}}

    asymptotically chi-squared with one degree of freedom. If violations are independent, then given
    their number all orders of them are equally likely, whatever their probability is: the exact
    `p_value` counts those with a statistic at least as large.

    Parameters
    ----------
    violations : array-like of bool of shape (n_times,)

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts", International Economic Review 39.
    """
    hits = as_indicators("violations", violations, minimum=2)
    statistic, facts = _markov_ratio(hits)
    ratios, log_share = _orders(hits.size, int(hits.sum()))
    as_large = ratios >= statistic - _ROUNDING
    return ForecastTest(
        "Christoffersen, independence",
        statistic,
        min(float(np.exp(log_share[as_large]).sum()), 1.0),
        float(chdtrc(1, statistic)),
        facts,
    )


def christoffersen_test(violations: Any, level: float) -> ForecastTest:
    r"""Test number and independence of violations together (conditional coverage).

    :math:`LR_{cc} = LR_{uc} + LR_{ind}` is asymptotically chi-squared with two degrees of freedom.
    The exact `p_value` adds up over all numbers of violations, and all their orders.

    Parameters
    ----------
    violations : array-like of bool of shape (n_times,)
    level : float

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts", International Economic Review 39.
    """
    hits, level = as_indicators("violations", violations, minimum=2), tail_level("level", level)
    n = hits.size
    coverage = float(_coverage_ratio(np.array(float(hits.sum())), n, level))
    ratio, facts = _markov_ratio(hits)
    statistic, p_value = coverage + ratio, 0.0
    shares = _binomial(np.arange(n + 1.0), n, level)
    for count in np.flatnonzero(shares > _NEGLIGIBLE):
        ratios, log_share = _orders(n, int(count))
        totals = ratios + _coverage_ratio(np.array(float(count)), n, level)
        as_large = totals >= statistic - _ROUNDING
        p_value += float(shares[count] * np.exp(log_share[as_large]).sum())
    return ForecastTest(
        "Christoffersen, conditional coverage",
        statistic,
        min(p_value, 1.0),
        float(chdtrc(2, statistic)),
        {"coverage": coverage, "independence": ratio} | facts,
    )


def _coverage_ratio(count: Array, n: int, level: float) -> Array:
    share = count / n
    free = xlogy(count, share) + xlogy(n - count, 1.0 - share)
    return np.asarray(2.0 * (free - xlogy(count, level) - xlogy(n - count, 1.0 - level)))


def _markov_ratio(hits: NDArray[np.bool_]) -> tuple[float, dict[str, float]]:
    """Return the statistic and the numbers of transitions."""
    before, after = hits[:-1], hits[1:]
    n01, n11 = int((~before & after).sum()), int((before & after).sum())
    n00, n10 = int((~before & ~after).sum()), int((before & ~after).sum())
    ratio = float(_independence_ratio(*(np.array(float(n)) for n in (n00, n01, n10, n11))))
    return ratio, {"n00": n00, "n01": n01, "n10": n10, "n11": n11}


def _independence_ratio(n00: Array, n01: Array, n10: Array, n11: Array) -> Array:
    markov = _bernoulli(n00, n01) + _bernoulli(n10, n11)
    return np.asarray(2.0 * (markov - _bernoulli(n00 + n10, n01 + n11)))


def _bernoulli(failures: Array, successes: Array) -> Array:
    """Return the log likelihood at its maximum."""
    total = np.maximum(failures + successes, 1.0)
    return np.asarray(xlogy(failures, failures / total) + xlogy(successes, successes / total))


def _orders(n: int, count: int) -> tuple[Array, Array]:
    """Return the independence ratio of every kind of order, and the log share of all orders.

    The numbers of transitions follow from the runs of violations, and whether the first and the
    last period have one. `count` violations are cut into r runs in C(count - 1, r - 1) ways, and
    the other periods into the g gaps between, before and after in C(n - count - 1, g - 1).
    """
    if count in (0, n):
        return np.zeros(1), np.zeros(1)
    runs = np.arange(1.0, count + 1.0)
    ratios, shares = [], []
    for first in (0.0, 1.0):
        for last in (0.0, 1.0):
            gaps = runs + 1.0 - first - last
            possible = (gaps >= 1.0) & (gaps <= n - count)
            r, g = runs[possible], gaps[possible]
            n01, n10, n11 = r - first, r - last, count - r
            ratios.append(_independence_ratio(n - 1.0 - n01 - n10 - n11, n01, n10, n11))
            shares.append(_log_choose(count - 1, r - 1.0) + _log_choose(n - count - 1, g - 1.0))
    log_share = np.concatenate(shares) - _log_choose(n, np.array(float(count)))
    return np.concatenate(ratios), log_share


def _binomial(counts: Array, n: int, level: float) -> Array:
    """Return the probability of each number of violations."""
    logs = xlogy(counts, level) + xlogy(n - counts, 1.0 - level)
    return np.asarray(np.exp(_log_choose(n, counts) + logs))


def _log_choose(n: float, k: Array) -> Array:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
