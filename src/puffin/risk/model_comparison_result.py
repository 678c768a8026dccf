"""What is known of several volatility models, side by side."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.models.volatility import AveragedVolatilityModel
from puffin.posterior.plotted import Plotted
from puffin.risk.card import model_comparison_card
from puffin.risk.model_comparison_plot import comparison_figure
from puffin.risk.rolling_result import RollingForecast
from puffin.risk.scores import newey_west_error, newey_west_lags
from puffin.showing.card import Card
from puffin.showing.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["AVERAGE", "VolatilityComparison"]

AVERAGE = "average"
"""The name that the average of the models has beside theirs."""

_ERRORS = 2.0
_HARDLY = math.log(3.0)


@dataclass(frozen=True, repr=False)
class VolatilityComparison(Shown, Plotted):
    """Volatility models of the same returns: how probable each is, and how well it forecasts.

    Attributes
    ----------
    averaged : AveragedVolatilityModel
        The models, fitted to all returns, each weighed by its probability: a forecaster, as any one
        of its `models` is.
    forecasts : dict of str to RollingForecast
        Of the periods held out, by each model and by their average; empty where none were.
    """

    averaged: AveragedVolatilityModel
    forecasts: Mapping[str, RollingForecast] = field(default_factory=dict)

    def _card(self) -> Card:
        return model_comparison_card(self)

    @property
    def best(self) -> str:
        """The name of the most probable model."""
        return str(self.averaged.weights.idxmax())

    @property
    def held_out(self) -> int:
        """How many periods were forecast one by one."""
        return len(self.forecasts[AVERAGE].table) if self.forecasts else 0

    @property
    def levels(self) -> list[float]:
        """Probabilities of the tails; none where no periods were held out."""
        return self.forecasts[AVERAGE].levels if self.forecasts else []

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row a model, the most probable first, and the average last.

        - `log_evidence`, log p(returns), with its Monte Carlo standard error `evidence_error`, and
          the posterior `probability` of the model if all are as probable before.

        And where periods were held out:

        - `log_score`, the mean log density of the returns that came; `score_difference`, what it is
          less than the best one's, with its standard error `score_error`, autocorrelation allowed
          for (0 of the best itself).
        - For each level, as in `violations_0.01`: `violations` of the value at risk, which has
          `expected` of them in `attrs`; and p-values, small where forecasts are wrong, of the tests
          of `RollingForecast.tests`: `p_unconditional_coverage`, `p_independence`,
          `p_conditional_coverage`, `p_dynamic_quantile`, `p_expected_shortfall`.
        """
        table, scores = self.evidence.sort_values("log_evidence", ascending=False), self.scores
        if scores is not None:
            table = table.reindex([*table.index, AVERAGE])
            own = self.averaged.log_marginal_likelihood
            table.loc[AVERAGE, ["log_evidence", "evidence_error"]] = own.value, own.error
            table = table.join(scores).join(self._tail_tests())
        table.attrs.update(
            held_out=self.held_out,
            levels=self.levels,
            expected={level: self.held_out * level for level in self.levels},
            note=self.averaged.note,
        )
        return table.rename_axis("model")

    @property
    def evidence(self) -> pd.DataFrame:
        """Log evidence of each model, its error, and its probability: the start of `table`."""
        return self.averaged.evidence.rename(columns={"error": "evidence_error"})

    @property
    def scores(self) -> pd.DataFrame | None:
        """Log scores of what was held out: those columns of `table`; None where nothing was."""
        if not self.forecasts:
            return None
        scores = pd.DataFrame({name: one.log_density for name, one in self.forecasts.items()})
        means = scores.mean()
        differences = scores.sub(scores[means.idxmax()], axis=0)
        lags = newey_west_lags(len(scores))
        return pd.DataFrame(
            {
                "log_score": means,
                "score_difference": differences.mean(),
                "score_error": [
                    newey_west_error(differences[name].to_numpy(), lags) for name in differences
                ],
            }
        )

    def _tail_tests(self) -> pd.DataFrame:
        rows = {}
        for name, forecast in self.forecasts.items():
            tests = forecast.tests()["p_value"]
            row = rows[name] = dict[str, float]()
            for level in self.levels:
                row[f"violations_{level:g}"] = int(forecast.violations(level).sum())
                for test, p_value in tests[level].items():
                    kind = str(test).split(", ")[1].replace(" ", "_")
                    row[f"p_{kind}_{level:g}"] = float(p_value)
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def notes(self) -> list[str]:
        """What the table says, in sentences: what is told apart, and what is not."""
        return [*self._on_evidence(), *self._on_scores(), *filter(None, [self.averaged.note])]

    def _on_evidence(self) -> list[str]:
        table, best = self.evidence, self.best
        known = table.dropna()
        behind = known["log_evidence"][best] - known["log_evidence"].drop(best)
        error = np.hypot(known["evidence_error"][best], known["evidence_error"].drop(best))
        within, close = behind < _ERRORS * error, behind < _HARDLY
        said = [f"{best} is the most probable: P = {table['probability'][best]:.3g}."]
        if within.any():
            said.append(
                f"The evidence of {_listed(behind.index[within])} is less by no more than "
                f"{_ERRORS:g} Monte Carlo standard errors: which of them is ahead, more samples "
                "would say."
            )
        if (close & ~within).any():
            said.append(
                f"The returns hardly tell it from {_listed(behind.index[close & ~within])}: Bayes "
                "factors below 3."
            )
        without = table.index[table["log_evidence"].isna()]
        if len(without):
            said.append(f"Without an evidence, since sampling failed: {_listed(without)}.")
        return said

    def _on_scores(self) -> list[str]:
        scores = self.scores
        if scores is None:
            return []
        best = str(scores["log_score"].idxmax())
        behind = scores.drop(best)
        alike = -behind["score_difference"] <= _ERRORS * behind["score_error"]
        said = f"Of the last {self.held_out} periods, {best} has the best log score"
        if alike.all():
            return [f"{said}, and no other's is worse by more than {_ERRORS:g} standard errors."]
        worse = _listed(behind.index[~alike])
        return [f"{said}; by more than {_ERRORS:g} standard errors better than {worse}."]

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw log evidences and log scores, each less the best, with two standard errors."""
        return comparison_figure(self.table, self.held_out, ax)


def _listed(names: pd.Index[str]) -> str:
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last
