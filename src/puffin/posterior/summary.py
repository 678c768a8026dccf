"""Tables of posteriors."""

from __future__ import annotations

from collections.abc import Mapping

from puffin.arrays import Array
from puffin.inference.chains import available_cores
from puffin.inference.threads import in_threads
from puffin.posterior.diagnostics import diagnose
from puffin.posterior.intervals import highest_density_interval

__all__ = ["Summary", "summarise"]

Summary = dict[str, dict[str, float]]


def summarise(scalars: Mapping[str, Array], hdi_prob: float) -> Summary:
    """Return mean, sd, hdi_low, hdi_high, ess_bulk, ess_tail and r_hat of each scalar.

    Parameters
    ----------
    scalars : mapping of str to ndarray of shape (n_chains, n_draws)
    """
    rows = in_threads(
        lambda draws: _summarise_one(draws, hdi_prob), scalars.values(), available_cores()
    )
    return dict(zip(scalars, rows, strict=True))


def _summarise_one(draws: Array, hdi_prob: float) -> dict[str, float]:
    low, high = highest_density_interval(draws.ravel(), hdi_prob)
    return {
        "mean": float(draws.mean()),
        "sd": float(draws.std(ddof=1)) if draws.size > 1 else 0.0,
        "hdi_low": float(low),
        "hdi_high": float(high),
        **diagnose(draws),
    }
