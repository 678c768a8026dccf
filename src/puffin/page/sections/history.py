"""What happened to a strategy's wealth: growth, the benchmark's beside it, and the falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from puffin.backtest.performance import growth
from puffin.figures import growth_curves, underwater_curve
from puffin.findings.benchmark import dates_of_both
from puffin.findings.drawdowns import Drawdown, underwater, worst_drawdowns
from puffin.findings.findings import Findings
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, percent
from puffin.showing.periods import period_label, period_noun

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part"]

_MOST_FALLS = 5


def part(findings: Findings, name: str, anchor: str) -> Markup | None:
    """Return growth, what was below the peak, and the worst falls; None after a total loss."""
    returns = findings.returns[name]
    below = underwater(returns)
    if below is None:
        return None
    falls = worst_drawdowns(returns, _MOST_FALLS)
    versus = _benchmark(findings, name)
    return render(
        "history",
        name=name,
        benchmark=None if versus is None else versus.name,
        its_time=findings.time_of_benchmark(name),
        growth=_growth(findings, name, versus, anchor),
        matched=None if versus is None else _matched(returns, versus, anchor),
        underwater=to_svg(
            underwater_curve(below),
            f"{anchor}-underwater",
            f"How far {name} was below its last peak; at the worst {percent(float(below.min()))}.",
        ),
        falls=[_row(fall) for fall in falls],
        noun=period_noun(findings.settings.periods),
        now=float(below.iloc[-1]),
    )


def _benchmark(findings: Findings, name: str) -> pd.Series[float] | None:
    """Return the benchmark's returns beside the strategy's, unless it lost all."""
    versus = findings.benchmark_beside(name)
    return None if versus is None or growth(versus) is None else versus


def _growth(findings: Findings, name: str, versus: pd.Series[float] | None, anchor: str) -> object:
    returns = findings.returns[name]
    paths, start = {name: _wealth(returns)}, 1.0
    if versus is not None:
        start = float((1.0 + returns.loc[returns.index < versus.index[0]]).prod())
        paths[str(versus.name)] = start * _wealth(versus)
    became = {one: float(wealth.iloc[-1]) for one, wealth in paths.items()}
    if versus is not None:
        became[str(versus.name)] /= start
    said = "; ".join(f"{one} became {decimal(last)}" for one, last in became.items())
    return to_svg(growth_curves(paths), f"{anchor}-growth", f"Growth of 1: {said}.")


def _matched(returns: pd.Series[float], versus: pd.Series[float], anchor: str) -> object | None:
    """Return growth with the strategy held in the share that has the benchmark's volatility.

    From the benchmark's first date to its last, if it is not there all the time.
    """
    returns = returns.loc[(returns.index >= versus.index[0]) & (returns.index <= versus.index[-1])]
    deviations = dates_of_both(returns, versus).std()
    if not deviations["strategy"] > 0.0:
        return None
    share = float(deviations["benchmark"] / deviations["strategy"])
    scaled = growth(share * returns)
    if scaled is None:
        return None
    paths = {f"{percent(share, 0)} of it": scaled, str(versus.name): _wealth(versus)}
    said = "; ".join(f"{one} became {decimal(float(w.iloc[-1]))}" for one, w in paths.items())
    return to_svg(
        growth_curves(paths), f"{anchor}-matched", f"Growth of 1 at the same volatility: {said}."
    )


def _wealth(returns: pd.Series[float]) -> pd.Series[float]:
    wealth = growth(returns)
    assert wealth is not None
    return wealth


def _row(fall: Drawdown) -> dict[str, Any]:
    return {
        "fall": fall,
        "peak": period_label(fall.peak),
        "trough": period_label(fall.trough),
        "recovery": None if fall.recovery is None else period_label(fall.recovery),
    }
