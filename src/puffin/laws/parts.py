r"""The compiled face of a law: what a sweep over latent states asks of the density of an error.

A law whose errors come of their Gaussian shock alone, :math:`\epsilon = F^{-1}(\Phi(z))`, needs no
more than this to be sampled with stochastic volatility, with leverage and without: see
`inference.latent_ar1.any_law`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes, maximum, sqrt_lanes, where_less
from puffin.laws.law import Law, Shape

__all__ = ["LawParts", "ScoredLaw", "normal_quantile"]


class LawParts(NamedTuple):
    """Parts of kernels, for eight errors at a time, each with shape parameters of its own.

    Attributes
    ----------
    prepare : (rows, place, apart) -> constants
        What is the same for all errors: a tuple, whose type is the law's own. Shape parameter
        number i is at the flat index ``place + i * apart`` of `rows`.
    log_density : (constants, error) -> eight floats
    slopes : (constants, error) -> (eight floats, eight floats)
        First and second derivative of the log density.
    tabulate : (constants, table) -> None
        Write what the normal score needs besides to an array of 32 rows of eight.
    normal_score : (constants, table, error) -> eight floats
        The Gaussian shock of the error: `normal_quantile` of its probability.
    """

    prepare: Callable[..., object]
    log_density: Callable[..., Lanes]
    slopes: Callable[..., tuple[Lanes, Lanes]]
    tabulate: Callable[..., None]
    normal_score: Callable[..., Lanes]


class ScoredLaw(Law):
    r"""A law whose errors come of their Gaussian shock alone.

    Then the shock is the normal score of the error's probability,
    :math:`z = \Phi^{-1}(F(\epsilon))`, and there is no mixing variable.
    """

    @property
    @abstractmethod
    def parts(self) -> LawParts:
        """The compiled face."""

    @abstractmethod
    def normal_score(self, x: Array, shape: Shape) -> Array:
        """Return the standard normal quantile of the probability of an error up to `x`."""

    def mixing(
        self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape
    ) -> Array:
        """Return ones; nothing is drawn."""
        return np.ones(size)

    def mixing_given(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Return ones; nothing is drawn."""
        return np.ones(np.shape(error))

    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the error at the shock's probability."""
        return self.quantile(ndtr(shock), shape)

    def shock(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Return the normal score; nothing is drawn."""
        return self.normal_score(error, shape)


_CENTRE_ABOVE = (
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
_CENTRE_BELOW = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
    2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
    5.2264952788528545610e3,
)  # fmt: skip
_NEAR_ABOVE = (
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
    3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
_NEAR_BELOW = (
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)  # fmt: skip
_FAR_ABOVE = (
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
_FAR_BELOW = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)  # fmt: skip
_FARTHEST = 27.0


@part
def _polynomial(x: Lanes, c: tuple[float, ...]) -> Lanes:
    high = c[4] + x * (c[5] + x * (c[6] + x * c[7]))
    return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * high)))


@part
def normal_quantile(prob: Lanes, log_tail: Lanes) -> Lanes:
    r"""Return the standard normal quantile of probabilities (Wichura 1988, AS 241).

    Relative error below 1e-11 down to tails of exp(-729), where it levels off.

    Parameters
    ----------
    prob : eight floats
        Between 0 and 1.
    log_tail : eight floats
        The logarithm of the smaller of `prob` and 1 - `prob`, right where these round to 0.
    """
    q = prob - 0.5
    s = 0.180625 - q * q
    r = sqrt_lanes(maximum(-log_tail, log_tail * 0.0 + math.log(2.0)))
    r = -maximum(-r, r * 0.0 - _FARTHEST)
    zero = r * 0.0
    five = zero + 5.0
    x = where_less(r, five, r - 1.6, r - 5.0)
    above = where_less(r, five, _polynomial(x, _NEAR_ABOVE), _polynomial(x, _FAR_ABOVE))
    below = where_less(r, five, _polynomial(x, _NEAR_BELOW), _polynomial(x, _FAR_BELOW))
    above = where_less(q, zero, -above, above)
    above = where_less(s, zero, above, q * _polynomial(s, _CENTRE_ABOVE))
    return above / where_less(s, zero, below, _polynomial(s, _CENTRE_BELOW))
