"""Whether draws can be trusted: effective sample sizes and R-hat.

The rank-normalised estimates of Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), as ArviZ
computes them, and tested against it. They are here because a first call would otherwise wait most
of a second for ArviZ to be imported, and later ones several times as long for the numbers.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from puffin.arrays import Array

__all__ = [
    "ConvergenceWarning",
    "diagnose",
    "effective_size",
    "effective_size_of_squares",
    "monte_carlo_error",
    "warn_unless_converged",
]

_TAIL = 0.1
_LARGEST_R_HAT = 1.05
_LEAST_ESS = 50.0
_LEAST_DRAWS = 4


class ConvergenceWarning(UserWarning):
    """The chains disagree, or have too few effective draws."""


def diagnose(draws: Array) -> dict[str, float]:
    """Return ess_bulk, ess_tail and r_hat of one scalar's draws, shape (n_chains, n_draws).

    With fewer than four draws a chain they are undefined: the effective sizes are then 0, and
    R-hat infinite. A constant counts as fully known.
    """
    if draws.shape[1] < _LEAST_DRAWS:
        return {"ess_bulk": 0.0, "ess_tail": 0.0, "r_hat": float("inf")}
    if np.ptp(draws) == 0.0:
        return {"ess_bulk": float(draws.size), "ess_tail": float(draws.size), "r_hat": 1.0}
    halves = _split(draws)
    order = np.argsort(halves, axis=None)
    ordered = halves.ravel()[order]
    normal = _normal_scores(order, ordered).reshape(halves.shape)
    folded = np.abs(ordered - _middle(ordered))
    # What is folded falls, then rises: a merge sort needs one pass.
    refolded = np.argsort(folded, kind="stable")
    folded_normal = _normal_scores(order[refolded], folded[refolded]).reshape(halves.shape)
    tails = [_split(draws <= bound) for bound in np.quantile(draws, (_TAIL, 1.0 - _TAIL))]
    return {
        "ess_bulk": effective_size(normal),
        "ess_tail": min(effective_size(tail.astype(np.float64)) for tail in tails),
        "r_hat": max(_r_hat(normal), _r_hat(folded_normal)),
    }


def monte_carlo_error(draws: Array) -> float:
    """Return the standard error of the mean of draws, shape (n_chains, n_draws).

    Infinite with fewer than four draws a chain, where nothing is known of it.
    """
    if draws.shape[1] < _LEAST_DRAWS:
        return float("inf")
    spread = float(draws.std())
    return spread / float(np.sqrt(effective_size(_split(draws)))) if spread > 0.0 else 0.0


def effective_size_of_squares(draws: Array) -> float:
    """Return the effective number of draws of (x - mean)^2, which a standard deviation is about.

    Of `draws` of one scalar, shape (n_chains, n_draws). Antithetic draws have the errors of means
    cancel and say of spread the same twice, so that this can be far below `ess_bulk`. With fewer
    than four draws a chain it is 0.
    """
    if draws.shape[1] < _LEAST_DRAWS:
        return 0.0
    return effective_size(_split((draws - draws.mean()) ** 2))


def _split(draws: Array) -> Array:
    """Cut each chain into halves, without the middle draw of an odd number."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _middle(ordered: Array) -> float:
    """Return the median of sorted numbers."""
    return float(0.5 * (ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]))


def _normal_scores(order: NDArray[np.intp], ordered: Array) -> Array:
    """Return normal quantiles of the ranks of draws; ties share theirs.

    Parameters
    ----------
    order : ndarray of int
        What sorts the draws.
    ordered : ndarray
        The sorted draws.
    """
    first_of_tie = np.empty(ordered.size, bool)
    first_of_tie[0], first_of_tie[1:] = True, ordered[1:] != ordered[:-1]
    starts = np.append(np.flatnonzero(first_of_tie), ordered.size)
    twice_the_rank = np.repeat(starts[:-1] + starts[1:] + 1, np.diff(starts))
    scores = np.empty(ordered.size)
    scores[order] = _scores_of_ranks(ordered.size)[twice_the_rank - 2]
    return scores


@functools.lru_cache(maxsize=4)
def _scores_of_ranks(count: int) -> Array:
    """Return the normal scores of ranks 1, 3/2, 2, ..., `count`: the same for every scalar."""
    ranks = np.arange(2.0, 2.0 * count + 1.0) / 2.0
    return np.asarray(ndtri((ranks - 0.375) / (count + 0.25)))


def _r_hat(chains: Array) -> float:
    """Return the square root of total over within-chain variance."""
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = chains.mean(axis=1).var(ddof=1)
    return float(np.sqrt((n - 1) / n + between / within)) if within > 0.0 else float("inf")


def effective_size(chains: Array) -> float:
    """Return the effective number of draws, by Geyer's (1992) initial monotone sequence."""
    m, n = chains.shape
    autocovariance = _mean_autocovariance(chains)
    within = autocovariance[0] * n / (n - 1)
    total = autocovariance[0] + chains.mean(axis=1).var(ddof=1)
    if total == 0.0:
        return float(m * n)
    correlation = 1.0 - (within - autocovariance) / total
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(axis=1)[: max((n - 1) // 2, 1)]
    ends = np.flatnonzero(pairs <= 0.0)
    kept = int(ends[0]) if ends.size else pairs.size - 1
    monotone = np.minimum.accumulate(pairs[:kept])
    time = -1.0 + 2.0 * monotone.sum() + max(correlation[2 * kept], 0.0)
    return float(m * n / max(time, 1.0 / np.log10(m * n)))


def _fast_length(least: int) -> int:
    """Return the first number from `least` on that has no prime factors but 2, 3 and 5.

    Fourier transforms of such lengths are fast. No more than three factors 3 and 5 each.
    """
    odd = [threes * fives for threes in (1, 3, 9, 27) for fives in (1, 5, 25, 125)]
    return min(factor << (-(-least // factor) - 1).bit_length() for factor in odd)


def _mean_autocovariance(chains: Array) -> Array:
    """Return the autocovariance at each lag, the mean over chains."""
    n = chains.shape[1]
    size = _fast_length(2 * n - 1)
    spectrum = np.fft.rfft(chains - chains.mean(axis=1, keepdims=True), size, axis=1)
    power = np.mean(spectrum.real**2 + spectrum.imag**2, axis=0)
    return np.asarray(np.fft.irfft(power, size)[:n] / n)


def warn_unless_converged(diagnostics: Mapping[str, Mapping[str, float]], draws: int) -> None:
    """Warn of the parameters whose R-hat is above 1.05 or whose bulk ESS is below 50.

    `draws` is the number of draws in all; below 200 they are too few to be judged.
    """
    if draws < 4 * _LEAST_ESS:
        warnings.warn(
            f"Only {draws} draws in all: too few to tell whether they have converged, or to rely "
            "on intervals. Raise samples.",
            ConvergenceWarning,
            stacklevel=3,
        )
        return
    bad = {
        name: values
        for name, values in diagnostics.items()
        if not values["r_hat"] < _LARGEST_R_HAT or not values["ess_bulk"] > _LEAST_ESS
    }
    if bad:
        name, values = max(bad.items(), key=lambda item: item[1]["r_hat"])
        warnings.warn(
            f"{len(bad)} of {len(diagnostics)} parameters have not converged; the worst is {name} "
            f"(R-hat {values['r_hat']:.3f}, {values['ess_bulk']:.0f} effective draws). "
            "Raise tune and samples, and do not rely on this result.",
            ConvergenceWarning,
            stacklevel=3,
        )
