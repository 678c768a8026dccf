"""The Gaussian that stands for log-volatility given the parameters, and one step towards it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.smoothing import smooth

__all__ = [
    "Derivatives",
    "Expansion",
    "Latest",
    "constant_volatility",
    "expansion_of",
    "improve",
]

Guide = TypeVar("Guide")

_LONGEST_STEP = 2.0
_ROUNDS = 3


@dataclass(frozen=True)
class Expansion:
    """A Gaussian Markov chain h given the parameters, and the mean of mu under it.

    Attributes
    ----------
    centre, variance : ndarray of shape (n_times,)
        Marginals of h, mu integrated out.
    covariance : ndarray of shape (n_times,)
        Of h_t and h_{t+1}; zero at the last time.
    level : float
        Mean of mu.
    """

    centre: Array
    variance: Array
    covariance: Array
    level: float

    def innovation(self, phi: float) -> Array:
        """Return the mean of h_{t+1} - mu - phi (h_t - mu); zero at the last time."""
        q = self.centre - self.level
        return np.append(q[1:] - phi * q[:-1], 0.0)

    def at_centre(self) -> Expansion:
        """Return the same centre with no variance: derivatives there are those of the mode."""
        nothing = np.zeros(self.centre.size)
        return Expansion(self.centre, nothing, nothing, self.level)


@dataclass(frozen=True)
class Derivatives:
    """Of each time's term in (h_t, omega_t), the innovations' prior included; see `transport`.

    Attributes
    ----------
    h, w : ndarray of shape (n_times,)
        Gradient.
    hh, hw, ww : ndarray of shape (n_times,)
        Minus the Hessian. All but h and hh are zero at the last time.
    """

    h: Array
    w: Array
    hh: Array
    hw: Array
    ww: Array


def constant_volatility(y: Array, seen: Array, mean: float) -> Expansion:
    """Return where to start from when nothing is known."""
    square = float((seen * (y - mean) ** 2).sum() / max(seen.sum(), 1.0))
    level = float(np.log(max(square, 1e-12)))
    return Expansion(np.full(y.size, level), np.zeros(y.size), np.zeros(y.size), level)


def improve(
    at: Expansion,
    d: Derivatives,
    phi: float,
    sigma: float,
    mu_sd: float,
    floor: float | Array = 0.0,
) -> tuple[Expansion, float]:
    """Return the Gaussian with derivatives `d` at the centre of `at`, and how far the mean moved.

    The curvature of every time's block is made positive, and no less than `floor` in h_t.
    """
    block = np.divide(d.hw**2, d.ww, out=np.zeros(d.hh.size), where=d.ww > 0.0)
    hh = np.maximum(d.hh, np.maximum(block, floor))
    start = (1.0 - phi**2) / sigma**2
    diagonal = hh - 2.0 * phi * d.hw + phi**2 * d.ww
    diagonal[1:] += d.ww[:-1]
    diagonal[0] += start
    coupling = (phi * d.ww - d.hw)[:-1]
    first = at.centre[0] - at.level
    gradient = d.h - phi * d.w
    gradient[1:] += d.w[:-1]
    gradient[0] -= start * first
    per_level = (1.0 - phi) * (d.hw - phi * d.ww)
    per_level[1:] += (1.0 - phi) * d.ww[:-1]
    per_level[0] += start
    shift, variance, covariance = smooth(diagonal, coupling, gradient)
    slope, _, _ = smooth(diagonal, coupling, per_level)
    precision = start + (1.0 - phi) ** 2 * d.ww.sum() + mu_sd**-2 - per_level @ slope
    gain = start * first - (1.0 - phi) * d.w.sum() - at.level / mu_sd**2 + per_level @ shift
    level_step = float(gain / precision)
    step = np.clip(shift + level_step * slope, -_LONGEST_STEP, _LONGEST_STEP)
    moved = Expansion(
        at.centre + step,
        variance + slope**2 / precision,
        np.append(covariance + slope[1:] * slope[:-1] / precision, 0.0),
        at.level + min(max(level_step, -_LONGEST_STEP), _LONGEST_STEP),
    )
    return moved, float(np.abs(step).max())


def expansion_of(
    approximation: Approximation,
    derivatives: Callable[[Expansion], Derivatives],
    phi: float,
    sigma: float,
    mu_sd: float,
) -> Expansion:
    """Return the expansion with the marginals of an approximation."""
    mean, variance = approximation.mean, approximation.variance
    at = Expansion(mean, variance, np.append(phi * variance[:-1], 0.0), float(mean.mean()))
    for _ in range(_ROUNDS):
        better, _ = improve(at, derivatives(at), phi, sigma, mu_sd)
        at = Expansion(mean, variance, better.covariance, better.level)
    return at


@dataclass
class Latest(Generic[Guide]):
    """The latest guide that was made of an approximation, for as long as that is in use."""

    _made: tuple[Approximation, Guide] | None = None

    def of(self, approximation: Approximation, make: Callable[[Approximation], Guide]) -> Guide:
        """Return the guide of an approximation."""
        made = self._made
        if made is None or made[0] is not approximation:
            made = (approximation, make(approximation))
            self._made = made
        return made[1]
