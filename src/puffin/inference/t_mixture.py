"""A mixture of multivariate t distributions, fitted to weighted draws.

For posteriors that no ellipsoid fits: expectation-maximisation with importance weights, as in
Hoogerheide, Opschoor & van Dijk (2012), the degrees of freedom held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

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
        return np.asarray(logsumexp(self._joint(points), axis=0))

    def _joint(self, points: Array) -> Array:
        log_densities = [component.log_density(points) for component in self.components]
        return np.asarray(np.array(log_densities) + np.log(self.shares)[:, None])


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
    mixture = TMixture(
        tuple(MultivariateT(points[seed], 0.7 * factor, degrees) for seed in seeds),
        np.full(n_components, 1.0 / n_components),
    )
    for _ in range(_ITERATIONS):
        mixture = _maximise(mixture, points, weights, ridge, degrees)
    shares = np.append((1.0 - _DEFENCE) * mixture.shares, _DEFENCE)
    return TMixture((*mixture.components, defence), shares)


def _maximise(
    mixture: TMixture, points: Array, weights: Array, ridge: Array, degrees: float
) -> TMixture:
    joint = mixture._joint(points)
    responsibilities = np.exp(joint - logsumexp(joint, axis=0)) * weights
    components, shares = [], []
    for component, share_of in zip(mixture.components, responsibilities, strict=True):
        if share_of.sum() < _LEAST_SHARE:
            continue
        assert isinstance(component, MultivariateT)
        n = component.centre.size
        errors = points - component.centre
        whitened = errors @ np.linalg.inv(component.factor).T
        precisions = (degrees + n) / (degrees + np.einsum("ij,ij->i", whitened, whitened))
        pull = share_of * precisions
        centre = pull @ points / pull.sum()
        errors = points - centre
        scale = _weighted_squares(errors, pull) / share_of.sum()
        components.append(MultivariateT(centre, np.linalg.cholesky(scale + ridge), degrees))
        shares.append(share_of.sum())
    total = np.array(shares)
    return TMixture(tuple(components), total / total.sum())


def _weighted_squares(errors: Array, weights: Array) -> Array:
    """Return the sum of weight times error times error', shape (n_dims, n_dims)."""
    return np.asarray((weights[:, None] * errors).T @ errors)
