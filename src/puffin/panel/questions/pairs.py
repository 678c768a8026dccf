"""Whether one asset hedges another, of each pair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from puffin.models.pairs import BayesianPairsTrading
from puffin.panel.asset import Asset
from puffin.panel.pair_assets import BETWEEN_LEGS
from puffin.panel.questions.question import Answer, Question
from puffin.posterior import Summary, gaussian_interval

__all__ = ["PairsQuestion"]


class PairsQuestion(Question):
    """The hedge ratios of each pair, or basket, through time."""

    own = needed = ("x",)
    how_to_give = (
        "say which columns are pairs, as pairs=[('KO', 'PEP')]; of a long frame, x= names the "
        "column of the hedge."
    )
    of_pairs = True

    @property
    def fit_function(self) -> Callable[..., Any]:
        """The fit of the model."""
        found: Callable[..., Any] = self.model.fit_dynamic_hedge
        return found

    def fit(self, asset: Asset, seed: int) -> BayesianPairsTrading:
        """Return the model, fitted to the prices."""
        model: BayesianPairsTrading = self._copy()
        x = asset.beside["x"]
        # A leg's own name may hold what is between legs.
        y = asset.y.rename(asset.name.removesuffix(BETWEEN_LEGS + ", ".join(x.columns)))
        model.fit_dynamic_hedge(y, x, cores=1, random_seed=seed, **self.options)
        return model

    def answer(self, fitted: BayesianPairsTrading) -> Answer:
        """Return the hedge ratios of the date to come, the z-score, and whether the spread reverts.

        The z-score is a number; mean reversion is a probability, and the half-life a median.
        """
        known = fitted.next_hedge
        names = [name for name in known.index if name.startswith("hedge_ratio_mean")]
        summary: Summary = {}
        for name in names:
            mean, sd = known[name], known[name.replace("_mean", "_std", 1)]
            low, high = gaussian_interval(mean, sd, self.hdi_prob)
            summary[name.replace("_mean", "", 1)] = {
                "mean": mean, "sd": sd, "hdi_low": low, "hdi_high": high,
            }  # fmt: skip
        reversion = fitted.mean_reversion
        summary["zscore"] = {"value": float(fitted.zscore().iloc[-1])}
        summary["mean_reversion"] = {"prob_positive": reversion.prob_mean_reverting}
        low, high = reversion.interval(self.hdi_prob)
        summary["half_life"] = {"median": reversion.half_life, "hdi_low": low, "hdi_high": high}
        return Answer(
            summary,
            int(fitted.hedge["spread"].notna().sum()),
            fitted.fitted_by,
            doubts=fitted.doubts,
        )
