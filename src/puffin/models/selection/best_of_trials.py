"""What is left of the best of many trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, fixed_seed, streams
from puffin.inference.settings import Seed
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.hierarchy import Hierarchy
from puffin.models.selection.luck import effective_trials
from puffin.models.selection.overfitting import probability_of_overfitting
from puffin.models.selection.priors import SelectionPriors
from puffin.models.selection.result import BestOfTrials
from puffin.models.settings import check_priors, checked_seed
from puffin.models.sharpe.frequentist import SharpeEstimate
from puffin.validation import as_strategies, positive_integer, positive_number, probability
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate

__all__ = ["best_of_excess", "best_of_trials"]

_FEWEST, _LARGEST = 30, 100.0


def best_of_trials(
    returns: Any,
    samples: int = 4000,
    *,
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    priors: SelectionPriors | None = None,
    random_seed: Seed = None,
) -> BestOfTrials:
    r"""Return the posterior of the true Sharpe ratio of the best of many trials.

    The best of 200 backtests has been lucky. How much of its Sharpe ratio is left depends on how
    many really different things were tried and how much they differ, and both are in the trials'
    returns: their Sharpe ratios have correlated errors, and a common prior whose widths they teach.
    `puffin.models.selection.hierarchy` has the model:

    .. math::

        \hat s \mid \theta \sim N(\theta, V), \qquad
        \theta_i = m b_i + f_i + e_i, \quad f \sim N(0, \tau^2 C), \quad e_i \sim N(0, \epsilon^2)

    C is the correlation of the trials' returns, :math:`V \propto C` the covariance of the
    estimates, and b the correlation with the average of the first ten trials, which should be the
    first that were run, before a search knew where to look. The trial that is chosen is the one
    with the highest posterior mean, which need not have the highest ratio: one among neighbours
    that did well is preferred to a lone peak.

    All trials count, those that were given up too: what is not in `returns` is not known of, and
    what is left is then too much.

    Parameters
    ----------
    returns : DataFrame with a column for each trial, or mapping of name to series
        Simple returns after costs, over the same periods, in the order in which they were run.
    samples : int, default 4000
        Independent draws.
    risk_free_rate : float, default 0
        Annual.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.
    hdi_prob : float, default 0.94
    priors : SelectionPriors, optional
    random_seed : int, SeedSequence, Generator or None

    Returns
    -------
    BestOfTrials

    Raises
    ------
    ValueError, TypeError
        If an argument or a series is invalid, or trials are of different periods.

    Examples
    --------
    >>> import numpy as np, pandas as pd, puffin as pf
    >>> noise = np.random.default_rng(1).standard_normal((1250, 100))
    >>> best = pf.best_of_trials(pd.DataFrame(0.01 * noise), random_seed=1)
    >>> round(best.apparent, 1), round(best["mean"], 1)
    (0.9, 0.1)
    """
    names, values, index = _same_periods(returns)
    rate = annual_risk_free_rate(risk_free_rate)
    periods = (
        infer_periods_per_year(index)
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year)
    )
    _check_plausible(names, values, periods)
    samples = positive_integer("samples", samples, minimum=100)
    priors = check_priors(priors, SelectionPriors)
    return best_of_excess(
        names,
        values - period_risk_free_rate(rate, periods),
        periods,
        samples,
        hdi_prob=probability("hdi_prob", hdi_prob),
        priors=priors,
        seed=fixed_seed(checked_seed(random_seed)),
    )


def best_of_excess(
    names: Sequence[str],
    excess: Array,
    periods: float,
    samples: int,
    *,
    hdi_prob: float,
    priors: SelectionPriors,
    seed: int,
) -> BestOfTrials:
    """Return the posterior given excess returns that are known to be clean.

    Parameters
    ----------
    names : sequence of str
        Of the trials.
    excess : ndarray of shape (n_observations, n_trials)
        Each column varies.
    """
    distinct, place = _distinct(excess)
    estimates = TrialEstimates.of(distinct, periods)
    hierarchy = Hierarchy.of(estimates, priors)
    best = int(hierarchy.mean().argmax())
    [stream] = streams(seed, 1, purpose=Purpose.SELECTION)
    [luck] = streams(seed, 1, purpose=Purpose.LUCK)
    effective = effective_trials(estimates.correlation, luck)
    return BestOfTrials(
        names=tuple(names),
        place=place,
        estimates=estimates,
        hierarchy=hierarchy,
        draws=hierarchy.draw(samples, stream),
        best=best,
        effective_trials=effective,
        deflated_sharpe_ratio=_deflated(distinct[:, best], estimates, effective, periods),
        prob_overfit=probability_of_overfitting(distinct),
        hdi_prob=hdi_prob,
        periods_per_year=periods,
        n_observations=len(excess),
        priors=priors,
    )


def _distinct(excess: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return the different columns, in their order, and which of them each column is."""
    found: dict[bytes, int] = {}
    place = np.array([found.setdefault(one.tobytes(), len(found)) for one in excess.T])
    first = np.unique(place, return_index=True)[1]
    return excess[:, first], place


def _deflated(excess: Array, estimates: TrialEstimates, effective: float, periods: float) -> float:
    """Return the deflated Sharpe ratio of the chosen trial, for the effective number of trials."""
    spread = float(estimates.sharpe.std(ddof=1)) if estimates.sharpe.size > 1 else 0.0
    estimate = SharpeEstimate.of(excess, periods_per_year=periods)
    return estimate.deflated(max(1, round(effective)), spread)


def _check_plausible(names: Sequence[str], values: Array, periods: float) -> None:
    """Raise ValueError where a return hardly varies, so that its ratio is one of rounding."""
    ratios = np.sqrt(periods) * np.abs(values.mean(axis=0)) / values.std(axis=0)
    worst = int(ratios.argmax())
    if ratios[worst] > _LARGEST:
        raise ValueError(
            f"returns[{names[worst]!r}] hardly varies: its annual Sharpe ratio would be "
            f"{ratios[worst]:,.0f}. Leave it out, or give its returns in full."
        )


def _same_periods(returns: Any) -> tuple[tuple[str, ...], Array, pd.Index[Any] | None]:
    """Return names, returns of shape (n_observations, n_trials), and the index that all have."""
    strategies = as_strategies(returns, argument="returns")
    if strategies.rejected:
        count = len(strategies.rejected)
        raise ValueError(
            f"{count} trial{'s' * (count != 1)} cannot be used; leave out what never traded, and "
            "mend the rest: " + " ".join(list(strategies.rejected.values())[:3])
        )
    first = strategies.series[0]
    if first.values.size < _FEWEST:
        raise ValueError(f"returns has {first.values.size} periods; at least {_FEWEST} are needed.")
    for one in strategies.series:
        if one.values.size != first.values.size or not _same(one.index, first.index):
            raise ValueError(
                f"returns[{one.name!r}] is not over the same periods as {first.name!r}. Trials are "
                "compared on the same days: give each a return for every one; while it holds "
                "nothing, what cash earned, 0 if risk_free_rate is 0."
            )
    return (
        tuple(one.name for one in strategies.series),
        np.column_stack([one.values for one in strategies.series]),
        first.index,
    )


def _same(one: pd.Index[Any] | None, other: pd.Index[Any] | None) -> bool:
    return one is other or (one is not None and other is not None and one.equals(other))
