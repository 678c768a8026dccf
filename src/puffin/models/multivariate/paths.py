"""What comes next: variances of the periods to come, simulated, and returns given them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.factor_sv.period import error_rarity, propose_factors
from puffin.inference.factor_sv.sampler import FactorDraws
from puffin.laws import LAWS
from puffin.models.multivariate.moments import in_a_row, portfolio_variances
from puffin.posterior import PredictiveReturn
from puffin.posterior.predictive import Average

__all__ = ["JointPredictive", "Paths"]

_PROPOSALS = 8


@dataclass(frozen=True)
class Paths:
    """For each draw, the variances of the periods to come.

    Attributes
    ----------
    draws : FactorDraws
    variances : ndarray of shape (n_chains, n_draws, n_periods, n_assets + n_factors)
    seed : int
    """

    draws: FactorDraws
    variances: Array
    seed: int

    @classmethod
    def simulate(cls, draws: FactorDraws, horizon: int, seed: int) -> Paths:
        """Return one path for each draw."""
        [stream] = streams(seed, 1, purpose=Purpose.JOINT_FORECAST)
        variances = np.empty((*draws.h_last.shape[:2], horizon, draws.h_last.shape[2]))
        h = draws.h_last
        for step in range(horizon):
            noise = draws.sigma * stream.standard_normal(h.shape)
            h = draws.mu + draws.phi * (h - draws.mu) + noise
            variances[:, :, step] = np.exp(h)
        if not np.isfinite(variances).all():
            raise ValueError(
                f"volatility over horizon={horizon} periods leaves the range of floating-point "
                "numbers; forecast fewer periods, or look at model.summary()."
            )
        return cls(draws, variances, seed)

    @property
    def total(self) -> Array:
        """Variances added up over periods: shape (n_chains, n_draws, n_assets + n_factors)."""
        return np.asarray(self.variances.sum(axis=2))

    @functools.cached_property
    def mixed(self) -> Array:
        """Variances of errors given what Student-t errors mix over: of the shape of `variances`."""
        if not self.draws.student:
            return self.variances
        [stream] = streams(self.seed, 1, purpose=Purpose.JOINT_MIXING)
        n_assets, nu = self.draws.mean.shape[-1], self.draws.nu[:, :, None]
        mixed = self.variances.copy()
        own = mixed[..., :n_assets]
        own *= LAWS["student"].mixing(stream, own.shape, {"nu": nu})
        return mixed

    def log_densities(self, returns: Array) -> Array:
        """Return the log density of each period's returns, averaged over the draws.

        Given a draw it is an integral over the factors (`puffin.inference.factor_sv.period`), of
        which each draw has an estimate without bias of eight proposals; with normal errors it is
        exact.

        Parameters
        ----------
        returns : ndarray of shape (n_periods, n_assets)
            NaN where not observed.

        Returns
        -------
        ndarray of shape (n_periods,)
        """
        each = self._student_densities if self.draws.student else self._normal_densities
        return np.array(
            [
                logsumexp(logs) - np.log(logs.size)
                for logs in map(each, range(len(returns)), returns)
            ]
        )

    def _student_densities(self, step: int, observed: Array) -> Array:
        [stream] = streams(self.seed, 1, purpose=Purpose.JOINT_DENSITY, part=step)
        loadings = in_a_row(self.draws.loadings)
        h = np.log(in_a_row(self.variances[:, :, step])).astype(np.float32)[..., None]
        found = propose_factors(
            observed - in_a_row(self.draws.mean), loadings,
            np.broadcast_to(h, (_PROPOSALS, *h.shape)),
            error_rarity(in_a_row(self.draws.nu), loadings.shape[1]), stream,
        )  # fmt: skip
        return np.asarray(logsumexp(found.log_weights, axis=0) - np.log(_PROPOSALS))

    def _normal_densities(self, step: int, observed: Array) -> Array:
        """Return that of a normal distribution with covariance B' D B + E for each draw.

        Inverse and determinant are found in the factors' own dimension (Woodbury).
        """
        m = self.draws.mean.shape[-1]
        v, there = in_a_row(self.variances[:, :, step]), np.isfinite(observed)
        B = in_a_row(self.draws.loadings)[:, :, there]
        own, common = v[:, :m][:, there], v[:, m:]
        errors = observed[there] - in_a_row(self.draws.mean)[:, there]
        inner = (B / own[:, None]) @ B.transpose(0, 2, 1)
        inner += np.eye(common.shape[1]) / common[:, :, None]
        pulled = (B * (errors / own)[:, None]).sum(axis=2)
        solved = np.linalg.solve(inner, pulled[..., None])[..., 0]
        quadratic = (errors**2 / own).sum(axis=1) - (pulled * solved).sum(axis=1)
        determinant = np.log(own).sum(axis=1) + np.log(common).sum(axis=1)
        determinant += np.linalg.slogdet(inner)[1] + there.sum() * np.log(2.0 * np.pi)
        return np.asarray(-0.5 * (quadratic + determinant))

    def returns(self, weights: Array) -> Array:
        """Return simulated returns of portfolios of the same simulated returns of assets.

        Parameters
        ----------
        weights : ndarray of shape (n_assets,) or (n_assets, n_portfolios)

        Returns
        -------
        ndarray of shape (n_chains, n_draws, n_periods) or (..., n_periods, n_portfolios)
        """
        [stream] = streams(self.seed, 1, purpose=Purpose.JOINT_LAST_PERIOD)
        m = self.draws.mean.shape[-1]
        periods = []
        for step in range(self.variances.shape[2]):
            v = self.mixed[:, :, step]
            shocks = np.sqrt(v) * stream.standard_normal(v.shape)
            common = np.einsum("cdk,cdki->cdi", shocks[..., m:], self.draws.loadings)
            periods.append((self.draws.mean + common + shocks[..., :m]) @ weights)
        return np.stack(periods, axis=2)


@dataclass(frozen=True, repr=False)
class JointPredictive(PredictiveReturn):
    """The return over the next periods of a portfolio, or of several that move together.

    Given a draw of parameters, of the variances to come and of what Student-t errors mix over it is
    normal; draws of several series are of one world, so that weighing them gives draws of a
    portfolio.

    Attributes
    ----------
    paths : Paths
    weights : ndarray of shape (n_assets,) or (n_assets, n_portfolios)
    volatility : ndarray
        Standard deviation given parameters and variances alone, as `spread`.
    why_not : tuple of str
    """

    paths: Paths | None = None
    weights: Array | None = None
    volatility: Array | None = None
    why_not: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        paths: Paths,
        weights: Array,
        index: pd.Index | None,
        doubts: tuple[str, ...],
        *,
        mean_exists: bool,
    ) -> JointPredictive:
        """Return it for weights of shape (n_assets,) or (n_assets, n_portfolios)."""
        horizon = paths.variances.shape[2]
        volatility, spread = (
            np.sqrt(portfolio_variances(paths.draws.loadings, variances.sum(axis=2), weights))
            for variances in (paths.variances, paths.mixed)
        )
        return cls(
            horizon * (paths.draws.mean @ weights), spread, LAWS["normal"], {},
            seed=paths.seed, mean_exists=mean_exists, index=index, paths=paths, weights=weights,
            volatility=volatility, why_not=doubts,
        )  # fmt: skip

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the fit."""
        return self.why_not

    @property
    def standard_deviation(self) -> Average:
        """As of every `Predictive`, with what errors mix over averaged exactly."""
        plain = self.spread if self.volatility is None else self.volatility
        return PredictiveReturn(self.location, plain, self.law, {}).standard_deviation

    def at_posterior_mean(self) -> PredictiveReturn:
        """Return one distribution, as often as there are draws of what errors mix over."""
        one = super().at_posterior_mean()
        if self.volatility is None:
            return one
        usual = np.broadcast_to(self.volatility.mean(axis=(0, 1)), self.spread.shape)
        return replace(one, spread=usual * self.spread / self.volatility)

    @property
    def draws(self) -> Array:
        """A simulated return of each draw and period, joint over series."""
        if self.paths is None or self.weights is None:
            return super().draws
        return self.paths.returns(self.weights)
