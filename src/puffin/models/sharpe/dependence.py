r"""How much surer independent returns would be: what hangs together in time, counted.

An estimate moves by the sum of its observations' influences. Where they hang together (losses in
clusters, smoothed returns) the sum varies more than independent ones would let it, by the ratio

.. math:: \kappa = 1 + 2 \sum_{k \ge 1} \operatorname{corr}(I_t, I_{t-k}),

and the posterior that takes them for independent is too sure: its deviations from the centre have
to be :math:`\sqrt\kappa` times as large (Mueller 2013, "Risk of Bayesian inference in misspecified
models, and the sandwich covariance matrix", Econometrica 81).

:math:`\kappa` is estimated by B cosines of the influences that have the lowest frequencies, after
an AR(1) is taken out of them, which is put back into the result (Lazarus, Lewis, Stock & Watson
2018, "HAR inference: recommendations for practice", Journal of Business & Economic Statistics 36;
Andrews & Monahan 1992). :math:`B \hat\kappa / \kappa` is about :math:`\chi^2_B`, so that
:math:`\kappa` has a posterior itself: the prior of its logarithm is a t with 3 degrees of freedom
in two pieces about 0, of scale 0.2 below and 0.5 above, since returns hang together more often than
they make up for each other. Each draw is scaled by a draw of it, and what is not known of
:math:`\kappa` is in the tails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import dct

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.settings import Settings

__all__ = ["LongRunRatio", "long_run_ratio", "ratio_estimate", "ratio_posterior"]

_LOG_RATIOS = np.linspace(-2.0, 4.0, 601)
_DEGREES, _SHORTER, _LONGER = 3.0, 0.2, 0.5
_COSINES = 0.6
"""B is this times n^(2/3)."""
_LARGEST_RHO = 0.95


@dataclass(frozen=True)
class LongRunRatio:
    """The posterior of kappa, on a grid of its logarithm.

    Attributes
    ----------
    log_ratios : ndarray of shape (n_points,)
    cumulative : ndarray of shape (n_points,)
        Probability up to each.
    """

    log_ratios: Array
    cumulative: Array

    @property
    def mean(self) -> float:
        """Posterior mean of kappa."""
        return float(np.diff(self.cumulative, prepend=0.0) @ np.exp(self.log_ratios))

    @property
    def factor(self) -> float:
        """Root of the posterior mean of kappa: how many times as wide the posterior is."""
        return float(np.sqrt(self.mean))

    @property
    def prob_longer(self) -> float:
        """Probability that kappa is above 1."""
        return 1.0 - float(np.interp(0.0, self.log_ratios, self.cumulative))

    def draw(self, settings: Settings) -> Array:
        """Draw kappa, of shape (n_chains, n_draws): a smooth function of the random numbers."""
        chain_streams = streams(settings.seed, settings.chains, purpose=Purpose.DEPENDENCE)
        uniforms = np.array([stream.random(settings.draws) for stream in chain_streams])
        return np.asarray(np.exp(np.interp(uniforms, self.cumulative, self.log_ratios)))


def long_run_ratio(influence: Array) -> LongRunRatio:
    """Return the posterior of kappa given influences of shape (n_observations,), in order."""
    return ratio_posterior(*ratio_estimate(influence))


def ratio_posterior(estimate: float, cosines: int) -> LongRunRatio:
    """Return the posterior of kappa given an estimate with so many degrees of freedom."""
    below = _LOG_RATIOS < 0.0
    standardised = _LOG_RATIOS / np.where(below, _SHORTER, _LONGER)
    log_density = -0.5 * (_DEGREES + 1.0) * np.log1p(standardised**2 / _DEGREES)
    if cosines:
        log_density -= 0.5 * cosines * (_LOG_RATIOS + estimate * np.exp(-_LOG_RATIOS))
    density = np.exp(log_density - log_density.max())
    return LongRunRatio(_LOG_RATIOS, np.cumsum(density) / density.sum())


def ratio_estimate(influence: Array) -> tuple[float, int]:
    """Return the estimate of kappa and its degrees of freedom B; 0 of them with few returns."""
    centred = influence - influence.mean()
    size, squares = centred.size, float(centred @ centred)
    cosines = min(max(4, int(_COSINES * size ** (2.0 / 3.0))), (size - 2) // 2)
    if cosines < 1 or squares == 0.0:
        return 1.0, 0
    rho = _shrunk(float(centred[1:] @ centred[:-1]) / squares, size)
    errors = centred[1:] - rho * centred[:-1]
    spectrum = dct(errors - errors.mean(), norm="ortho")[1 : cosines + 1] ** 2
    ratio = (size - 1) * spectrum.mean() / float(errors @ errors)
    return float(ratio * (1.0 - rho**2) / (1.0 - rho) ** 2), cosines


def _shrunk(rho: float, size: int) -> float:
    """Return a first autocorrelation drawn to 0, the more so the less it is known to differ."""
    certainty = max(0.0, 1.0 - 2.0 / (size * rho**2)) if rho else 0.0
    return min(rho * certainty, _LARGEST_RHO)
