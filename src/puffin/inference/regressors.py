r"""Regressors of returns' mean and of their log-variance, and their coefficients.

.. math:: y_t = \text{mean} + x_t' b + e^{(z_t' g + s_t) / 2} \epsilon_t

with s the chain of log-variances that there is without regressors. Given b and g,
:math:`y_t - x_t' b` is a return of the model without them, whose log-variance is
:math:`z_t' g + s_t`: what is known of such returns serves for these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.laws.parameter import IDENTITY, Parameter, Prior

__all__ = [
    "MEAN_COEFFICIENTS",
    "NOTHING_EXPLAINED",
    "NO_COEFFICIENTS",
    "VARIANCE_COEFFICIENTS",
    "Coefficients",
    "Design",
    "Explained",
    "part_of_model",
]

MEAN_COEFFICIENTS, VARIANCE_COEFFICIENTS = "mean_coefficients", "variance_coefficients"
"""What b and g are called."""

_USUAL_WIDTH = 0.1
_LOG_CHI_SQUARED, _LEAST_SQUARE = 4.93, 0.01
"""Variance of the logarithm of a squared standard normal error; the share that is added to all."""


class Design(NamedTuple):
    """Values of regressors.

    Attributes
    ----------
    of_mean, of_variance : ndarray of shape (n_times, n)
        x and z.
    """

    of_mean: Array
    of_variance: Array

    def at(self, times: slice | NDArray[np.intp]) -> Design:
        """Return those of some times."""
        return Design(self.of_mean[times], self.of_variance[times])


class Explained(NamedTuple):
    """What regressors explain, draw by draw.

    Attributes
    ----------
    mean, log_variance : ndarray
        x'b and z'g: times along the last axis, draws along those before, or zero.
    """

    mean: Array
    log_variance: Array

    def at(self, time: int) -> Explained:
        """Return what is explained at one time, an array of all draws each."""
        return Explained(self.mean[..., time], self.log_variance[..., time])

    def of_draws(self) -> Explained:
        """Return what is explained at one time, for arrays of which a row is of a draw."""
        return Explained(self.mean[..., None], self.log_variance[..., None])


NOTHING_EXPLAINED = Explained(np.zeros(()), np.zeros(()))
"""At one time."""


@dataclass(frozen=True)
class Coefficients:
    """The coefficients b and g, by the names of their regressors.

    Attributes
    ----------
    of_mean, of_variance : tuple of str
    """

    of_mean: tuple[str, ...] = ()
    of_variance: tuple[str, ...] = ()

    @property
    def in_mean(self) -> tuple[str, ...]:
        """The names of b, as parameters of a model."""
        return tuple(f"{MEAN_COEFFICIENTS}[{name}]" for name in self.of_mean)

    @property
    def in_variance(self) -> tuple[str, ...]:
        """The names of g."""
        return tuple(f"{VARIANCE_COEFFICIENTS}[{name}]" for name in self.of_variance)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, b first."""
        return self.in_mean + self.in_variance

    def parameters(self, priors: Mapping[str, Prior]) -> list[Parameter]:
        """Return them with the priors of the parts that they are of."""
        return [
            Parameter(name, IDENTITY, priors[part_of_model(name)], (0.0, 0.0, 0.0), _USUAL_WIDTH)
            for name in self.names
        ]

    def explained_at(self, time: int, design: Design, parameters: Mapping[str, Array]) -> Explained:
        """Return what regressors explain at one time given draws, in an array of these."""
        if not self.names:
            return NOTHING_EXPLAINED
        time = range(design.of_mean.shape[0])[time]
        return self.explained(design.at(slice(time, time + 1)), parameters).at(0)

    def explained(self, design: Design, parameters: Mapping[str, Array]) -> Explained:
        """Return what regressors explain given draws: of shape (..., n_times) each.

        A part without regressors is zero.
        """
        return Explained(
            _product(design.of_mean, [parameters[name] for name in self.in_mean]),
            _product(design.of_variance, [parameters[name] for name in self.in_variance]),
        )

    def located(self, y: Array, design: Design, priors: Mapping[str, Prior]) -> dict[str, float]:
        """Return where to look for them: regressions of returns, and of the log of their squares.

        Coefficients are drawn towards zero as their priors have it.

        Parameters
        ----------
        y : ndarray of shape (n_times,)
            NaN where a return is missing.
        """
        known = np.isfinite(y)
        x, z = (values[known] - values[known].mean(axis=0) for values in design)
        error = y[known] - y[known].mean()
        variance = float(error.var())
        b = _ridge(x, error, variance, priors[MEAN_COEFFICIENTS])
        error = error - x @ b
        log_square = np.log(error**2 + _LEAST_SQUARE * variance)
        g = _ridge(z, log_square, _LOG_CHI_SQUARED, priors[VARIANCE_COEFFICIENTS])
        return dict(zip(self.names, [*b.tolist(), *g.tolist()], strict=True))


NO_COEFFICIENTS = Coefficients()


def part_of_model(name: str) -> str:
    """Return which coefficients one is of, by the name that it has as a parameter."""
    return name.partition("[")[0]


def _product(values: Array, coefficients: list[Array]) -> Array:
    if not coefficients:
        return np.zeros(values.shape[0])
    return np.stack(coefficients, axis=-1) @ values.T


def _ridge(values: Array, target: Array, variance: float, prior: Prior) -> Array:
    """Return the mean of coefficients of centred values, errors of this variance given."""
    precision = values.T @ values / variance + np.eye(values.shape[1]) / prior.reach**2
    return np.asarray(np.linalg.solve(precision, values.T @ target / variance))
