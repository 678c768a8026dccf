"""The Gaussian that stands for the states given the parameters, and how it is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.smoothing import smooth

__all__ = ["Derivatives", "Expansion", "constant_volatility", "settle"]

_LONGEST_STEP = 2.0
_NEWTON_STEPS = 50
_FLOORED_STEPS = 5
_NEAR_MODE = 0.1
_ROUNDS = 10
_TOLERANCE = 3e-3


@dataclass(frozen=True)
class Expansion:
    """A Gaussian Markov chain h given the parameters, and the mean of mu under it.

    Attributes
    ----------
    centre, variance : ndarray of shape (n_times,)
        Marginals of h, mu integrated out. Variances are zero where only the centre is known.
    covariance : ndarray of shape (n_times,)
        Of h_t and h_{t+1}; zero at the last time.
    level : float
        Mean of mu.
    """

    centre: Array
    variance: Array
    covariance: Array
    level: float

    @classmethod
    def at(cls, centre: Array) -> Expansion:
        """Return an expansion of which only the centre is known."""
        nothing = np.zeros(centre.size)
        return cls(centre, nothing, nothing, float(centre.mean()))

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

    @classmethod
    def of_states(cls, h: Array, hh: Array, at: Expansion, phi: float, sigma: float) -> Derivatives:
        """Return the derivatives of observations that know nothing of the innovations."""
        onward = np.ones(h.size)
        onward[-1] = 0.0
        prior = onward / sigma**2
        return cls(h, -prior * at.innovation(phi), hh, np.zeros(h.size), prior)

    def plus_states(self, h: Array, hh: Array) -> Derivatives:
        """Return the derivatives with those of more observations of single states added."""
        return dataclasses.replace(self, h=self.h + h, hh=self.hh + hh)


def constant_volatility(y: Array, present: Array, mean: float) -> Expansion:
    """Return where to start from when nothing is known."""
    square = float((present * (y - mean) ** 2).sum() / max(present.sum(), 1.0))
    return Expansion.at(np.full(y.size, np.log(max(square, 1e-12))))


def settle(
    at_point: Callable[[Expansion], Derivatives],
    expected: Callable[[Expansion], Derivatives],
    start: Expansion,
    phi: float,
    sigma: float,
    mu_sd: float,
    floor: Array,
) -> Expansion:
    """Return the Gaussian whose derivatives are those expected under itself.

    Newton's method to the mode comes first, where the start has no variances; then gradient and
    curvature are taken as expectations under the Gaussian (Richard & Zhang 2007), until it no
    longer moves.

    Parameters
    ----------
    at_point, expected : callable
        Derivatives at the centre of an expansion, and expected under it.
    mu_sd : float
        Standard deviation of the prior of mu.
    floor : ndarray of shape (n_times,)
        Least curvature of the first Newton step, such as the Fisher information; less later on.
    """
    point = start
    if not start.variance.any():
        for n in range(_NEWTON_STEPS):
            least = max(1.0 - n / _FLOORED_STEPS, 0.0)
            point, step = _improve(point, at_point(point), phi, sigma, mu_sd, least * floor)
            if step < _NEAR_MODE:
                break
    nothing = np.zeros(floor.size)
    for _ in range(_ROUNDS):
        point, step = _improve(point, expected(point), phi, sigma, mu_sd, nothing)
        if step < _TOLERANCE:
            break
    return point


def _improve(
    at: Expansion, d: Derivatives, phi: float, sigma: float, mu_sd: float, floor: Array
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
    (shift, slope), variance, covariance = smooth(
        diagonal, coupling, np.array([gradient, per_level])
    )
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
