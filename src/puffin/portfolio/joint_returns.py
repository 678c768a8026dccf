r"""What a comparison says of the next period's returns, jointly."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.models.comparison import StrategyComparison
from puffin.models.sharpe import SharpePosterior
from puffin.models.sharpe.hurdle import hurdle_moments
from puffin.portfolio.return_correlation import ReturnCorrelation
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import small_percent
from puffin.showing.shown import Shown

__all__ = ["JointReturns", "check_comparison"]

_MOST_BYTES = 32_000_000
_MOST_ROWS, _MOST_DOUBTS = 12, 3


@dataclass(frozen=True, repr=False)
class JointReturns(Shown):
    r"""The next period's excess returns: a distribution for each posterior draw.

    Each strategy's return has the distribution that its own posterior predicts: heavy tails, flat
    periods and what is not known of mean and spread are in it, whatever the law. Returns move
    together as they did on the periods that any two strategies share, with what is not known of
    that (`ReturnCorrelation`); means do as the comparison's draws.

    Averaged over the draws this is the posterior predictive distribution. Its covariance is

    .. math::

        E\left[ s_i s_j \rho_{ij} \right] + \operatorname{Cov}[m_i, m_j]

    with m and s the mean and standard deviation of a period's excess return, flat periods included.
    Its estimate is the mean over the draws' own covariances, rather than the covariance of
    simulated returns, whose fourth moments need not exist.

    Attributes
    ----------
    names : tuple of str
    means, sds : ndarray of shape (n_draws, n_strategies)
        Of a period's excess return: flat periods included.
    correlations : ndarray of shape (n_draws, n_strategies, n_strategies)
        Of the returns.
    """

    names: tuple[str, ...]
    means: Array
    sds: Array
    correlations: Array
    _returns: ReturnCorrelation
    _strategies: tuple[_Strategy, ...]

    @classmethod
    def of(cls, comparison: StrategyComparison) -> JointReturns:
        """Return what a comparison says.

        Raises
        ------
        TypeError
            If it is no comparison.

        Warns
        -----
        UserWarning
            If strategies share no periods, so that nothing is known of how they move together.
        """
        check_comparison(comparison)
        every = _thinning(comparison)
        variables = comparison.posterior.variables
        strategies = tuple(
            _Strategy(
                one,
                {
                    name: variables[name][..., i]
                    for name in ("mu", "sd", "prob_active")
                    if name in variables
                },
            )
            for i, one in enumerate(comparison.alone.values())
        )
        moments = [one.moments(every) for one in strategies]
        returns = ReturnCorrelation.of(list(comparison.alone.values()))
        apart = returns.without_overlap()
        if apart is not None:
            warnings.warn(
                f"{apart[0]} and {apart[1]} share no periods: they are taken to be uncorrelated, "
                "so that a portfolio of both may look safer than it is.",
                UserWarning,
                stacklevel=3,
            )
        means, sds = (np.column_stack(columns) for columns in zip(*moments, strict=True))
        [stream] = streams(comparison.settings.seed, 1, purpose=Purpose.CORRELATIONS)
        return cls(
            comparison.strategies, means, sds, returns.draw(len(means), stream), returns, strategies
        )

    def _card(self) -> Card:
        sds = np.sqrt((self.sds**2).mean(axis=0) + self.means.var(axis=0))
        rows = [
            (name, small_percent(float(mean)), small_percent(float(sd)))
            for name, mean, sd in zip(self.names, self.mean, sds, strict=True)
        ]
        return Card(
            "JointReturns",
            [
                f"Excess returns of the next period, of {len(self.names)} strategies together, "
                f"{self.n_draws:,} draws: {rows[0][0]} {rows[0][1]} expected, standard deviation "
                f"{rows[0][2]}, and likewise of the others."
            ],
            [
                doubt
                for name, one in zip(self.names, self._strategies, strict=True)
                for doubt in draws_doubts(one.alone["ess"], one.alone["r_hat"], name)
            ][:_MOST_DOUBTS],
            Table(
                ("strategy", "expected", "standard deviation"),
                rows[:_MOST_ROWS],
                max(0, len(rows) - _MOST_ROWS),
            ),
        )

    @property
    def n_draws(self) -> int:
        """The number of posterior draws."""
        return len(self.means)

    @property
    def mean(self) -> Array:
        """The mean of the predictive distribution: shape (n_strategies,)."""
        return np.asarray(self.means.mean(axis=0))

    def covariances(self) -> Array:
        """Return each draw's covariance: shape (n_draws, n_strategies, n_strategies)."""
        return np.asarray(self.sds[:, :, None] * self.correlations * self.sds[:, None, :])

    @property
    def covariance(self) -> Array:
        """The covariance of the predictive distribution: shape (n_strategies, n_strategies)."""
        errors = self.means - self.mean
        return np.asarray(self.covariances().mean(axis=0) + errors.T @ errors / self.n_draws)

    def draw(self, count: int, stream: np.random.Generator) -> Array:
        """Draw from the predictive distribution: shape (count, n_strategies).

        Each strategy's returns are drawn from its own predictive distribution, and put into the
        order of elliptical returns with the draws' means, standard deviations and correlations.
        They are moved so that their mean is that of the distribution: an optimiser would otherwise
        take the noise in the means of so many draws for opportunities.
        """
        # Posterior draws are all taken, or left out, about as often as each other.
        chosen = stream.permutation(np.arange(count) * self.n_draws // count)
        errors = self._returns.elliptical_errors(self.correlations[chosen], stream)
        together = self.means[chosen] + self.sds[chosen] * errors
        drawn = np.empty(together.shape)
        for i, one in enumerate(self._strategies):
            drawn[np.argsort(together[:, i], kind="stable"), i] = np.sort(
                one.predict(count, stream)
            )
        return np.asarray(drawn + self.mean - drawn.mean(axis=0))


@dataclass(frozen=True)
class _Strategy:
    """A strategy's own posterior, and the draws of its mean and spread in the comparison."""

    alone: SharpePosterior
    variables: Mapping[str, Array]

    def moments(self, every: int) -> tuple[Array, Array]:
        """Return mean and standard deviation of a period's return, of every so many draws."""
        kept = {name: values[:, ::every].ravel() for name, values in self.variables.items()}
        activity = kept.get("prob_active", np.ones_like(kept["mu"]))
        return hurdle_moments(activity, kept["mu"], kept["sd"], self.alone.flat_excess)

    def predict(self, count: int, stream: np.random.Generator) -> Array:
        """Draw returns of a period."""
        size = self.variables["mu"].size
        rounds = [
            self.alone.predict(stream, self.variables).ravel() for _ in range(-(-count // size))
        ]
        return stream.permutation(np.concatenate(rounds))[:count]


def _thinning(comparison: StrategyComparison) -> int:
    """Return every how many draws are kept, so that their matrices fit in 32 MB."""
    sharpe = comparison.posterior.variables["sharpe"]
    per_draw = sharpe.shape[0] * 8 * len(comparison.strategies) ** 2
    return int(min(sharpe.shape[1], max(1, sharpe.shape[1] * per_draw // _MOST_BYTES)))


def check_comparison(comparison: StrategyComparison) -> None:
    """Refuse anything else.

    Raises
    ------
    TypeError
    """
    if not isinstance(comparison, StrategyComparison):
        raise TypeError(
            "comparison must be what strategy_comparison returns; found "
            f"{type(comparison).__name__}. (compare_strategies returns its table alone.)"
        )
