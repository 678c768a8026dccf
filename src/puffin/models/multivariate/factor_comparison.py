"""How many factors? As many as forecast best."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.multivariate.checks import (
    LEAST_RETURNS,
    check_enough_returns,
    check_factors,
)
from puffin.models.multivariate.fitted import observed_returns
from puffin.models.multivariate.model import MultivariateSV
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import ConvergenceWarning
from puffin.validation import PricePanel, as_return_panel, positive_integer, row_label

__all__ = ["compare_factors"]


def compare_factors(
    returns: Any,
    factors: Sequence[int] = (0, 1, 2, 3),
    *,
    held_out: int = 126,
    refit_every: int = 21,
    window: int | None = None,
    priors: VolatilityPriors | None = None,
    distribution: str = "normal",
    samples: int = 500,
    tune: int = 500,
    chains: int = 2,
    cores: int | None = None,
    random_seed: Seed = None,
    date: str | None = None,
) -> pd.DataFrame:
    """Compare numbers of factors by how well they forecast returns that they have not been given.

    Each `MultivariateSV` is fitted to the returns up to each of the dates that are `refit_every`
    periods apart, and asked for the joint log density of the returns until the next
    (`MultivariateSV.log_predictive_density`).

    Parameters
    ----------
    returns : DataFrame (pandas or polars), or array-like of shape (n_times, n_assets)
    factors : sequence of int
    held_out : int, default 126
        How many of the last periods are forecast.
    refit_every : int, default 21
        Each fit takes seconds: there are ``held_out / refit_every`` for each number of factors.
    window : int, optional
        Fit so many returns at a time; by default all there were.
    priors : VolatilityPriors, optional
    distribution : {"normal", "student"}
        Of errors.
    samples, tune, chains, cores, random_seed, date : optional
        As of `MultivariateSV.fit`.

    Returns
    -------
    DataFrame
        By number of factors: `log_score`, the mean log density a period (higher is better);
        `difference` from the best one's, zero or below; `error`, the standard error of that
        difference as if periods were independent; `not_converged`, in how many of the fits chains
        disagree.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid.

    Examples
    --------
    >>> import puffin as pf
    >>> from puffin.models.stochastic_vol import compare_factors
    >>> names = ["AAPL", "MSFT", "JPM", "BAC"]
    >>> returns = pf.datasets.load_equities()[names].pct_change().dropna()[-400:]
    >>> compare_factors(returns, [0, 1, 2], random_seed=1)  # doctest: +SKIP
    """
    models = {
        count: MultivariateSV(count, priors=priors, distribution=distribution) for count in factors
    }
    panel = as_return_panel(returns, date=date)
    held_out = positive_integer("held_out", held_out)
    refit_every = positive_integer("refit_every", refit_every)
    window = None if window is None else positive_integer("window", window, minimum=LEAST_RETURNS)
    first = len(panel.values) - held_out
    if first < LEAST_RETURNS or not models:
        raise ValueError(
            f"held_out={held_out} of {len(panel.values)} returns, and factors={factors!r}: give at "
            "least one number of factors, and leave returns to fit."
        )
    for count in models:
        check_factors(count, len(panel.names))
    fits = {
        start: slice(0 if window is None else max(0, start - window), start)
        for start in range(first, len(panel.values), refit_every)
    }
    for rows in fits.values():
        _check_returns(panel[rows])
    seed, frame, scores, doubtful = fixed_seed(random_seed), panel.frame, {}, {}
    for count, model in models.items():
        found, doubtful[count] = [], 0
        for start, rows in fits.items():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                model.fit(
                    frame.iloc[rows], samples, tune, chains=chains, cores=cores, random_seed=seed
                )
            doubtful[count] += any(issubclass(one.category, ConvergenceWarning) for one in caught)
            coming = frame.iloc[start : start + refit_every].to_numpy()
            found.append(model.fitted.paths(len(coming)).log_densities(coming))
        scores[count] = np.concatenate(found)
    return _table(scores, doubtful)


def _table(scores: dict[int, Array], doubtful: dict[int, int]) -> pd.DataFrame:
    best = max(scores.values(), key=lambda one: float(one.mean()))
    table = {
        count: {
            "log_score": one.mean(),
            "difference": (one - best).mean(),
            "error": (one - best).std(ddof=1) / np.sqrt(one.size) if one.size > 1 else np.nan,
            "not_converged": doubtful[count],
        }
        for count, one in scores.items()
    }
    return pd.DataFrame(table).T.rename_axis("factors").astype({"not_converged": int})


def _check_returns(fitted: PricePanel) -> None:
    """Refuse what one of the fits would, before the first."""
    rows = f"{row_label(fitted.index[0])} to {row_label(fitted.index[-1])}"
    among = (
        f" in {rows}, which is one of the fits; leave it out, or "
        "take a smaller held_out or a larger window"
    )
    check_enough_returns(fitted, among)
    try:
        observed_returns(fitted)
    except ValueError as error:
        raise ValueError(f"In {rows}, which is one of the fits: {error}") from None
