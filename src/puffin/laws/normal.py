"""Normal errors: the law without a shape parameter."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

from puffin.arrays import Array
from puffin.laws.law import Shape
from puffin.laws.scale_mixture import ScaleMixture

__all__ = ["Normal"]

_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


class Normal(ScaleMixture):
    r"""The standard normal distribution.

    .. math:: f(x) = \frac{1}{\sqrt{2 \pi}} e^{-x^2 / 2}, \qquad
        E[\epsilon \, 1\{\epsilon \le q\}] = -f(q)

    The error is its Gaussian shock: :math:`\epsilon = z`.
    """

    name = "normal"
    label = "normal"
    shape_names = ()

    def log_density(self, x: Array, shape: Shape) -> Array:
        """Return the log density at `x`."""
        return np.asarray(-0.5 * np.square(x) - _LOG_ROOT_TWO_PI)

    def cdf(self, x: Array, shape: Shape) -> Array:
        """Return the probability of an error up to `x`."""
        return np.asarray(ndtr(x))

    def quantile(self, prob: Array, shape: Shape) -> Array:
        """Return the error that is not exceeded with probability `prob`."""
        return np.asarray(ndtri(prob))

    def tail_expectation(self, q: Array, shape: Shape) -> Array:
        """Return the partial expectation up to `q`."""
        return np.asarray(-np.exp(self.log_density(q, shape)))

    def mixing(
        self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape
    ) -> Array:
        """Return ones, the variance of the shock; nothing is drawn."""
        return np.ones(size)

    def mixing_given(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Return ones; nothing is drawn."""
        return np.ones(np.shape(error))

    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the shock."""
        return np.asarray(shock)

    def shock(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Return the error."""
        return np.asarray(error)

    def mixing_nodes(self, shape: Shape, start: Array | float = 0.0) -> tuple[Array, Array]:
        """Return the variance of the shock, 1."""
        return np.ones(1), np.zeros(1)
