r"""Whether a law fits, by its mean and standard deviation, and what is said where it does not.

A law that fits has the sample's mean and standard deviation within their standard errors. Where it
has not (returns of somebody who sells options: small gains and rare large losses are two regimes,
not one density), what it says of them is wrong, and too sure. The distance

.. math:: D = |\hat\theta - \theta_{law}| / se(\hat\theta)

of the sample's mean or Sharpe ratio, whichever is farther, from the posterior mean is below 0.3 for
most series of funds, indices and equities, and 1 to 8 for option sellers. The answer is the law's
up to 0.25, the sample's from 0.75 on, and between them in between: with the weight w that grows
from 0 to 1, the centre of (mu, log sd) moves by w of the way, its covariance becomes
:math:`V + w^2 (V_{sample} - V)`, and so do the influences. At w = 1 that is the normal posterior of
the sample's moments, with the priors of mu and sd. The law's shape stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.models.sharpe.influence import sample_influence
from puffin.models.sharpe.priors import SharpePriors

__all__ = ["Location", "SampleMoments", "sample_moments"]

_NEAR, _FAR = 0.25, 0.75
_FEWEST = 30
"""Active returns; fewer do not tell one law from another."""
_GRID = np.linspace(-9.0, 9.0, 721)


@dataclass(frozen=True)
class Location:
    """Draws of (mu, log sd), shape (2, n_draws), and the influences on them, (2, n_active)."""

    draws: Array
    influences: Array

    @property
    def centre(self) -> Array:
        """Their mean, shape (2,)."""
        return np.asarray(self.draws.mean(axis=1))


@dataclass(frozen=True)
class SampleMoments:
    """The normal posterior of (mu, log sd) by the sample's own mean and standard deviation.

    Attributes
    ----------
    centre : ndarray of shape (2,)
    influences : ndarray of shape (2, n_active)
    mean_error : float
        Standard error of the mean.
    """

    centre: Array
    influences: Array
    mean_error: float

    def weight(self, location: Location, ratio_distance: float) -> float:
        """Return w, how far a law's answer is drawn to the sample's.

        Parameters
        ----------
        location : Location
            The law's answer.
        ratio_distance : float
            Of the Sharpe ratios, in standard errors of the sample's.
        """
        if self.influences.shape[1] < _FEWEST:
            return 0.0
        distance = max(
            abs(float(self.centre[0] - location.centre[0])) / self.mean_error, ratio_distance
        )
        return float(np.clip((distance - _NEAR) / (_FAR - _NEAR), 0.0, 1.0))

    def blend(self, location: Location, weight: float) -> Location:
        """Return the law's answer, drawn to the sample's with this weight."""
        if weight == 0.0:
            return location
        own = np.cov(location.draws)
        both = own + weight**2 * (self.influences @ self.influences.T - own)
        unit = np.sqrt(np.diag(own))[:, None]
        across = unit @ unit.T
        map_of_deviations = _root(both / across) @ np.linalg.inv(_root(own / across))
        deviations = (location.draws - location.centre[:, None]) / unit
        centre = location.centre + weight * (self.centre - location.centre)
        return Location(
            centre[:, None] + unit * (map_of_deviations @ deviations),
            location.influences + weight * (self.influences - location.influences),
        )


def sample_moments(x: Array, priors: SharpePriors, scale: float) -> SampleMoments:
    """Return what the mean and standard deviation of x, shape (n_active,), say of mu and log sd.

    Each is taken as a normal likelihood, and multiplied with its prior.

    Parameters
    ----------
    scale : float
        The unit of the priors.
    """
    influences = sample_influence(x)
    errors = np.sqrt(np.sum(influences**2, axis=1))
    estimates = (float(x.mean()), float(np.log(x.std())))

    def log_prior_of_mu(mu: Array) -> Array:
        return np.asarray(-0.5 * (mu / (scale * priors.mu_sd)) ** 2)

    def log_prior_of_log_sd(log_sd: Array) -> Array:
        return np.asarray(log_sd - 0.5 * (np.exp(log_sd) / (scale * priors.sd_sd)) ** 2)

    known = [
        _with_prior(estimate, float(error), log_prior)
        for estimate, error, log_prior in zip(
            estimates, errors, (log_prior_of_mu, log_prior_of_log_sd), strict=True
        )
    ]
    centre, spreads = np.array(known).T
    ratios = np.divide(spreads, errors, out=np.ones(2), where=errors > 0.0)
    return SampleMoments(centre, influences * ratios[:, None], float(errors[0]))


def _with_prior(
    estimate: float, error: float, log_prior: Callable[[Array], Array]
) -> tuple[float, float]:
    """Return mean and standard deviation of a normal likelihood times a prior, on a grid."""
    points = estimate + error * _GRID
    log_density = log_prior(points) - 0.5 * _GRID**2
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    mean = float(weights @ points)
    return mean, float(np.sqrt(weights @ (points - mean) ** 2))


def _root(matrix: Array) -> Array:
    """Return the symmetric square root of a covariance matrix."""
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(eigenvalues, 0.0))) @ vectors.T)
