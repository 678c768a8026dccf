r"""How much a posterior leans on its prior, from the draws that there are.

With the prior's weight multiplied by :math:`\alpha`, the posterior is
:math:`p(\theta)^\alpha p(y | \theta)`: that of the draws that there are, each with the weight
:math:`p(\theta)^{\alpha - 1}`. So no refit is needed, as long as the weights are not all with a few
draws, which their Pareto k-hat says (Kallioinen, Paananen, Bürkner & Vehtari 2024, "Detecting and
diagnosing prior and likelihood sensitivity with power-scaling", Statistics and Computing 34).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.pareto import pareto_k_hat

__all__ = ["PowerScaling", "PriorSensitivity"]

_HALF, _DOUBLE = 0.5, 2.0
_WORST_K_HAT = 0.7
_FEWEST_EFFECTIVE = 50.0
_NOTHING, _LITTLE = 0.1, 0.3


@dataclass(frozen=True)
class PriorSensitivity:
    """What a posterior mean becomes where the prior counts half as much, and twice.

    Attributes
    ----------
    mean, std : float
        Of the posterior as it is.
    halved, doubled : float
        The mean, with the prior's weight halved and doubled.
    pareto_k_hat : float
        Of the heavier of the two sets of weights; infinite where few draws have all the weight.
    """

    mean: float
    std: float
    halved: float
    doubled: float
    pareto_k_hat: float

    @property
    def move(self) -> float:
        """How far the mean moves where the prior counts twice."""
        return self.doubled - self.mean

    @property
    def deviations(self) -> float:
        """How far the mean moves either way, at the most, in posterior standard deviations."""
        farthest = max(abs(self.move), abs(self.halved - self.mean))
        return farthest / self.std if self.std > 0.0 else 0.0

    @property
    def is_known(self) -> bool:
        """Whether the draws reach as far as the prior would move them."""
        found = math.isfinite(self.halved) and math.isfinite(self.doubled)
        return found and self.pareto_k_hat <= _WORST_K_HAT

    @property
    def verdict(self) -> str:
        """What to make of it, in a few words."""
        if not self.is_known:
            return "farther than these draws reach: the prior decides much of it"
        if self.deviations < _NOTHING:
            return "nothing to worry about"
        if self.deviations < _LITTLE:
            return "little beside what is not known anyway"
        return "the prior decides part of it"

    @property
    def is_small(self) -> bool:
        """Whether the move is small beside what is not known anyway."""
        return self.is_known and self.deviations < _LITTLE


@dataclass(frozen=True)
class PowerScaling:
    """The draws of one posterior, with weights as if the prior counted half as much, and twice."""

    halved: Array
    doubled: Array
    pareto_k_hat: float

    @classmethod
    def of(cls, log_prior: Array) -> PowerScaling:
        """Weigh draws.

        Parameters
        ----------
        log_prior : ndarray of shape (n_chains, n_draws)
            Log density of the prior at each draw; a constant may be missing.
        """
        flat = np.asarray(log_prior, dtype=np.float64).ravel()
        logs = [(alpha - 1.0) * (flat - flat.mean()) for alpha in (_HALF, _DOUBLE)]
        halved, doubled = (_smoothed(flat, alpha) for alpha in (_HALF, _DOUBLE))
        return cls(halved, doubled, max(_heaviness(one) for one in logs))

    def sensitivity(self, draws: Array) -> PriorSensitivity:
        """Return how much the mean of some draws leans on the prior.

        Parameters
        ----------
        draws : ndarray
            Of as many values as the log prior's, in their order.
        """
        flat = np.asarray(draws, dtype=np.float64).ravel()
        return PriorSensitivity(
            mean=float(flat.mean()),
            std=float(flat.std(ddof=1)) if flat.size > 1 else 0.0,
            halved=float(self.halved @ flat),
            doubled=float(self.doubled @ flat),
            pareto_k_hat=self.pareto_k_hat,
        )


def _heaviness(log_weights: Array) -> float:
    """Return k-hat, and infinity where so few draws have all the weight that it has no tail."""
    weights = np.exp(log_weights - log_weights.max())
    effective = float(weights.sum() ** 2 / (weights @ weights))
    return pareto_k_hat(log_weights) if effective >= _FEWEST_EFFECTIVE else math.inf


def _smoothed(log_prior: Array, alpha: float) -> Array:
    """Return Pareto-smoothed weights that sum to one."""
    from arviz_stats.base import array_stats

    if np.ptp(log_prior) == 0.0:
        return np.full(log_prior.size, 1.0 / log_prior.size)
    with np.errstate(all="ignore"):  # weights of one draw have no tail to be smoothed
        logs = np.asarray(array_stats.power_scale_lw(log_prior[None], alpha, axis=-1))
    weights = np.exp(logs - logs.max()).ravel()
    return np.asarray(weights / weights.sum())
