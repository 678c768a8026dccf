r"""Which assets' first coefficient is zero, in `puffin.inference.hierarchical.sampler`, compiled.

With k and s of `spreads`, x being the estimate less its mean m if the coefficient is not zero, and
the coefficients integrated out,

.. math::

    2 \log \frac{p(x \mid z = 1)}{p(x \mid z = 0)} = \frac{s^2 \tau^2}{1 + k \tau^2}
        - \log(1 + k \tau^2) + 2 m s + m^2 k

The share moves with all z summed out, by :math:`p(\pi) \prod_i (\pi p(x_i \mid 1) + (1 - \pi) p(x_i
\mid 0))`: given them its steps would be the smaller, the more assets there are. Many small
coefficients look much like a few large ones, so that it also moves along with the spreads, its odds
falling by as much as variances rise.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.inference.hierarchical.spreads import Said
from puffin.inference.slice_sampling import slice_move

__all__ = ["Slab", "draw_active", "log_odds", "move_line"]


class Slab(NamedTuple):
    """The distribution of coefficients that are not zero, and what estimates say of it.

    Attributes
    ----------
    said : Said
        About the means of the groups, if the coefficient is not zero.
    groups : ndarray of int of shape (n_assets,)
    means, spreads : ndarray of shape (n_groups,)
    """

    said: Said
    groups: NDArray[np.intp]
    means: Array
    spreads: Array


@part
def log_odds(slab: Slab, i: int, factor: float) -> float:
    """Return the log of how much likelier an estimate is if its coefficient is not zero.

    `factor` is what spreads are multiplied by.
    """
    g, known, score = slab.groups[i], slab.said.known[i], slab.said.scores[i]
    mean, spread = slab.means[g], factor * slab.spreads[g]
    total = 1.0 + known * spread * spread
    apart = score * score * spread * spread / total - math.log(total)
    return float(0.5 * apart + mean * score + 0.5 * mean * mean * known)


class _LineAt(NamedTuple):
    """A line in the space of the logit of the share and the logarithms of spreads.

    Attributes
    ----------
    slab : Slab
    logit : float
    by_spread, by_logit : float
        How far a step of one moves each.
    a, b : float
        Of the prior of the share.
    rising : float
        Of the prior of spreads: half the square of s over that of its scale.
    """

    slab: Slab
    logit: float
    by_spread: float
    by_logit: float
    a: float
    b: float
    rising: float


@part
def _line_density(step: float, at: _LineAt) -> float:
    """Return the log density along the line, priors included, z summed out."""
    log_factor, logit = at.by_spread * step, at.logit + at.by_logit * step
    factor = math.exp(log_factor)
    value = log_factor - at.rising * factor * factor
    value -= at.a * math.log1p(math.exp(-logit)) + at.b * math.log1p(math.exp(logit))
    rest = math.log1p(math.exp(logit))
    for i in range(at.slab.groups.size):
        odds = logit + log_odds(at.slab, i, factor)
        value += max(odds, 0.0) + math.log1p(math.exp(-abs(odds))) - rest
    return value


_move_step = slice_move(_line_density)


@part
def move_line(
    stream: np.random.Generator,
    slab: Slab,
    logit: float,
    line: tuple[float, float],
    prior: Array,
    rising: float,
) -> float:
    """Return a step along a line, from where all is.

    Parameters
    ----------
    line : tuple of float
        How far a step of one moves the logarithms of all spreads (and of s), and the logit.
    prior : ndarray of shape (2,)
        a and b.
    """
    at = _LineAt(slab, logit, line[0], line[1], prior[0], prior[1], rising)
    return _move_step(stream, 0.0, at)


@part
def draw_active(stream: np.random.Generator, slab: Slab, logit: float, active: Array) -> None:
    """Draw z, as ones and zeros."""
    for i in range(active.size):
        odds = logit + log_odds(slab, i, 1.0)
        active[i] = 1.0 if math.log(1.0 / stream.random() - 1.0) > -odds else 0.0
