"""What a fit leaves: what it was of, how it was made, and the draws."""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.factor_sv.chain import FactorPrior
from puffin.inference.factor_sv.sampler import FactorDraws, sample_factor_sv
from puffin.inference.settings import Settings
from puffin.models.multivariate.checks import missed_correlation
from puffin.models.multivariate.means import bootstrap_means
from puffin.models.multivariate.moments import in_a_row, mean_covariances
from puffin.models.multivariate.paths import Paths
from puffin.models.volatility.observed import observe
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import Summary, summarise
from puffin.showing.checks import draws_doubts
from puffin.validation import PricePanel

__all__ = ["MOST_STATES", "ErrorsAndMeans", "FittedMultivariate", "fit_panel", "observed_returns"]

MOST_STATES = 200_000_000 // 4
"""How many states are kept of a fit, in 200 MB."""


@dataclass(frozen=True)
class FittedMultivariate:
    """Returns, settings and draws.

    Attributes
    ----------
    panel : PricePanel
        Of returns, as they were given.
    settings : Settings
    draws : FactorDraws
        In the returns' unit.
    notes : mapping of str to str
        Of assets with returns that count as not observed, which.
    """

    panel: PricePanel
    settings: Settings
    draws: FactorDraws
    notes: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The assets."""
        return [str(name) for name in self.panel.names]

    @property
    def seed(self) -> int:
        """Of what is simulated from the draws."""
        return fixed_seed(self.settings.seed)

    @property
    def n_factors(self) -> int:
        """How many factors there are."""
        return int(self.draws.loadings.shape[2])

    @property
    def kept_loadings(self) -> Array:
        """Loadings of the draws whose states are kept: (n_kept, n_factors, n_assets)."""
        return in_a_row(self.draws.loadings[:, :: self.draws.thin])

    @property
    def kept_states(self) -> Array:
        """Log-variances, errors before factors: (n_kept, n_times, n_assets + n_factors)."""
        return in_a_row(self.draws.h)

    def paths(self, horizon: int) -> Paths:
        """Return variances of the periods to come; the same each time."""
        return Paths.simulate(self.draws, horizon, self.seed)

    def identified(self) -> dict[str, Array]:
        """Return draws, by chain, of what neither signs nor order of factors change.

        Of each asset on the last date: its variance, what share of it the factors explain
        (communality), and its covariance with all assets in equal parts; of Student-t errors nu.
        """
        draws, m = self.draws, len(self.names)
        variances = np.exp(draws.h_last)
        common = np.einsum("cdki,cdk->cdi", draws.loadings**2, variances[..., m:])
        exposure = variances[..., m:] * draws.loadings.mean(axis=3)
        market = np.einsum("cdki,cdk->cdi", draws.loadings, exposure) + variances[..., :m] / m
        total = common + variances[..., :m]
        of_asset: dict[str, Array] = {}
        for i, name in enumerate(self.names):
            if draws.student:
                of_asset[f"nu[{name}]"] = draws.nu[..., i]
            of_asset[f"variance[{name}]"] = total[..., i]
            of_asset[f"covariance_with_all[{name}]"] = market[..., i]
            if self.n_factors:
                of_asset[f"communality[{name}]"] = common[..., i] / total[..., i]
        return of_asset

    @functools.cached_property
    def checks(self) -> Summary:
        """Summary of what is identified."""
        return summarise(self.identified(), 0.94)

    @functools.cached_property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on what the draws say; none where they are fine."""
        rows = self.checks.values()
        ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in rows)
        r_hat = max(row["r_hat"] for row in rows)
        return (
            *draws_doubts(ess, r_hat, samples=self.settings.draws),
            *missed_correlation(self.panel, self.usual_covariance()),
        )

    def usual_covariance(self) -> Array:
        """Return the posterior mean of covariances averaged over all times."""
        h = self.kept_states
        usual = np.array([np.exp(one).mean(axis=0, dtype=np.float64) for one in h])
        logs = np.log(usual).astype(np.float32)[:, None]
        return np.asarray(mean_covariances(self.kept_loadings, logs, correlations=False)[0])


def observed_returns(panel: PricePanel) -> tuple[Array, dict[str, str]]:
    """Return returns without those that say nothing of volatility, and which those are.

    Raises
    ------
    ValueError
        If those of an asset are one number nearly always.
    """
    columns, notes = [], {}
    for name, values in zip(panel.names, panel.values.T, strict=True):
        try:
            taken = observe(values)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        columns.append(taken.values)
        if taken.note:
            notes[str(name)] = taken.note
    return np.column_stack(columns), notes


class ErrorsAndMeans(NamedTuple):
    """What errors and means are: see `MultivariateSV`."""

    distribution: str
    mean: str


def fit_panel(
    panel: PricePanel,
    n_factors: int,
    priors: VolatilityPriors,
    loading_sd: float,
    law: ErrorsAndMeans,
    settings: Settings,
) -> FittedMultivariate:
    """Return the fit, drawn in units in which returns are about one."""
    returns, notes = observed_returns(panel)
    if priors.scale == "data":
        scale = np.maximum(np.nanstd(returns, axis=0), np.abs(np.nanmean(returns, axis=0)))
    else:
        scale = np.full(returns.shape[1], float(priors.scale))
    prior = FactorPrior(
        priors.mean_sd, priors.mu_sd, loading_sd, priors.phi_a, priors.phi_b, priors.sigma_sd,
        law.mean != "zero", law.distribution == "student", priors.nu_mean,
    )  # fmt: skip
    size = settings.chains * settings.draws * returns.shape[0]
    thin = math.ceil(size * (returns.shape[1] + 2 * n_factors) / MOST_STATES)
    draws = sample_factor_sv(
        returns / scale, n_factors, prior, settings, thin=min(thin, settings.draws)
    )
    draws = _in_unit(draws, scale)
    if law.mean == "sample":
        draws = dataclasses.replace(draws, mean=bootstrap_means(panel.values, settings))
    return FittedMultivariate(panel, settings, draws, notes)


def _in_unit(draws: FactorDraws, scale: Array) -> FactorDraws:
    """Return draws of returns that are `scale` times as large; h of the draws kept in place."""
    shift = np.append(2.0 * np.log(scale), np.zeros(draws.loadings.shape[2]))
    np.add(draws.h, shift, draws.h, casting="same_kind")
    return dataclasses.replace(
        draws,
        mean=draws.mean * scale,
        loadings=draws.loadings * scale,
        mu=draws.mu + shift,
        h_last=draws.h_last + shift,
    )
