"""Student-t errors of unit variance: how fat both tails are is a parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import stdtr, stdtrit

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes
from puffin.laws.gamma_step import log_gamma_step, log_gamma_step_lanes
from puffin.laws.law import Shape
from puffin.laws.parameter import Parameter, Prior, power_above
from puffin.laws.scale_mixture import ScaleMixture
from puffin.laws.student_mixing import FINE, mixing_grid

__all__ = ["StudentT", "log_constant_lanes"]


@part
def log_constant_lanes(nu: Lanes) -> Lanes:
    """Return the log density at 0, for eight nu. Error below 1e-12."""
    return log_gamma_step_lanes(0.5 * nu) - 0.5 * log_lanes(math.pi * (nu - 2.0))


class StudentT(ScaleMixture):
    r"""Student's t with :math:`\nu > 2` degrees of freedom, scaled to variance 1.

    .. math::

        f(x) = \frac{\Gamma(\frac{\nu + 1}{2})}{\Gamma(\frac{\nu}{2}) \sqrt{(\nu - 2) \pi}}
        \left(1 + \frac{x^2}{\nu - 2}\right)^{-(\nu + 1) / 2}

    It is the usual t times :math:`\sqrt{(\nu - 2) / \nu}`, and goes to the normal law as
    :math:`\nu` grows (Bollerslev 1987, "A conditionally heteroskedastic time series model for
    speculative prices and rates of return", Review of Economics and Statistics 69). It is a scale
    mixture of normal distributions: with z the Gaussian shock,

    .. math::

        \epsilon = \sqrt{\tau} z, \quad \tau \sim IG(\tfrac{\nu}{2}, \tfrac{\nu - 2}{2}), \qquad
        \tau \mid \epsilon \sim IG(\tfrac{\nu + 1}{2}, \tfrac{\nu - 2 + \epsilon^2}{2})

    The partial expectation is the integral of x f(x), which is elementary:

    .. math:: E[\epsilon \, 1\{\epsilon \le q\}] = -\frac{\nu - 2 + q^2}{\nu - 1} f(q)
    """

    name = "student"
    label = "Student-t"
    shape_names = ("nu",)

    def parameters(self, priors: Mapping[str, Prior]) -> tuple[Parameter, ...]:
        """Return nu, in the coordinate (nu - 2)^(2/5)."""
        starts, bounds = (10.0, 22.0, 3.5), (1e-3, 1000.0)
        return (Parameter("nu", power_above(2.0, 2.5), priors["nu"], starts, 0.3, bounds),)

    def log_density(self, x: Array, shape: Shape) -> Array:
        """Return the log density at `x`."""
        return self._log_kernel(x, shape, 0.5 * (shape["nu"] + 1.0))

    def cdf(self, x: Array, shape: Shape) -> Array:
        """Return the probability of an error up to `x`."""
        nu = shape["nu"]
        return np.asarray(stdtr(nu, x * np.sqrt(nu / (nu - 2.0))))

    def quantile(self, prob: Array, shape: Shape) -> Array:
        """Return the error that is not exceeded with probability `prob`."""
        nu = shape["nu"]
        return np.asarray(stdtrit(nu, prob) * np.sqrt((nu - 2.0) / nu))

    def tail_expectation(self, q: Array, shape: Shape) -> Array:
        """Return the partial expectation up to `q`."""
        nu = shape["nu"]
        ratio = (nu - 2.0) / (nu - 1.0)
        return np.asarray(-ratio * np.exp(self._log_kernel(q, shape, 0.5 * (nu - 1.0))))

    def mixing(
        self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape
    ) -> Array:
        """Draw tau, the variance of the error given its shock."""
        nu = shape["nu"]
        return np.asarray(0.5 * (nu - 2.0) / stream.standard_gamma(0.5 * nu, size))

    def mixing_given(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Draw tau given the error: large where a return was large for its volatility."""
        nu = shape["nu"]
        rate = 0.5 * (nu - 2.0 + np.square(error))
        gamma = stream.standard_gamma(np.broadcast_to(0.5 * (nu + 1.0), np.shape(rate)))
        return np.asarray(rate / gamma)

    def mixing_nodes(self, shape: Shape, start: Array | float = 0.0) -> tuple[Array, Array]:
        """Return values of tau and the logarithms of their weights: see `student_mixing`."""
        return mixing_grid(shape["nu"], FINE, start)

    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the shock times the square root of its mixing variance."""
        return np.asarray(np.sqrt(mixing) * shock)

    def shock(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Draw tau given the error, and return the error over its square root."""
        return np.asarray(error / np.sqrt(self.mixing_given(error, stream, shape)))

    def _log_kernel(self, x: Array, shape: Shape, power: Array) -> Array:
        """Return the log of the density, with another power of its kernel."""
        nu = np.asarray(shape["nu"])
        excess = nu - 2.0
        constant = log_gamma_step(0.5 * nu) - 0.5 * np.log(math.pi * excess)
        return np.asarray(constant - power * np.log1p(np.square(x) / excess))
