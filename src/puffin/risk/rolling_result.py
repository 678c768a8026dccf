"""Forecasts through time, and how good they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from puffin.posterior.plotted import Plotted
from puffin.risk.card import rolling_card
from puffin.risk.coverage import christoffersen_test, independence_test, kupiec_test, violations
from puffin.risk.dynamic_quantile import dynamic_quantile_test
from puffin.risk.rolling_plot import rolling_figure
from puffin.risk.shortfall_test import shortfall_test
from puffin.showing.card import Card
from puffin.showing.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RollingForecast"]


@dataclass(frozen=True, repr=False)
class RollingForecast(Shown, Plotted):
    """Forecasts of each period, made before it.

    Attributes
    ----------
    table : DataFrame
        On the periods' index: `returned`, the return that came; `volatility`, the posterior mean
        of exp(h / 2); `return_sd`, the standard deviation of the return over the draws;
        `log_density` of the return that came; `pit`, the forecast's probability of a return up to
        it; `fitted`, whether the model was refitted; `doubt`, what the sampler warned of.
    value_at_risk, expected_shortfall : DataFrame
        A column for each level; losses are positive. Expected shortfalls are NaN under a prior
        with which they do not exist (sigma_sd above 2).
    """

    table: pd.DataFrame
    value_at_risk: pd.DataFrame
    expected_shortfall: pd.DataFrame

    def _card(self) -> Card:
        return rolling_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw the returns that came over the value at risk."""
        return rolling_figure(self.table["returned"], self.value_at_risk, ax)

    @property
    def levels(self) -> list[float]:
        """Probabilities of the tails."""
        return [float(level) for level in self.value_at_risk.columns]

    @property
    def volatility(self) -> pd.Series[float]:
        """Posterior mean of each period's volatility, of a period and not annual."""
        return self.table["volatility"]

    @property
    def log_density(self) -> pd.Series[float]:
        """Log predictive density of each return that came: the log score of the forecasts."""
        return self.table["log_density"]

    @property
    def pit(self) -> pd.Series[float]:
        """The forecasts' probabilities of a return up to the one that came: uniform if right."""
        return self.table["pit"]

    @property
    def fitted(self) -> pd.Series[bool]:
        """Whether the model was refitted for the period: from there a run can go on."""
        return self.table["fitted"]

    def violations(self, level: float) -> pd.Series[bool]:
        """Return when the loss was larger than the value at risk."""
        return violations(self.table["returned"], self.value_at_risk[self._known(level)])

    def tests(self) -> pd.DataFrame:
        """Return the tests of value at risk and expected shortfall at each level.

        Returns
        -------
        DataFrame
            Rows (level, test); columns `statistic`, `p_value` and `asymptotic_p_value`.
        """
        rows = {}
        for level in self.levels:
            hits, at_risk = self.violations(level), self.value_at_risk[level]
            for test in (
                kupiec_test(hits, level),
                independence_test(hits),
                christoffersen_test(hits, level),
                dynamic_quantile_test(self.table["returned"], at_risk, level),
                shortfall_test(self.pit, level),
            ):
                rows[level, test.name] = {
                    "statistic": test.statistic,
                    "p_value": test.p_value,
                    "asymptotic_p_value": test.asymptotic_p_value,
                }
        return pd.DataFrame(rows).T.rename_axis(["level", "test"])

    def continued(self, later: RollingForecast) -> RollingForecast:
        """Return these forecasts, from where the later ones start on those.

        Raises
        ------
        ValueError
            If the later ones do not start at one of these periods, or are of other levels.
        """
        if later.levels != self.levels:
            raise ValueError(f"later must have the levels {self.levels}; found {later.levels}.")
        first = later.table.index[0]
        if first not in self.table.index:
            raise ValueError(
                f"later must start at one of the periods forecast here, {self.table.index[0]} to "
                f"{self.table.index[-1]}; it starts at {first}."
            )
        kept = self.table.index.get_loc(first)
        pairs = (
            (self.table, later.table),
            (self.value_at_risk, later.value_at_risk),
            (self.expected_shortfall, later.expected_shortfall),
        )
        return RollingForecast(*(pd.concat([old.iloc[:kept], new]) for old, new in pairs))

    def _known(self, level: float) -> float:
        if level not in self.levels:
            raise ValueError(f"level must be one of {self.levels}; found {level!r}.")
        return level
