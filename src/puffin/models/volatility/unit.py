r"""The unit in which priors and samplers see returns, and the way back.

With returns divided by a scale s, log-variances fall by :math:`2 \log s`, means by the factor s,
and the density of n returns grows by :math:`s^n`. The logarithm of a measure of variance falls by a
level of its own; its density is that of the logarithm, whatever the measure's unit. Coefficients of
regressors are, to priors and samplers, those of regressors divided by a spread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.regressors import MEAN_COEFFICIENTS, part_of_model
from puffin.laws.parameter import Parameter
from puffin.models.volatility.priors import VolatilityPriors
from puffin.validation import NO_MEASURES, LogMeasures

__all__ = ["Unit"]

_LOG_VARIANCES = frozenset({"mu", "h_last", "h_next"})
_AS_RETURNS = ("mean", "jump_mean", "jump_sd", MEAN_COEFFICIENTS)
"""What is in the unit of the returns."""


@dataclass(frozen=True)
class Unit:
    """What is one to the priors and samplers, in the returns' own unit.

    Attributes
    ----------
    scale : float
    levels : mapping of str to float
        The logarithm of each realised measure, by its name, that is zero to the priors.
    spreads : mapping of str to float
        How much of each regressor, by the name of its coefficient, is one.
    """

    scale: float
    levels: Mapping[str, float] = field(default_factory=dict)
    spreads: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        y: Array,
        priors: VolatilityPriors,
        measures: LogMeasures = NO_MEASURES,
        spreads: Mapping[str, float] = MappingProxyType({}),
    ) -> Unit:
        """Return the unit that the priors take for these returns and measures, some missing."""
        if priors.scale != "data":
            scale = float(priors.scale)
            levels = dict.fromkeys(measures.names, 2.0 * math.log(scale))
            return cls(scale, levels, dict(spreads))
        values = np.nanmean(measures.values, axis=0).tolist()
        scale = max(float(np.nanstd(y)), abs(float(np.nanmean(y))))
        return cls(scale, dict(zip(measures.names, values, strict=True)), dict(spreads))

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
        own |= {name: own[name] / spread for name, spread in self.spreads.items() if name in own}
        own |= {name: own[name] * self.scale for name in own if _is_as_returns(name)}
        return own | {
            f"xi_{name}": own[f"xi_{name}"] + shift for name, shift in self.shifts(scaled).items()
        }

    def log_prior(self, variables: Mapping[str, Array], priors: VolatilityPriors) -> Array:
        """Return the log prior density of what is in the user's own units, for each draw."""
        known = priors.on_scaled_returns
        total = known["mu"].log_density(variables["mu"] - self.log_variance)
        for name in _AS_RETURNS:
            if name in variables:
                density = known[name].log_density(variables[name] / self.scale)
                total = total + density - math.log(self.scale)
        for name, spread in self.spreads.items():
            size = spread / self.scale if _is_as_returns(name) else spread
            prior = known[part_of_model(name)]
            total = total + prior.log_density(variables[name] * size) + math.log(size)
        for name, shift in self.shifts(variables).items():
            total = total + known["xi"].log_density(variables[f"xi_{name}"] - shift)
        return total

    def log_prior_of_all(
        self, variables: Mapping[str, Array], names: Sequence[str], priors: VolatilityPriors
    ) -> Array:
        """Return the log prior density of all parameters of these names, for each draw."""
        known, total = priors.on_scaled_returns, self.log_prior(variables, priors)
        for name in names:
            if name == "mu" or name in self.spreads or _is_as_returns(name):
                continue
            measured = name.split("_")[0]
            if name in known or measured in ("psi", "tau"):
                prior = known[name if name in known else measured]
                total = total + prior.log_density(variables[name])
        return total

    def shifts(self, variables: Mapping[str, Array]) -> dict[str, Array | float]:
        """Return what xi of each measure is more in the user's units, given its psi."""
        return {
            name: level - variables.get(f"psi_{name}", 1.0) * self.log_variance
            for name, level in self.levels.items()
        }

    def report(self, scaled: Mapping[str, float], n_known: int) -> dict[str, float]:
        """Return a sampler's report, with the density of the known returns in their own unit."""
        report = dict(scaled)
        if "log_marginal_likelihood" in report:
            report["log_marginal_likelihood"] -= n_known * math.log(self.scale)
        return report

    def start(self, start: Start, parameters: Sequence[Parameter]) -> Start:
        """Return where a sampler was, in the returns' own unit; that of nothing else changes.

        A few more returns hardly change what a measure's usual level is, and no regressor's spread.
        """
        return _times(start, self.scale, parameters)

    def scaled_start(self, start: Start, parameters: Sequence[Parameter]) -> Start:
        """Return where to start, from the returns' own unit into this one."""
        return _times(start, 1.0 / self.scale, parameters)


def _is_as_returns(name: str) -> bool:
    """Whether a parameter is in the unit of the returns, or of them and a regressor's."""
    return part_of_model(name) in _AS_RETURNS


def _times(start: Start, factor: float, parameters: Sequence[Parameter]) -> Start:
    """Return the start for returns that are `factor` times as large."""
    point, slopes = start.point.copy(), np.ones(start.point.size)
    for column, parameter in enumerate(parameters):
        if _is_as_returns(parameter.name):
            transform = parameter.transform
            ends = transform.natural(point[column] + np.array([0.0, 1.0]))
            point[column], above = transform.coordinate(factor * ends)
            # A sum or a product in the coordinate: the same slope everywhere.
            slopes[column] = above - point[column]
    covariance = start.covariance
    if covariance is not None:
        covariance = covariance * np.outer(slopes, slopes)
    return Start(point, start.states + 2.0 * math.log(factor), covariance)
