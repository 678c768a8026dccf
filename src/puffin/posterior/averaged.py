r"""The average of what several models say comes next.

Of models k with weights :math:`w_k`, such as their posterior probabilities, the predictive
distribution is the mixture

.. math:: p(y) = \sum_k w_k \, p_k(y)

(Hoeting, Madigan, Raftery & Volinsky 1999, "Bayesian model averaging: a tutorial", Statistical
Science 14). Each draw of model k has the weight :math:`w_k / n_k`: none is left out or taken twice,
so that probabilities, quantiles and expectations are exactly those of the mixture.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from puffin.arrays import Array
from puffin.posterior.intervals import weighted_density_interval
from puffin.posterior.predictive import Average, Predictive, predictive_card
from puffin.showing.card import Card
from puffin.showing.shown import Shown

__all__ = ["AveragedPredictive", "in_proportion"]


class AveragedPredictive(Shown, Predictive):
    """A mixture of predictive distributions of one series.

    Arrays given each draw have the shape (1, n_draws of all): one distribution after the other.

    Parameters
    ----------
    parts : sequence of Predictive
    weights : ndarray of shape (n_parts,)
        Above zero, and one in sum.
    """

    def __init__(self, parts: Sequence[Predictive], weights: Array) -> None:
        self.parts, self.part_weights = tuple(parts), weights
        self.location = _in_a_row([part.location for part in parts])
        self.spread = _in_a_row([part.spread for part in parts])
        self.mean_exists = all(part.mean_exists for part in parts)
        self.index = parts[0].index

    def _card(self) -> Card:
        return predictive_card(self)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Those of the parts."""
        return tuple(doubt for part in self.parts for doubt in part.doubts)

    @functools.cached_property
    def weights(self) -> Array:
        """The weight of each draw, shape (n_draws,)."""
        sizes = [part.location.size for part in self.parts]
        return np.repeat(self.part_weights / sizes, sizes)

    def average(self, conditional: Array | NDArray[np.bool_]) -> Average:
        """Return the average over the draws of what is known given each, by their weights."""
        average: Average = self.weights @ conditional[0]
        return average

    def error(self, conditional: Array) -> float:
        """Return its Monte Carlo standard error, of the draws: the weights are taken as known."""
        sizes = [part.location.size for part in self.parts]
        pieces = np.split(conditional[0], np.cumsum(sizes)[:-1])
        errors = [
            part.error(piece.reshape(part.location.shape))
            for part, piece in zip(self.parts, pieces, strict=True)
        ]
        return math.hypot(*(self.part_weights * errors))

    def interval(self, conditional: Array, prob: float) -> tuple[float, float]:
        """Return the shortest interval with `prob` of the draws, by their weights."""
        return weighted_density_interval(conditional.ravel(), self.weights, prob)

    @property
    def draws(self) -> Array:
        """Simulated returns of each period, of each model in proportion to its weight."""
        simulated = [part.draws.reshape(-1, part.draws.shape[2]) for part in self.parts]
        return in_proportion(simulated, self.part_weights)[None]

    def conditional_cdf(self, y: float | Array) -> Array:
        """Return the probability of a return up to `y` given each draw."""
        return _in_a_row([part.conditional_cdf(y) for part in self.parts])

    def conditional_log_density(self, y: float | Array) -> Array:
        """Return the log density at `y` given each draw."""
        return _in_a_row([part.conditional_log_density(y) for part in self.parts])

    def conditional_tail_expectation(self, y: float | Array) -> Array:
        r"""Return the partial expectation :math:`E[Y \, 1\{Y \le y\}]` given each draw."""
        return _in_a_row([part.conditional_tail_expectation(y) for part in self.parts])

    def log_density(self, y: float | Array) -> Average:
        """Return the log density at `y`: the log score of this forecast if `y` comes."""
        logs = [part.log_density(y) for part in self.parts]
        total: Average = logsumexp(logs, b=self.part_weights)
        return total

    def nodes(self) -> tuple[Array, Array]:
        """Return the quadratures of all models in a row if they have the same, else `draws`."""
        returns, weights = zip(*(part.nodes() for part in self.parts), strict=True)
        if any(not np.array_equal(one, weights[0]) for one in weights):
            return super().nodes()
        return _in_a_row(returns), weights[0]

    def at_posterior_mean(self) -> Predictive:
        """Return the average if in each model the posterior means of all unknowns were the truth.

        Which model is the right one stays unknown.
        """
        return AveragedPredictive(
            [part.at_posterior_mean() for part in self.parts], self.part_weights
        )

    def _near_quantile(self, prob: float) -> Average:
        """Return the average of where each model's quantile is."""
        near = [part._near_quantile(prob) for part in self.parts]
        average: Average = self.part_weights @ np.asarray(near)
        return average


def _in_a_row(arrays: Sequence[Array]) -> Array:
    """Return arrays given each draw of each model as one, of a single chain."""
    return np.concatenate([array.reshape(1, -1, *array.shape[2:]) for array in arrays], axis=1)


def in_proportion(draws: Sequence[Array], weights: Array) -> Array:
    """Return draws of several models, of each as many as its weight says, evenly spaced and mixed.

    As many in all as the model with the fewest has; numbers are rounded by largest remainders.

    Parameters
    ----------
    draws : sequence of ndarray of shape (n_draws, ...)
    weights : ndarray of shape (n_models,)
        One in sum.
    """
    total = min(array.shape[0] for array in draws)
    counts = np.floor(total * weights).astype(int)
    rest = np.argsort(counts - total * weights, kind="stable")[: total - counts.sum()]
    counts[rest] += 1
    places = [(np.arange(count) + 0.5) / max(count, 1) for count in counts]
    taken = [
        array[(array.shape[0] * place).astype(int)]
        for array, place in zip(draws, places, strict=True)
    ]
    return np.concatenate(taken)[np.argsort(np.concatenate(places), kind="stable")]
