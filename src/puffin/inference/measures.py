r"""Measures of log-variances, observed beside returns.

.. math:: \log M_t = \xi + \psi h_t + \tau u_t, \qquad u_t \sim N(0, 1)

(Takahashi, Omori & Watanabe 2009, "Estimating stochastic volatility models using daily returns and
realized volatility simultaneously", Computational Statistics & Data Analysis 53). :math:`\xi` takes
in the measure's unit and bias, the hours that it leaves out among them; :math:`\psi` how far it
moves when the log-variance does, which is as far, 1, for a measure of the period's own variance;
:math:`\tau` its noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.laws.parameter import IDENTITY, Parameter, Prior, power_above

__all__ = ["Measure", "draw_measured_state"]

_TAU, _BOUNDS_OF_TAU = power_above(0.0, 1.5), (2e-3, 8.0)
"""Where a measure has hardly any noise, tau is cut off at zero with a density that is flat there: a
square would leave a long tail to the left, tau itself no mode."""
_LEAST_TAU, _USUAL_TAU, _MOST_TAU = 0.02, 0.5, 5.0


@dataclass(frozen=True)
class Measure:
    """One measure of log-variances, and what its parameters are called.

    Attributes
    ----------
    name : str
    free : bool
        Whether psi is estimated; it is 1 otherwise.
    """

    name: str
    free: bool

    @property
    def names(self) -> tuple[str, str, str]:
        """The names of xi, psi and tau."""
        return f"xi_{self.name}", f"psi_{self.name}", f"tau_{self.name}"

    @property
    def estimated(self) -> tuple[str, ...]:
        """The names of those that are estimated."""
        return tuple(name for name in self.names if name not in self.fixed)

    def parameters(self, priors: Mapping[str, Prior]) -> list[Parameter]:
        """Return what is estimated, with the priors of `xi`, `psi` and `tau`."""
        xi, psi, tau = self.names
        return [
            Parameter(xi, IDENTITY, priors["xi"], (0.0, 0.0, 0.0), 0.1),
            *[Parameter(psi, IDENTITY, priors["psi"], (1.0, 1.0, 1.0), 0.1)] * self.free,
            Parameter(tau, _TAU, priors["tau"], (_USUAL_TAU,) * 3, 0.05, _BOUNDS_OF_TAU),
        ]

    @property
    def fixed(self) -> dict[str, float]:
        """What is not estimated."""
        return {} if self.free else {self.names[1]: 1.0}

    def located(self, x: Array, log_variance: float) -> dict[str, float]:
        """Return where to look for xi and tau.

        Parameters
        ----------
        x : ndarray of shape (n_times,)
            The measure's logarithm, NaN where it is missing.
        log_variance : float
            Of the returns.
        """
        xi, _, tau = self.names
        steps = np.diff(x)
        steps = steps[np.isfinite(steps)]
        noise = float(steps.std()) / math.sqrt(2.0) if steps.size > 2 else _USUAL_TAU
        level = float(np.nanmean(x)) - log_variance
        return {xi: level, tau: min(max(noise, _LEAST_TAU), _MOST_TAU)}

    def given(self, parameters: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """Return psi, xi and tau among draws of a model's parameters."""
        xi, psi, tau = self.names
        return parameters.get(psi, 1.0), parameters[xi], parameters[tau]


def draw_measured_state(
    moments: tuple[Array, Array],
    log_measures: Array,
    measures: Sequence[Measure],
    parameters: Mapping[str, Array],
    stream: np.random.Generator,
) -> tuple[Array, Array]:
    """Draw a state that is Gaussian but for its measures; return the log-density of these as well.

    Given the measures it is Gaussian again: with v = tau^2 + psi^2 s^2 the variance of a measure,
    and r what it is above its mean, the state's mean rises by psi s^2 r / v, and its variance s^2
    falls to s^2 tau^2 / v.

    Parameters
    ----------
    moments : tuple of ndarray
        Mean and standard deviation of the state before its measures are known; of one shape.
    log_measures : ndarray of shape (n_measures,)
        NaN where one is missing.
    parameters : mapping of str to ndarray
        Those of the measures; each broadcasts with the moments.
    """
    mean, sd = moments
    variance, total = sd * sd, np.zeros_like(mean)
    for measure, x in zip(measures, log_measures.tolist(), strict=True):
        if math.isnan(x):
            continue
        psi, xi, tau = measure.given(parameters)
        spread = tau * tau + psi * psi * variance
        error = x - xi - psi * mean
        total = total - 0.5 * (error * error / spread + np.log(2.0 * math.pi * spread))
        mean = mean + psi * variance * error / spread
        variance = variance * tau * tau / spread
    return mean + np.sqrt(variance) * stream.standard_normal(mean.shape), total
