r"""The unit in which priors and samplers see returns, and the way back.

With returns divided by a scale s, log-variances fall by :math:`2 \log s`, means by the factor s,
and the density of n returns grows by :math:`s^n`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.guide import Start
from puffin.models.volatility.priors import VolatilityPriors

__all__ = ["Unit"]

_LOG_VARIANCES = frozenset({"mu", "h_last", "h_next"})


@dataclass(frozen=True)
class Unit:
    """What is one to the priors and samplers, in the returns' own unit.

    Attributes
    ----------
    scale : float
    """

    scale: float

    @classmethod
    def of(cls, y: Array, priors: VolatilityPriors) -> Unit:
        """Return the unit that the priors take for these returns; NaN where one is missing."""
        if priors.scale != "data":
            return cls(float(priors.scale))
        return cls(max(float(np.nanstd(y)), abs(float(np.nanmean(y)))))

    @property
    def log_variance(self) -> float:
        """What a log-variance in this unit is more in the returns' own."""
        return 2.0 * math.log(self.scale)

    def variables(self, scaled: Mapping[str, Array]) -> dict[str, Array]:
        """Return draws of one number each, in the returns' own unit."""
        own = {
            name: values + self.log_variance if name in _LOG_VARIANCES else values
            for name, values in scaled.items()
        }
        if "mean" in own:
            own["mean"] = own["mean"] * self.scale
        return own

    def report(self, scaled: Mapping[str, float], n_known: int) -> dict[str, float]:
        """Return a sampler's report, with the density of the known returns in their own unit."""
        report = dict(scaled)
        if "log_marginal_likelihood" in report:
            report["log_marginal_likelihood"] -= n_known * math.log(self.scale)
        return report

    def start(self, start: Start, constant_mean: bool) -> Start:
        """Return where a sampler was, in the returns' own unit."""
        return _times(start, self.scale, constant_mean)

    def scaled_start(self, start: Start, constant_mean: bool) -> Start:
        """Return where to start, from the returns' own unit into this one."""
        return _times(start, 1.0 / self.scale, constant_mean)


def _times(start: Start, factor: float, constant_mean: bool) -> Start:
    """Return the start for returns that are `factor` times as large."""
    point = start.point.copy()
    if constant_mean:
        point[0] *= factor
    return Start(point, start.states + 2.0 * math.log(factor))
