r"""A parameter of a model: its prior, and a coordinate in which it is any real number.

A sampler moves in coordinates x whose posteriors are nearly normal, and the parameter is a function
of x, increasing or, at an end of its range, flat. The prior density of x is that of the parameter
times the slope. Which coordinate is best is a matter of the posterior's tails:

- sigma = x^2 and nu = 2 + x^(5/2) are nearly normal in x be they cut off at the end of the range,
  as sigma is where volatility may be constant, or far from it; a logarithm has a long tail to the
  left there.
- nu = 2 + c u / (1 - u), u = x^4, ends at infinity: the likelihood of one side's tail, known from
  half of the data, is flat from some nu on, and nearly quadratic in 1 / nu.
- atanh phi has a long tail towards 1; phi = sin x ends there, as a square root does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import betaln

from puffin.arrays import Array

__all__ = [
    "EXPONENTIAL",
    "IDENTITY",
    "SINE",
    "SQUARE",
    "TANH",
    "BetaPrior",
    "ExponentialPrior",
    "HalfNormalPrior",
    "LogNormalPrior",
    "NormalPrior",
    "Parameter",
    "Prior",
    "SharePrior",
    "Transform",
    "power_above",
    "saturating_above",
]


class Prior(Protocol):
    """A prior distribution of one parameter."""

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value, its constant included."""

    @property
    def reach(self) -> float:
        """How far from its centre, or from its least value, most of it is."""


@dataclass(frozen=True)
class NormalPrior(Prior):
    """Normal, about zero unless it has another centre."""

    sd: float
    centre: float = 0.0

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value."""
        constant = math.log(self.sd * math.sqrt(2.0 * math.pi))
        return np.asarray(-0.5 * ((value - self.centre) / self.sd) ** 2 - constant)

    @property
    def reach(self) -> float:
        """The standard deviation."""
        return self.sd


@dataclass(frozen=True)
class HalfNormalPrior(Prior):
    """The absolute value of a normal variable with this standard deviation."""

    sd: float

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value, none of them negative."""
        return NormalPrior(self.sd).log_density(value) + math.log(2.0)

    @property
    def reach(self) -> float:
        """That of the normal variable."""
        return self.sd


@dataclass(frozen=True)
class ExponentialPrior(Prior):
    """`least` plus an exponential variable with this mean."""

    mean: float
    least: float = 0.0

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value, none of them below `least`."""
        return np.asarray(-(value - self.least) / self.mean - math.log(self.mean))

    @property
    def reach(self) -> float:
        """The mean above `least`."""
        return self.mean


@dataclass(frozen=True)
class BetaPrior(Prior):
    """Of a value between -1 and 1: (value + 1) / 2 ~ Beta(a, b)."""

    a: float
    b: float

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value between -1 and 1."""
        constant = (self.a + self.b - 1.0) * math.log(2.0) + betaln(self.a, self.b)
        powers = (self.a - 1.0) * np.log1p(value) + (self.b - 1.0) * np.log1p(-value)
        return np.asarray(powers - constant)

    @property
    def reach(self) -> float:
        """All of it."""
        return 1.0


@dataclass(frozen=True)
class SharePrior(Prior):
    """Beta(a, b), of a probability."""

    a: float
    b: float

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value between 0 and 1."""
        powers = (self.a - 1.0) * np.log(value) + (self.b - 1.0) * np.log1p(-value)
        return np.asarray(powers - betaln(self.a, self.b))

    @property
    def reach(self) -> float:
        """The mean."""
        return self.a / (self.a + self.b)


@dataclass(frozen=True)
class LogNormalPrior(Prior):
    """Log-normal: its logarithm has this standard deviation about that of the median."""

    median: float
    log_sd: float

    def log_density(self, value: Array) -> Array:
        """Return the log density at each value above 0."""
        log_value = np.log(value)
        return NormalPrior(self.log_sd).log_density(log_value - math.log(self.median)) - log_value

    @property
    def reach(self) -> float:
        """The median."""
        return self.median


@dataclass(frozen=True)
class Transform:
    """A parameter as a function of its coordinate, the inverse, and the logarithm of the slope."""

    natural: Callable[[Array], Array]
    coordinate: Callable[[Array], Array]
    log_slope: Callable[[Array], Array]


IDENTITY = Transform(lambda x: x, lambda value: value, np.zeros_like)
EXPONENTIAL = Transform(np.exp, np.log, lambda x: x)
SINE = Transform(np.sin, np.arcsin, lambda x: np.log(np.cos(x)))
TANH = Transform(np.tanh, np.arctanh, lambda x: -2.0 * np.logaddexp(x, -x) + math.log(4.0))
SQUARE = Transform(np.square, np.sqrt, lambda x: np.log(2.0 * x))


def power_above(least: float, power: float) -> Transform:
    """Return value = least + x^power, for x > 0."""
    return Transform(
        lambda x: least + x**power,
        lambda value: (value - least) ** (1.0 / power),
        lambda x: (power - 1.0) * np.log(x) + math.log(power),
    )


def saturating_above(least: float, scale: float, power: float) -> Transform:
    """Return value = least + scale u / (1 - u) with u = x^power, for x between 0 and 1."""
    return Transform(
        lambda x: least + scale * x**power / (1.0 - x**power),
        lambda value: ((value - least) / (value - least + scale)) ** (1.0 / power),
        lambda x: (power - 1.0) * np.log(x) - 2.0 * np.log1p(-(x**power)) + math.log(scale * power),
    )


@dataclass(frozen=True)
class Parameter:
    """One parameter of a model, besides its states.

    Attributes
    ----------
    name : str
    transform : Transform
    prior : Prior
        Of the parameter itself.
    starts : tuple of float
        Values from which to look for the posterior's mode, one for each of the regimes that a
        volatility may have: smooth, rough, heavy-tailed.
    width : float
        A rough posterior standard deviation in the coordinate.
    bounds : tuple of float
        Of the coordinate. Beyond them the priors that are allowed have next to no mass.
    """

    name: str
    transform: Transform
    prior: Prior
    starts: tuple[float, float, float]
    width: float
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def natural(self, x: Array) -> Array:
        """Return the parameter at each coordinate, those out of bounds moved to them."""
        return self.transform.natural(np.clip(x, *self.bounds))

    def log_prior(self, x: Array) -> Array:
        """Return the log prior density of each coordinate, -inf out of bounds."""
        low, high = self.bounds
        inside = (x > low) & (x < high)
        all_inside = bool(inside.all())
        if not all_inside:
            x = np.where(inside, x, self.transform.coordinate(np.asarray(self.starts[0])))
        density = self.prior.log_density(self.transform.natural(x)) + self.transform.log_slope(x)
        return density if all_inside else np.where(inside, density, -np.inf)
