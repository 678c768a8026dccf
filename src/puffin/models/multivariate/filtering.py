"""Variances as they were known at the time, given the parameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, available_cores, streams
from puffin.inference.factor_sv.filtering import FilterParameters, Sizes, filter_log_variances
from puffin.inference.factor_sv.period import error_rarity
from puffin.inference.threads import in_threads
from puffin.models.multivariate.fitted import MOST_STATES, FittedMultivariate, observed_returns
from puffin.models.multivariate.moments import in_a_row
from puffin.validation import PricePanel

__all__ = ["FilteredStates", "filtered_states"]

_FILTERS, _BESIDE, _KEPT = 32, 4, 16


class FilteredStates(NamedTuple):
    """Draws of each period given returns up to it.

    Attributes
    ----------
    periods : Index
    loadings : ndarray of shape (n_draws, n_factors, n_assets)
    h : ndarray of float32 of shape (n_draws, n_times, n_assets + n_factors)
    """

    periods: pd.Index
    loadings: Array
    h: NDArray[np.float32]


def filtered_states(fitted: FittedMultivariate, coming: PricePanel | None) -> FilteredStates:
    """Return the filtered log-variances of the periods fitted, or of those that came after.

    A particle filter for each of some draws of the parameters, evenly spaced. Filters go through
    time in groups, each with a stream of its own, so that later returns change nothing before, nor
    does the number of cores.

    Parameters
    ----------
    fitted : FittedMultivariate
    coming : PricePanel, optional
        Returns of the same assets, in the same order, after those fitted.
    """
    past, _ = observed_returns(fitted.panel)
    index, returns = fitted.panel.index, past
    if coming is not None:
        index, returns = coming.index, np.vstack([past, _observed(fitted, coming.values)])
    first, size = len(returns) - len(index), returns.shape[0] * fitted.draws.mu.shape[2]
    kept = int(np.clip(MOST_STATES // (_FILTERS * size), 1, _KEPT))
    parameters, sizes = _parameters(fitted), Sizes.of(returns.shape[1], kept)
    groups = range(0, parameters.mu.shape[0], _BESIDE)
    own = streams(fitted.seed, len(groups), purpose=Purpose.JOINT_FILTER)

    def work(group: int) -> NDArray[np.float32]:
        rows = slice(group, group + _BESIDE)
        some = FilterParameters(*(values[rows] for values in parameters))
        found = filter_log_variances(returns, some, sizes, own[group // _BESIDE])
        return found[:, first:]

    threads = fitted.settings.cores or available_cores()
    h = np.concatenate(in_threads(work, groups, threads))
    return FilteredStates(index, np.repeat(parameters.loadings, kept, axis=0), h)


def _parameters(fitted: FittedMultivariate) -> FilterParameters:
    draws = fitted.draws
    count = draws.mu.shape[0] * draws.mu.shape[1]
    used = np.linspace(0, count - 1, min(_FILTERS, count)).astype(int)
    mean, loadings, mu, phi, sigma, nu = (
        in_a_row(values)[used]
        for values in (draws.mean, draws.loadings, draws.mu, draws.phi, draws.sigma, draws.nu)
    )
    return FilterParameters(mean, loadings, mu, phi, sigma, error_rarity(nu, loadings.shape[1]))


def _observed(fitted: FittedMultivariate, values: Array) -> Array:
    """Return new returns without the zeros of assets whose zeros the fit did not take."""
    doubtful = np.array([name in fitted.notes for name in fitted.names])
    return np.where(doubtful & (values == 0.0), np.nan, values)
