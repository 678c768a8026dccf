"""Whether draws can be trusted: effective sample sizes and R-hat (Vehtari et al. 2021)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
from arviz_stats.base import array_stats

from puffin.inference.arrays import Array

__all__ = ["ConvergenceWarning", "diagnose", "warn_unless_converged"]

_TAIL = 0.1
_LARGEST_R_HAT = 1.05
_LEAST_ESS = 50.0
_LEAST_DRAWS = 4


class ConvergenceWarning(UserWarning):
    """The chains disagree, or have too few effective draws."""


def diagnose(draws: Array) -> dict[str, float]:
    """Return ess_bulk, ess_tail and r_hat of one scalar's draws, shape (n_chains, n_draws).

    With fewer than four draws a chain they are undefined: the effective sizes are then 0, and
    R-hat infinite. A constant counts as fully known: one effective draw each, R-hat 1.
    """
    if draws.shape[1] < _LEAST_DRAWS:
        return {"ess_bulk": 0.0, "ess_tail": 0.0, "r_hat": float("inf")}
    if np.ptp(draws) == 0.0:
        return {"ess_bulk": float(draws.size), "ess_tail": float(draws.size), "r_hat": 1.0}
    several = draws.shape[0] > 1
    halves = draws if several else draws[:, : draws.shape[1] // 2 * 2].reshape(2, -1)
    return {
        "ess_bulk": float(array_stats.ess(draws)),
        "ess_tail": float(array_stats.ess(draws, method="tail", prob=_TAIL)),
        "r_hat": float(array_stats.rhat(halves)),
    }


def warn_unless_converged(diagnostics: Mapping[str, Mapping[str, float]], draws: int) -> None:
    """Warn of the parameters whose R-hat is above 1.05 or whose bulk ESS is below 50.

    `draws` is the number of draws in all: a run of fewer than a few hundred cannot be judged.
    """
    if draws < 4 * _LEAST_ESS:
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
