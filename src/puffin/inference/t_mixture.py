"""A mixture of multivariate t distributions, fitted to weighted draws.

For posteriors that no ellipsoid fits: expectation-maximisation with importance weights, as in
Hoogerheide, Opschoor & van Dijk (2012), the degrees of freedom held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from puffin.arrays import Array
from puffin.inference.proposal import MultivariateT, Pilot, Proposal

__all__ = ["TMixture", "fit_t_mixture"]

_ITERATIONS = 20
_DEFENCE = 0.1
_LEAST_SHARE = 0.02
_RIDGE = 1e-3


@dataclass(frozen=True)
class TMixture:
    """A mixture of `components` in these `shares`, which sum to one."""

    components: tuple[Proposal, ...]
    shares: Array

    def draw(self, stream: np.random.Generator, size: int) -> Array:
        """Return draws of shape (size, n_dims), in random order."""
        return self.draw_pairs(stream, size)[::2]

    def draw_pairs(self, stream: np.random.Generator, pairs: int) -> Array:
        """Return draws of shape (2 pairs, n_dims), each followed by its component's antithetic."""
        counts = stream.multinomial(pairs, self.shares)
        draws = np.concatenate(
            [
                component.draw_pairs(stream, int(count))
                for component, count in zip(self.components, counts, strict=True)
            ]
        )
        return np.asarray(
            stream.permutation(draws.reshape(pairs, 2 * draws.shape[1])).reshape(draws.shape)
        )

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, shape (n_points, n_dims)."""
        log_densities = [component.log_density(points) for component in self.components]
        joint = np.array(log_densities) + np.log(self.shares)[:, None]
        return np.asarray(np.logaddexp.reduce(joint, axis=0))


def fit_t_mixture(
    pilot: Pilot,
    defence: Proposal,
    stream: np.random.Generator,
    *,
    n_components: int,
    degrees: float,
) -> TMixture:
    """Fit a mixture to a pilot run, and mix a tenth of `defence` in.

    Components begin at draws taken by weight, with the covariance of all, and lose their place
    where their share vanishes.
    """
    points = pilot.points
    weights = pilot.truncated / pilot.truncated.sum()
    centre = weights @ points
    covariance = _weighted_squares(points - centre, weights)
    ridge = _RIDGE * np.diag(np.diag(covariance))
    factor = np.linalg.cholesky(covariance + ridge)
    seeds = stream.choice(len(points), size=n_components, p=weights)
    components = tuple(MultivariateT(points[seed], 0.7 * factor, degrees) for seed in seeds)
    shares = np.full(n_components, 1.0 / n_components)
    for _ in range(_ITERATIONS):
        components, shares = _maximise(components, shares, points, weights, ridge)
    return TMixture((*components, defence), np.append((1.0 - _DEFENCE) * shares, _DEFENCE))


def _maximise(
    components: tuple[MultivariateT, ...],
    shares: Array,
    points: Array,
    weights: Array,
    ridge: Array,
) -> tuple[tuple[MultivariateT, ...], Array]:
    """Return components and shares after a step of expectation-maximisation."""
    squares = [component.squares(points) for component in components]
    log_densities = [
        component.log_density_at(distances)
        for component, distances in zip(components, squares, strict=True)
    ]
    responsibilities = softmax(np.array(log_densities) + np.log(shares)[:, None], axis=0) * weights
    fitted, totals = [], []
    for component, distances, share_of in zip(components, squares, responsibilities, strict=True):
        total = share_of.sum()
        if total < _LEAST_SHARE:
            continue
        degrees = component.degrees
        pull = share_of * (degrees + component.centre.size) / (degrees + distances)
        centre = pull @ points / pull.sum()
        scale = _weighted_squares(points - centre, pull) / total
        fitted.append(MultivariateT(centre, np.linalg.cholesky(scale + ridge), degrees))
        totals.append(total)
    return tuple(fitted), np.array(totals) / np.sum(totals)


def _weighted_squares(errors: Array, weights: Array) -> Array:
    """Return the sum of weight times error times error', shape (n_dims, n_dims)."""
    return np.asarray((weights[:, None] * errors).T @ errors)
