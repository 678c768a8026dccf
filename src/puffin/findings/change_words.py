"""What is said of strategies that are live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from puffin.showing.checks import counts_autocorrelation, draws_are_fine, is_at_odds
from puffin.showing.numbers import percent, span
from puffin.showing.periods import period_label, periods_a_year
from puffin.showing.sentences import reliable

if TYPE_CHECKING:
    from puffin.findings.settings import AnalysisSettings
    from puffin.models.monitoring import SharpeChange

__all__ = ["change_notes"]


def change_notes(
    found: Mapping[str, SharpeChange], settings: AnalysisSettings, tick: str
) -> list[str]:
    """Return what the numbers of a table of live strategies mean, and which to mistrust."""
    first = next(iter(found.values()))
    before, since = (
        span([getattr(change, part)["n_observations"] for change in found.values()])
        for part in ("backtest", "live")
    )
    certain = percent(first.certainty, 0)
    notes = [
        f"{before} returns before {period_label(first.since)} and {since} since; "
        f"{_periods(found)}; risk-free rate {100 * settings.risk_free_rate:g}% a "
        "year.",
        f"The Sharpe ratio since is that of the backtest and a change, Normal(0, "
        f"{first.change_sd:g}); worse: lower than in the backtest.",
        f"Months: more data until the probability is beyond {certain} or its complement, "
        "if the Sharpe ratio is as expected now, and its quartiles.",
    ]
    notes += [
        f"! {name}: too few effective draws, or the chains disagree; raise --samples."
        for name, change in found.items()
        if not _is_fine(change)
    ]
    if any(_is_fine(change) for change in found.values()):
        notes.append(reliable(tick))
    at_odds = [
        name
        for name, one in found.items()
        if not counts_autocorrelation(one.backtest)
        and (is_at_odds(one.backtest) or is_at_odds(one.live))
    ]
    if at_odds:
        notes.append(
            f"{', '.join(at_odds)}: large returns on one side decide the plain Sharpe ratio of a "
            "part, and the law discounts them."
        )
    notes.append(
        "A backtest that was chosen because it is good is better than the strategy: being worse "
        "now is then to be expected, and P(<0) says more."
    )
    return notes


def _periods(found: Mapping[str, SharpeChange]) -> str:
    """Return the periods of a year, before and since where they differ."""
    before, since = (
        periods_a_year(getattr(one, part)["periods_per_year"] for one in found.values())
        for part in ("backtest", "live")
    )
    return before if before == since else f"{before} before and {since} since"


def _is_fine(change: SharpeChange) -> bool:
    return all(
        draws_are_fine(sharpe["ess"], sharpe["r_hat"]) for sharpe in (change.backtest, change.live)
    )
