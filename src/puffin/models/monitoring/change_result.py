"""What is known of a Sharpe ratio since a date: probabilities, weeks, months to know, figure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from puffin.models.monitoring.card import change_card
from puffin.models.monitoring.change_model import MonthsToKnow
from puffin.models.monitoring.change_plot import change_figure
from puffin.models.sharpe.result import SharpePosterior
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SharpeChange"]


@dataclass(frozen=True, repr=False)
class SharpeChange(Shown, Plotted):
    """What is known of a Sharpe ratio since a date, next to the backtest before it.

    Attributes
    ----------
    name : str
    since : hashable
        Date, or number, of the first live return.
    prob_lower : float
        That the annual Sharpe ratio since then is lower than in the backtest.
    prob_negative : float
        That it is below zero.
    months_to_settle_change, months_to_settle_sign : MonthsToKnow
        How many more months it takes until `prob_lower`, or `prob_negative`, is beyond `certainty`
        or its complement; zero where it is, infinity where it never will be: the backtest is then
        too short to say how good the strategy was.
    backtest, live : SharpePosterior
        Of the returns before, and of those since alone.
    path : DataFrame
        Week by week, on the date of the week's last return: `n_observations` since; `sharpe`, `low`
        and `high`, mean and interval of the Sharpe ratio since, given all returns until then;
        `prob_lower`, `prob_negative`; and `sharpe_alone`, `sd_alone` given the live returns alone.
        Each row knows its past only.
    change_sd, certainty, hdi_prob : float
    """

    name: str
    since: Hashable
    prob_lower: float
    prob_negative: float
    months_to_settle_change: MonthsToKnow
    months_to_settle_sign: MonthsToKnow
    backtest: SharpePosterior
    live: SharpePosterior
    path: pd.DataFrame
    change_sd: float
    certainty: float
    hdi_prob: float

    def _card(self) -> Card:
        return change_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw both probabilities and the Sharpe ratio, week by week."""
        return change_figure(
            self.path, dict(self.backtest), self.certainty, self.hdi_prob, self.name, ax
        )
