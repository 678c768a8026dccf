r"""What a comparison says of the next period's returns, jointly."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.models.comparison import StrategyComparison

__all__ = ["JointReturns", "check_comparison"]

_LEAST_SHAPE = 1.0
_MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class _Group:
    """Strategies modelled together: one multivariate Student-t for each draw.

    Attributes
    ----------
    columns : ndarray of int
        Where the strategies stand among all.
    location : ndarray of shape (n_draws, n_strategies)
    roots : ndarray of shape (n_draws, n_strategies, n_strategies)
        A, with A A' the scale matrix.
    nu : ndarray of shape (n_draws,)
    """

    columns: Array
    location: Array
    roots: Array
    nu: Array


@dataclass(frozen=True)
class JointReturns:
    r"""The next period's excess returns: a distribution for each posterior draw.

    Given a draw, returns of strategies that were modelled together are multivariate Student-t,
    those of others independent of them; a strategy that is often flat is active with probability p,
    and has its flat return otherwise.

    Averaged over the draws this is the posterior predictive distribution. Its covariance,

    .. math::

        E\left[\tfrac{\nu}{\nu - 2} \Sigma\right] + \operatorname{Cov}[\mu],

    exists because the comparison's prior, nu - 2 ~ Gamma(2, 0.1), keeps nu from 2:
    :math:`E[1/(\nu - 2)]` is finite for shapes above 1. (It would not be for an exponential prior:
    a shape of 1 or less is refused.) Its estimate is the mean of the draws' own covariances, rather
    than the covariance of simulated returns, whose fourth moments need not exist. Where the
    comparison has no joint model, strategies move together as their returns did, and tails are
    those at the posterior medians of nu.

    Attributes
    ----------
    names : tuple of str
    means : ndarray of shape (n_draws, n_strategies)
        Of a period's excess return: that of flat periods included.
    """

    names: tuple[str, ...]
    means: Array
    _groups: tuple[_Group, ...]
    _activity: Array
    _flat: Array

    @classmethod
    def of(cls, comparison: StrategyComparison) -> JointReturns:
        """Return what a comparison says.

        Raises
        ------
        TypeError
            If it is no comparison.
        ValueError
            If its prior of nu lets the returns' covariance be infinite.

        Warns
        -----
        UserWarning
            If strategies were modelled apart, and so without their correlations.
        """
        check_comparison(comparison)
        if comparison.priors.nu_shape <= _LEAST_SHAPE:
            raise ValueError(
                f"priors.nu_shape is {comparison.priors.nu_shape:g}: for 1 or less the returns' "
                "expected variance is infinite, and no portfolio follows from it. Compare with "
                "ComparisonPriors(nu_shape=2)."
            )
        scatter, variables = comparison.scatter, comparison.posterior.variables
        every = _thinning(comparison) if scatter is None else scatter.every
        if scatter is not None and comparison.dependence != "joint":
            warnings.warn(_apart(comparison), UserWarning, stacklevel=3)
        kept = {
            name: variables[name][:, ::every].reshape(-1, len(comparison.strategies))
            for name in ("mu", "sigma", "nu", "prob_active")
            if name in variables
        }
        if scatter is None:
            groups = _groups_by_correlation(comparison, kept)
        else:
            columns = [
                np.array([comparison.strategies.index(name) for name in names])
                for names in comparison.groups
            ]
            groups = [
                _Group(places, kept["mu"][:, places], scatter.roots(g), kept["nu"][:, places[0]])
                for g, places in enumerate(columns)
            ]
        activity = kept.get("prob_active", np.ones_like(kept["mu"]))
        flat = np.array([comparison.flat_returns.get(name, 0.0) for name in comparison.strategies])
        means = activity * kept["mu"] + (1.0 - activity) * flat
        return cls(comparison.strategies, means, tuple(groups), activity, flat)

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
        return self._covariances([group.nu / (group.nu - 2.0) for group in self._groups])

    def covariances_at_median_tails(self) -> Array:
        """Return the same with nu / (nu - 2) at its posterior median; their spread exists."""
        return self._covariances(
            [
                np.full(self.n_draws, np.median(group.nu / (group.nu - 2.0)))
                for group in self._groups
            ]
        )

    def _covariances(self, inflations: Sequence[Array]) -> Array:
        count = len(self.names)
        found = np.zeros((self.n_draws, count, count))
        for group, inflation in zip(self._groups, inflations, strict=True):
            roots = np.sqrt(inflation)[:, None, None] * group.roots
            found[:, group.columns[:, None], group.columns] = roots @ np.swapaxes(roots, 1, 2)
        seldom = np.flatnonzero((self._activity < 1.0).any(axis=0))
        for column in seldom:
            p = self._activity[:, column]
            mu = (self.means[:, column] - (1.0 - p) * self._flat[column]) / p
            found[:, column, column] *= p
            found[:, column, column] += p * (1.0 - p) * (mu - self._flat[column]) ** 2
        return found

    @property
    def covariance(self) -> Array:
        """The covariance of the predictive distribution: shape (n_strategies, n_strategies)."""
        of_the_means = np.atleast_2d(np.cov(self.means, rowvar=False, ddof=0))
        return np.asarray(self.covariances().mean(axis=0) + of_the_means)

    def draw(self, count: int, stream: np.random.Generator) -> Array:
        """Draw from the predictive distribution: shape (count, n_strategies).

        Draws come in pairs, with errors of opposite sign around one posterior draw's mean, and are
        moved so that their mean is that of the distribution: an optimiser would otherwise take the
        noise in the means of so many draws for opportunities.
        """
        pairs = -(-count // 2)
        # Posterior draws are all taken, or left out, about as often as each other.
        chosen = stream.permutation(np.arange(pairs) * self.n_draws // pairs)
        half = np.empty((pairs, len(self.names)))
        for group in self._groups:
            normals = stream.standard_normal((pairs, len(group.columns)))
            nu = group.nu[chosen]
            sizes = np.sqrt(0.5 * nu / stream.standard_gamma(0.5 * nu))[:, None]
            half[:, group.columns] = sizes * np.einsum("dij,dj->di", group.roots[chosen], normals)
        location = np.empty_like(half)
        for group in self._groups:
            location[:, group.columns] = group.location[chosen]
        active = stream.random(half.shape) < self._activity[chosen]
        both = [np.where(active, location + sign * half, self._flat) for sign in (1.0, -1.0)]
        drawn = np.concatenate(both)[:count]
        return np.asarray(drawn + self.mean - drawn.mean(axis=0))


def _thinning(comparison: StrategyComparison) -> int:
    """Return every how many draws are kept, so that their matrices fit in 64 MB."""
    sharpe = comparison.posterior.variables["sharpe"]
    per_draw = sharpe.shape[0] * 8 * len(comparison.strategies) ** 2
    return int(min(sharpe.shape[1], max(1, sharpe.shape[1] * per_draw // _MOST_BYTES)))


def _groups_by_correlation(comparison: StrategyComparison, kept: dict[str, Array]) -> list[_Group]:
    """Return one group of the strategies that are never flat, and one for each that is.

    For a comparison without a joint model: strategies that were modelled one by one move together
    as their returns did. nu - 2 is exponential there, and E[nu / (nu - 2)] infinite: each nu is
    taken at its posterior median, and that of the group is the median of those.
    """
    assert comparison.correlation is not None
    tails = np.median(kept["nu"], axis=0)
    sds = kept["sigma"] * np.sqrt(tails / (tails - 2.0))
    flat = np.array([name in comparison.flat_returns for name in comparison.strategies])
    members = [np.flatnonzero(~flat), *np.flatnonzero(flat)[:, None]]
    groups = []
    for places in (one for one in members if one.size):
        nu = float(np.median(tails[places]))
        values, vectors = np.linalg.eigh(comparison.correlation[np.ix_(places, places)])
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        scales = sds[:, places] * np.sqrt((nu - 2.0) / nu)
        groups.append(
            _Group(
                places,
                kept["mu"][:, places],
                scales[:, :, None] * root,
                np.full(len(scales), nu),
            )
        )
    return groups


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


def _apart(comparison: StrategyComparison) -> str:
    """Say whose correlations are not in a comparison."""
    together = max(comparison.groups, key=len)
    apart = [name for name in comparison.strategies if name not in together or len(together) == 1]
    return (
        f"The comparison has {', '.join(apart[:5])} independent of all others, so that a portfolio "
        "may look safer than it is. Those that are flat at times can be compared jointly, with "
        "flat='together'."
    )
