r"""Draws of the parameters of a regime-switching model, the regimes summed out.

The parameters are few, and their likelihood is a filter's, so that they are drawn by independence
Metropolis from a mixture of multivariate t distributions (`adaptive_proposal`). Draws whose
standard deviations are not in ascending order have no prior density: so each regime has its name
in every draw, and no labels switch; a mode has a component for each order of its regimes that
reaches into that one (`orders`). Where the proposals' weights say that they have not found the
posterior, random-walk Metropolis goes on from them, with a move to a new proposal in ten.

The prior density has its constant, so that the mean weight is the evidence,
:math:`p(y) = \int p(y \mid \theta) p(\theta) d\theta`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.adaptive_proposal import adapt_proposal
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.independence import run_independence
from puffin.inference.mode import Mode
from puffin.inference.regimes.empty import one_regime_fewer, with_an_empty_regime
from puffin.inference.regimes.likelihood import filter_likelihood
from puffin.inference.regimes.orders import in_each_order
from puffin.inference.regimes.parameters import RegimeCoordinates
from puffin.inference.regimes.starts import find_modes
from puffin.inference.settings import Settings
from puffin.inference.threads import go_on

__all__ = ["RegimePosterior", "sample_regimes"]

_PLENTY, _CHEAP = 20_000, 40_000_000
"""Proposals beyond which there is no need of more, and periods that cost next to nothing."""

_MEAN_EXISTS, _ENOUGH_FOR_MEAN = 1.0, 0.05
"""A mean of weights takes less than a chain does: that there is one, and enough of them."""

_OF_THE_OTHERS = 2
"""Orders of the other regimes, where one is empty: all there are of up to three."""

_EVALUATIONS = 2**22
"""Periods of a filter that run at once, which takes some hundredths of a second."""


@dataclass(frozen=True)
class RegimePosterior:
    """The posterior density of points, its prior's constant included.

    Attributes
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    coordinates : RegimeCoordinates
    """

    y: Array
    coordinates: RegimeCoordinates

    def symmetric(self, points: Array) -> Array:
        """Return the log density, that goes on as it is where regimes are in another order."""
        at_once, pieces = max(_EVALUATIONS // self.y.size, 1), []
        for first in range(0, len(points), at_once):
            go_on()
            pieces.append(self._log_density(points[first : first + at_once]))
        return np.concatenate(pieces)

    def ordered(self, points: Array) -> Array:
        """Return the log density: -inf where regimes are not in order."""
        inside = self.coordinates.is_ordered(points)
        values = np.full(len(points), -np.inf)
        if inside.any():
            values[inside] = self.symmetric(points[inside])
        return values

    def _log_density(self, points: Array) -> Array:
        with np.errstate(all="ignore"):
            values = self.coordinates.log_prior(points)
            parameters = self.coordinates.parameters(points)
            values = values + filter_likelihood(self.y, parameters, self.coordinates.law).values
        return np.where(np.isfinite(values), values, -np.inf)


def sample_regimes(y: Array, coordinates: RegimeCoordinates, settings: Settings) -> Draws:
    """Draw means, standard deviations, transition probabilities and the law's shape.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        In the unit of the prior; NaN where a return is missing.
    coordinates : RegimeCoordinates

    Returns
    -------
    Draws
        `mean` and `sd` of shape (n_chains, n_draws, n_regimes), `transition` of shape (...,
        n_regimes, n_regimes), and shape parameters of shape (..., n_regimes), or without that axis
        where regimes share them. The report has the evidence, if weights have a
        mean and enough of them count, which takes less than chains do.

    Raises
    ------
    SamplingError
        If no mode is found, or the curvature there is lost to rounding.
    """
    posterior = RegimePosterior(y, coordinates)
    pilot_stream, *chain_streams = streams(settings.seed, settings.chains + 1)
    modes = find_modes(posterior.symmetric, y, coordinates)
    # Of a stream of its own, so that draws depend on the copies alone.
    [looking] = pilot_stream.spawn(1)
    copies = [copy for mode in modes for copy in in_each_order(mode, coordinates, looking)]
    places = [*copies, *_with_one_empty(y, coordinates, looking)]
    adapted = adapt_proposal(posterior.ordered, places, pilot_stream)
    sample = run_independence(
        posterior.ordered, adapted.proposal, adapted.pilot, adapted.factor, settings,
        pilot_stream, chain_streams, _stride(y.size, settings),
    )  # fmt: skip
    report = {**sample.report, "modes": float(len(modes))}
    if report["pareto_k_hat"] < _MEAN_EXISTS and report["efficiency"] > _ENOUGH_FOR_MEAN:
        report.update(_evidence(sample.log_weights))
    variables = _variables(sample.values, coordinates)
    return Draws(variables, sample.method, {"accepted": sample.accepted}, report)


def _with_one_empty(
    y: Array, coordinates: RegimeCoordinates, stream: np.random.Generator
) -> list[Mode]:
    """Return where one of the regimes is empty, each of them in turn."""
    if coordinates.n_regimes == 1:
        return []
    fewer = one_regime_fewer(coordinates)
    modes = find_modes(RegimePosterior(y, fewer).symmetric, y, fewer)
    best = max(modes, key=lambda mode: mode.log_density)
    known = int(np.isfinite(y).sum())
    return [
        with_an_empty_regime(copy, coordinates, place, known)
        for copy in in_each_order(best, fewer, stream)[:_OF_THE_OTHERS]
        for place in range(coordinates.n_regimes)
    ]


def _stride(n_times: int, settings: Settings) -> int:
    """Return how many proposals a draw is worth: several, where the filter is short."""
    draws = settings.chains * settings.draws
    wanted = -(-_PLENTY // draws)
    return max(1, min(wanted, _CHEAP // (n_times * draws)))


def _variables(values: Array, coordinates: RegimeCoordinates) -> dict[str, Array]:
    chains, draws = values.shape[:2]
    found = coordinates.parameters(values.reshape(chains * draws, -1))
    variables = {"mean": found.mean, "sd": found.sd, "transition": found.transition}
    for name, one in found.shape.items():
        variables[name] = one if coordinates.own_shape else one[:, 0]
    return {
        name: np.array(one).reshape(chains, draws, *one.shape[1:])
        for name, one in variables.items()
    }


def _evidence(log_weights: Array) -> dict[str, float]:
    """Return the log of the mean weight, and its standard error by the delta method."""
    highest = float(log_weights.max())
    weights = np.exp(log_weights - highest)
    mean = float(weights.mean())
    error = float(weights.std()) / mean / math.sqrt(weights.size)
    return {
        "log_marginal_likelihood": highest + math.log(mean),
        "log_marginal_likelihood_se": error,
    }
