"""What drives each asset: its returns on the same factors, or on its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from puffin.models.regression import BayesianLinearRegression
from puffin.panel.asset import Asset
from puffin.panel.questions.question import Answer, Question, summarised
from puffin.showing.checks import draws_doubts

__all__ = ["RegressionQuestion"]


class RegressionQuestion(Question):
    """A linear regression of each on X."""

    shared = needed = ("X",)
    how_to_give = "give a frame of factors; of a long frame, the names of its columns."

    @property
    def fit_function(self) -> Callable[..., Any]:
        """The fit of the model."""
        found: Callable[..., Any] = self.model.fit
        return found

    def fit(self, asset: Asset, seed: int) -> BayesianLinearRegression:
        """Return the model, fitted to the rows that have a return."""
        model: BayesianLinearRegression = self._copy()
        y = asset.y.dropna()
        if not y.size:
            raise ValueError("there are no returns.")
        X = asset.beside["X"].loc[asset.y.notna()]
        return model.fit(X, y, cores=1, random_seed=seed, **self.options)

    def answer(self, fitted: BayesianLinearRegression) -> Answer:
        """Return alpha, the coefficients by name, sigma and, where errors have it, nu."""
        posterior = fitted.posterior
        variables = dict(posterior.variables)
        beta = variables.pop("beta")
        coefficients = {name: beta[..., i] for i, name in enumerate(posterior.coords["feature"])}
        scalars = {"alpha": variables.pop("alpha"), **coefficients, **variables}
        summary = summarised(scalars, self.hdi_prob)
        doubts = [] if not posterior.statistics else draws_doubts(
            min(min(row["ess_bulk"], row["ess_tail"]) for row in summary.values()),
            max(row["r_hat"] for row in summary.values()),
        )  # fmt: skip
        if "least squares" in posterior.method:
            doubts = ["Sampling failed: this is ordinary least squares, without priors."]
        rows = int(posterior.observed["y"].size)
        return Answer(summary, rows, posterior.method, doubts=tuple(doubts))
