"""What is known of many assets once the hierarchical model is fitted."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.residual_factors import most_factors
from puffin.models.hierarchical.best import BestAsset
from puffin.models.hierarchical.skilled import SkilledAssets, false_discovery_rates
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior import Posterior, Summary, diagnose, highest_density_interval

__all__ = ["FittedHierarchy"]

_ENOUGH_ASSETS = 10


@dataclass(frozen=True)
class FittedHierarchy:
    """Draws, and the tables that are read off them.

    Attributes
    ----------
    posterior : Posterior
        Its observed data are estimates, standard errors (all of it, and what is the asset's own),
        counts of returns, and groups' places.
    unit : AlphaUnit
    hdi_prob : float
    periods_per_year : float
    n_common : int
        How many factors the residuals have in common.
    rejected : dict of str to str
    copies : dict of str to str
        Near-copies, and the asset that each is one bet with.
    """

    posterior: Posterior
    unit: AlphaUnit
    hdi_prob: float
    periods_per_year: float
    n_common: int
    rejected: dict[str, str]
    copies: dict[str, str]

    @property
    def assets(self) -> list[str]:
        """The assets, in the order of the posterior."""
        return list(self.posterior.coords["asset"])

    @property
    def group_names(self) -> list[str]:
        """The groups, in the order of the posterior."""
        return list(self.posterior.coords["group"])

    @property
    def group_of(self) -> NDArray[np.intp]:
        """Each asset's place among the groups."""
        return np.asarray(self.posterior.observed["group_of"], np.intp)

    @property
    def has_spike(self) -> bool:
        """Whether alphas may be exactly zero."""
        return "alpha_share" in self.posterior.variables

    @property
    def more_in_common(self) -> bool:
        """Whether errors have so many factors in common that there may be more."""
        n_periods = int(self.posterior.observed["n_observations"].max())
        n_originals = len(self.assets) - len(self.copies)
        most = most_factors(n_periods, n_originals)
        return n_originals > _ENOUGH_ASSETS and self.n_common >= most

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row an asset: see `BayesianHierarchical.table`."""
        observed, alpha = self.posterior.observed, self.posterior.flat("alpha")
        low, high = highest_density_interval(np.ascontiguousarray(alpha.T), self.hdi_prob)
        prob_positive = np.mean(alpha > 0.0, axis=0)
        columns = {
            "asset": self.assets,
            "group": [self.group_names[place] for place in self.group_of],
            "n_observations": observed["n_observations"].astype(int),
            "estimate": observed["estimate"],
            "std_error": observed["std_error"],
            "mean": alpha.mean(axis=0),
            "std": alpha.std(axis=0, ddof=1),
            "hdi_low": low,
            "hdi_high": high,
            "shrinkage": self._shrinkage(),
            "prob_positive": prob_positive,
            **({"prob_zero": np.mean(alpha == 0.0, axis=0)} if self.has_spike else {}),
            "fdr": false_discovery_rates(1.0 - prob_positive),
        }
        for i, factor in enumerate(self.posterior.coords["factor"]):
            columns[f"beta_{factor}"] = self.posterior.flat("beta")[..., i].mean(axis=0)
        table = pd.DataFrame(columns)
        order = np.lexsort((-table["mean"], -table["prob_positive"]))
        return table.iloc[order].reset_index(drop=True)

    def _shrinkage(self) -> Array:
        """Return the weight of its group's mean, or of zero, in each alpha, on average.

        Of what is left of the estimate once the errors that all share are taken out: those say
        nothing of how one asset differs from the others.
        """
        variance = self.posterior.observed["own_error"] ** 2
        between, alpha = self.posterior.flat("alpha_spread") ** 2, self.posterior.flat("alpha")
        shares = [
            np.mean(np.where(alpha[:, i] == 0.0, 1.0, error / (error + between[:, place])))
            for i, (error, place) in enumerate(zip(variance, self.group_of, strict=True))
        ]
        return np.array(shares)

    @functools.cached_property
    def groups(self) -> pd.DataFrame:
        """One row a group, and one of all: see `BayesianHierarchical.groups`."""
        alpha, within = self.posterior.flat("alpha"), self._spreads()
        places = range(len(self.group_names))
        members = [self.group_of == place for place in places]
        rows = [
            self._level(self.group_names[place], alpha[:, members[place]], within[:, place])
            for place in places
            if len(places) > 1
        ]
        means = np.column_stack([alpha[:, member].mean(axis=1) for member in members])
        away = means - alpha.mean(axis=1, keepdims=True)
        shares = np.array([member.mean() for member in members])
        rows.append(self._level("(all)", alpha, np.sqrt((within**2 + away**2) @ shares)))
        return pd.DataFrame(rows)

    def _spreads(self) -> Array:
        """Return draws of how far alphas are spread within each group, those that are zero too."""
        spread = self.posterior.flat("alpha_spread")
        if not self.has_spike:
            return spread
        variables = self.posterior.variables
        share = self.posterior.flat("alpha_share")[:, None]
        mean = self.posterior.flat("alpha_group" if "alpha_group" in variables else "alpha_mean")
        mean = mean.reshape(len(mean), -1)
        return np.asarray(np.sqrt(share * (spread**2 + (1.0 - share) * mean**2)))

    def _level(self, name: str, alpha: Array, spread: Array) -> dict[str, object]:
        mean = alpha.mean(axis=1)
        low, high = highest_density_interval(mean, self.hdi_prob)
        spread_low, spread_high = highest_density_interval(spread, self.hdi_prob)
        return {
            "group": name,
            "n_assets": alpha.shape[1],
            "mean": float(mean.mean()),
            "std": float(mean.std(ddof=1)),
            "hdi_low": float(low),
            "hdi_high": float(high),
            "spread": float(spread.mean()),
            "spread_low": float(spread_low),
            "spread_high": float(spread_high),
            "expected_skilled": float(np.mean(alpha > 0.0, axis=0).sum()),
        }

    def ranked(self, threshold: float) -> pd.DataFrame:
        """Return `table` by the probability of an alpha above a threshold, and the rates of that.

        Column prob_above is added, and fdr is the rate of those at most the threshold.
        """
        prob_false = np.mean(self.posterior.flat("alpha") <= threshold, axis=0)
        rates = false_discovery_rates(prob_false)
        place = pd.Series(range(len(self.assets)), self.assets).loc[self.table["asset"]].to_numpy()
        table = self.table.assign(prob_above=1.0 - prob_false[place], fdr=rates[place])
        return table.sort_values("fdr", kind="stable", ignore_index=True)

    def skilled(self, fdr: float, threshold: float) -> SkilledAssets:
        """Return the largest set with at most this expected share of false ones."""
        ranked = self.ranked(threshold)
        return SkilledAssets.among(ranked, fdr, threshold, self.unit, self.hdi_prob)

    @functools.cached_property
    def best(self) -> BestAsset:
        """The asset whose estimate is best."""
        row = self.table.iloc[int(self.table["estimate"].to_numpy().argmax())]
        return BestAsset(
            asset=str(row["asset"]),
            n_assets=len(self.table),
            estimate=float(row["estimate"]),
            mean=float(row["mean"]),
            hdi_low=float(row["hdi_low"]),
            hdi_high=float(row["hdi_high"]),
            prob_positive=float(row["prob_positive"]),
            unit=self.unit,
            hdi_prob=self.hdi_prob,
        )

    @functools.cached_property
    def scalars(self) -> dict[str, Array]:
        """Means and spreads by name, each of shape (n_chains, n_draws)."""
        found = {}
        for name, draws in self.posterior.variables.items():
            if name in ("alpha", "beta"):
                continue
            dims = self.posterior.dims[name]
            labels = [self.posterior.coords[dim] for dim in dims]
            for place in np.ndindex(draws.shape[2:]):
                at = ", ".join(str(label[i]) for label, i in zip(labels, place, strict=True))
                found[f"{name}[{at}]" if at else name] = draws[(..., *place)]
        return found

    @functools.cached_property
    def checks(self) -> Summary:
        """ess_bulk, ess_tail and r_hat of means and spreads."""
        return {name: diagnose(draws) for name, draws in self.scalars.items()}

    @functools.cached_property
    def diagnostics(self) -> Summary:
        """ess_bulk, ess_tail and r_hat of each alpha."""
        alpha = self.posterior.variables["alpha"]
        return {name: diagnose(alpha[..., i]) for i, name in enumerate(self.assets)}
