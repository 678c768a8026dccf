"""Errors whose two sides have a scale and a tail each: small gains and large losses, say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri_exp, stdtr, stdtrit

from puffin.arrays import Array
from puffin.laws.gamma_step import log_gamma_step
from puffin.laws.half_t import log_tail
from puffin.laws.law import Shape
from puffin.laws.parameter import IDENTITY, Parameter, Prior, saturating_above
from puffin.laws.parts import ScoredLaw

if TYPE_CHECKING:
    from puffin.laws.parts import LawParts

__all__ = ["AsymmetricT", "Side", "Sides", "find_sides"]


_LARGEST = 1e10
"""Degrees of freedom beyond are counted as these: the normal distribution to ten digits."""


class AsymmetricT(ScoredLaw):
    r"""A Student-t with a scale and degrees of freedom of its own on each side of the mode.

    With mode m, scales :math:`s_1, s_2` and degrees of freedom :math:`\nu_1, \nu_2 > 2`, the first
    of each for the left,

    .. math::

        f(x) = c \left(1 + \frac{(x - m)^2}{\nu_i s_i^2}\right)^{-(\nu_i + 1) / 2}, \qquad
        \frac 1 c = s_1 B(\nu_1) + s_2 B(\nu_2), \qquad
        B(\nu) = \frac{\sqrt{\nu \pi} \, \Gamma(\nu / 2)}{2 \Gamma((\nu + 1) / 2)}

    which is continuous with a continuous slope. Its parameters are the asymmetry
    :math:`\log(s_1 / s_2)`, positive where the left side is the wider one, and both degrees of
    freedom; m and the size of the scales are what makes mean 0 and variance 1. With
    :math:`p = s_1 B(\nu_1) c` the probability of the left side and :math:`A_r(\nu) = E |t_\nu|^r`,

    .. math:: E (x - m)^r = (-s_1)^r p A_r(\nu_1) + s_2^r (1 - p) A_r(\nu_2)

    Equal scales and tails make it the Student-t, infinite degrees of freedom the two-piece normal.
    (Zhu & Galbraith 2010, "A generalized asymmetric Student-t distribution with application to
    financial econometrics", Journal of Econometrics 157, have the family in other parameters;
    Fernandez & Steel 1998, "On Bayesian modeling of fat tails and skewness", Journal of the
    American Statistical Association 93, with equal tails.)

    The error is its probability's normal score: :math:`\epsilon = F^{-1}(\Phi(z))`.
    """

    name = "asymmetric"
    label = "asymmetric Student-t"
    shape_names = ("asymmetry", "nu_left", "nu_right")

    @property
    def parts(self) -> LawParts:
        """The compiled face, made when it is first asked for: that takes a few milliseconds."""
        from puffin.laws.asymmetric_parts import PARTS

        return PARTS

    def parameters(self, priors: Mapping[str, Prior]) -> tuple[Parameter, ...]:
        """Return the asymmetry, and both nu, in a coordinate that ends where they are infinite."""
        starts, bounds = (10.0, 22.0, 3.5), (0.02, 0.99999)
        lean = Parameter("asymmetry", IDENTITY, priors["asymmetry"], (0.0,) * 3, 0.1, (-6.0, 6.0))
        tails = (
            Parameter(
                name,
                saturating_above(2.0, 3.0 * priors[name].reach, 4.0),
                priors[name],
                starts,
                0.1,
                bounds,
            )
            for name in ("nu_left", "nu_right")
        )
        return (lean, *tails)

    def log_density(self, x: Array, shape: Shape) -> Array:
        """Return the log density at `x`."""
        side, distance, _ = _side_of(x, shape)
        return side.log_density(distance)

    def cdf(self, x: Array, shape: Shape) -> Array:
        """Return the probability of an error up to `x`."""
        side, distance, _ = _side_of(x, shape)
        beyond = side.beyond(distance)
        return np.where(distance < 0.0, beyond, 1.0 - beyond)

    def quantile(self, prob: Array, shape: Shape) -> Array:
        """Return the error that is not exceeded with probability `prob`."""
        return find_sides(shape).at(np.asarray(prob), 1.0 - np.asarray(prob))

    def tail_expectation(self, q: Array, shape: Shape) -> Array:
        """Return the partial expectation up to `q`, which is elementary on either side."""
        side, distance, mode = _side_of(q, shape)
        return np.asarray(-side.sign * mode * side.beyond(distance) - side.mean_beyond(distance))

    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the error whose probability is that of the shock."""
        return find_sides(shape).at(np.asarray(ndtr(shock)), np.asarray(ndtr(np.negative(shock))))

    def normal_score(self, x: Array, shape: Shape) -> Array:
        """Return the standard normal quantile of the probability of an error up to `x`."""
        side, distance, _ = _side_of(x, shape)
        return np.asarray(-side.sign * ndtri_exp(side.log_beyond(distance)))


class Side(NamedTuple):
    """One side of the mode, or for each error its own: half of a Student-t, reflected if left.

    What it is asked of is a distance to the mode; of one to the other side, it is that of the mode.
    """

    sign: float | Array
    scale: Array
    nu: Array
    share: Array
    """The probability of this side."""
    peak: Array
    """The density at the mode, which both sides have."""

    def _steps(self, distance: Array) -> Array:
        return np.asarray(np.maximum(self.sign * distance, 0.0) / self.scale)

    def _log_kernel(self, distance: Array, power: Array) -> Array:
        steps = self._steps(distance)
        return np.asarray(-power * np.log1p(steps * steps / self.nu))

    def log_density(self, distance: Array) -> Array:
        """Return the log density at a distance."""
        return np.asarray(np.log(self.peak) + self._log_kernel(distance, 0.5 * (self.nu + 1.0)))

    def beyond(self, distance: Array) -> Array:
        """Return the probability of an error farther out than a distance, on this side."""
        return np.asarray(2.0 * self.share * stdtr(self.nu, -self._steps(distance)))

    def log_beyond(self, distance: Array) -> Array:
        """Return the logarithm of `beyond`, right where that is 0 in floating point too."""
        return np.asarray(np.log(self.share) + log_tail(self._steps(distance), self.nu))

    def mean_beyond(self, distance: Array) -> Array:
        """Return the expectation of the distance where it is farther out on this side, else 0."""
        kernel = np.exp(self._log_kernel(distance, 0.5 * (self.nu - 1.0)))
        return np.asarray(self.moment(1) * kernel)

    def moment(self, power: int) -> Array:
        """Return this side's part of the first or second absolute moment about the mode."""
        squares = self.nu * self.scale**2
        if power == 1:
            return np.asarray(self.peak * squares / (self.nu - 1.0))
        return np.asarray(self.share * squares / (self.nu - 2.0))

    def at(self, beyond: Array) -> Array:
        """Return the distance beyond which this probability is; 0 if it is the side's or more."""
        return np.asarray(
            -self.sign * self.scale * stdtrit(self.nu, np.minimum(0.5 * beyond / self.share, 0.5))
        )


class Sides(NamedTuple):
    """The mode of a standardised error, and what is on either side of it."""

    mode: Array
    left: Side
    right: Side

    def at(self, below: Array, above: Array) -> Array:
        """Return the error with these probabilities below and above it, each exact if small."""
        return np.asarray(self.mode + self.left.at(below) + self.right.at(above))


def _side_of(x: Array, shape: Shape) -> tuple[Side, Array, Array]:
    """Return the side that each error is on, its distance to the mode, and the mode."""
    mode, left, right = find_sides(shape)
    distance = np.asarray(x) - mode
    below = distance < 0.0
    fields = zip(left, right, strict=True)
    return Side(*(np.where(below, one, other) for one, other in fields)), distance, mode


def find_sides(shape: Shape) -> Sides:
    """Return the mode and the sides of the error, of mean 0 and variance 1, with this shape."""
    nus = [np.minimum(shape[name], _LARGEST) for name in ("nu_left", "nu_right")]
    sizes = [np.exp(0.5 * sign * np.asarray(shape["asymmetry"])) for sign in (1.0, -1.0)]
    areas = [
        0.5 * size * np.sqrt(math.pi * nu) * np.exp(-log_gamma_step(0.5 * nu))
        for size, nu in zip(sizes, nus, strict=True)
    ]
    peak = 1.0 / (areas[0] + areas[1])
    left = Side(-1.0, sizes[0], nus[0], areas[0] * peak, peak)
    right = Side(1.0, sizes[1], nus[1], areas[1] * peak, peak)
    mean = right.moment(1) - left.moment(1)
    deviation = np.sqrt(left.moment(2) + right.moment(2) - mean**2)
    return Sides(
        -mean / deviation,
        left._replace(scale=sizes[0] / deviation, peak=peak * deviation),
        right._replace(scale=sizes[1] / deviation, peak=peak * deviation),
    )
