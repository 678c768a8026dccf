"""What is shown of a backtest."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal, percent
from puffin.showing.pictures import Sparkline
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.backtest.result import BacktestResult

__all__ = ["backtest_card"]


def backtest_card(result: BacktestResult) -> Card:
    """Return growth, volatility and the largest fall, before and after costs."""
    summary, index = result.summary(), result.returns.index
    gross, net = (summary[column].to_dict() for column in ("gross", "net"))
    terms = ", ".join(f"{name}={value:g}" for name, value in asdict(result.terms).items() if value)
    rows = [
        (name.replace("_", " "), *(write(one[name]) for one in (net, gross)))
        for name, write in {
            "annual_growth": percent, "annual_volatility": percent, "sharpe": decimal,
            "largest_drawdown": percent, "annual_turnover": decimal,
        }.items()
    ]  # fmt: skip
    return Card(
        f"BacktestResult({terms})",
        [
            f"{result.name}, {len(index):,} periods to {row_label(index[-1])}: grew "
            f"{percent(net['annual_growth'])} a year after costs, {percent(gross['annual_growth'])}"
            f" before; largest fall {percent(net['largest_drawdown'])}; Sharpe ratio of the sample "
            f"{decimal(net['sharpe'])}: .sharpe() says how sure that is."
        ],
        table=Table(("", "after costs", "before"), rows),
        picture=Sparkline(np.log(result.equity.to_numpy(float)), "Equity, on a log scale"),
    )
