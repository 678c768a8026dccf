"""The posterior Sharpe ratio of each asset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from puffin.models.sharpe import SharpePosterior, bayesian_sharpe
from puffin.panel.asset import Asset
from puffin.panel.questions.question import Answer, Question, summarised
from puffin.showing.checks import draws_doubts

__all__ = ["SharpeQuestion"]


class SharpeQuestion(Question):
    """`bayesian_sharpe` of each."""

    @property
    def fit_function(self) -> Callable[..., Any]:
        """The model itself."""
        return bayesian_sharpe

    def fit(self, asset: Asset, seed: int) -> SharpePosterior:
        """Return the posterior of its Sharpe ratio; rows without a return are left out."""
        return bayesian_sharpe(
            asset.y.dropna(), hdi_prob=self.hdi_prob, cores=1, random_seed=seed, **self.options
        )

    def answer(self, fitted: SharpePosterior) -> Answer:
        """Return the Sharpe ratio, and the parameters of the law."""
        variables = dict(fitted.posterior.variables)
        sharpe = variables.pop("sharpe")
        return Answer(
            summarised({"sharpe": sharpe, **variables}, self.hdi_prob),
            fitted["n_observations"],
            fitted["method"],
            fitted["note"] or "",
            tuple(draws_doubts(fitted["ess"], fitted["r_hat"])),
        )
