"""What is found of a pair, in plain language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.periods import period_noun
from puffin.showing.sentences import listing, sign_verdict

if TYPE_CHECKING:
    from puffin.findings.pair import PairFindings
    from puffin.findings.settings import AnalysisSettings

__all__ = [
    "cost_terms",
    "order_words",
    "pair_doubts",
    "pair_notes",
    "pair_story",
    "position_words",
    "trading_verdict",
]

_UNLIKELY = 0.5
_UNSTABLE = 0.5


def position_words(pair: PairFindings, settings: AnalysisSettings) -> str:
    """Return what is held after the last row, and for how long."""
    if pair.position == 0:
        return "no position"
    side = "long" if pair.position == 1 else "short"
    noun = period_noun(settings.periods)
    return f"{side} the spread, for {pair.held} {noun}{'' if pair.held == 1 else 's'}"


def order_words(pair: PairFindings) -> str:
    """Return what each order of the legs says of the spread's return; nothing of a basket."""
    if len(pair.by_order) == 1:
        return ""
    this, turned = pair.by_order.values()
    return f"{probability(this)} this way, {probability(turned)} turned"


def pair_story(pair: PairFindings, settings: AnalysisSettings) -> list[str]:
    """Return the hedge ratio, the position, whether the spread returns, and what it earned."""
    return [
        _hedge(pair, settings),
        f"Its spread is {decimal(float(pair.zscore.iloc[-1]))} standard deviations from "
        f"{_centre(pair)}: {position_words(pair, settings)}.",
        _reversion(pair, settings),
        trading_verdict(pair, settings),
    ]


def trading_verdict(pair: PairFindings, settings: AnalysisSettings) -> str:
    """Return what trading the spread would have earned, no more certain than it is."""
    if pair.net is None or pair.gross is None:
        return "The spread never went beyond the entry threshold: nothing was traded."
    net = pair.net
    level = percent(settings.hdi_prob, 0)
    verdict = (
        f"Trading it {pair.trades} times, its annual Sharpe ratio after costs is "
        f"{decimal(net['mean'])} ({level} interval {interval(net['hdi_low'], net['hdi_high'])}): "
        f"{sign_verdict(net['prob_positive'])}"
    )
    if net["mean"] <= 0.0 < pair.gross["mean"]:
        return f"{verdict}. Before costs it is {decimal(pair.gross['mean'])}: costs eat the edge."
    return f"{verdict}; before costs {decimal(pair.gross['mean'])}."


def pair_doubts(pair: PairFindings) -> list[str]:
    """Return reasons not to rely on a pair."""
    found = []
    if pair.model.fitted_by == "rolling least squares":
        found.append(f"{pair.name}: sampling failed; the hedge ratios are rolling least squares.")
    if pair.prob_mean_reverting < _UNLIKELY:
        found.append(
            f"{pair.name}: the spread is more likely a random walk than not (probability of "
            f"mean reversion {probability(pair.prob_mean_reverting)})."
        )
    found += _wrong_order(pair)
    unstable = [name for name, chance in pair.prob_stable.items() if chance < _UNSTABLE]
    if unstable:
        sizes = [f"{percent(pair.variation[name], 0)} for {name}" for name in unstable]
        found.append(
            f"{pair.name}: the hedge ratio is not stable; from one window to the next it changes "
            f"by {listing(sizes)}, relative to its size."
        )
    return found


def pair_notes(pair: PairFindings, settings: AnalysisSettings) -> list[str]:
    """Return what trading a pair would have earned, at what costs, and what to mistrust."""
    return [
        trading_verdict(pair, settings),
        f"Intervals hold {percent(settings.hdi_prob, 0)}. Costs: {cost_terms(pair)}.",
        *(f"! {doubt}" for doubt in pair_doubts(pair)),
    ]


def cost_terms(pair: PairFindings) -> str:
    """Return what trading was charged."""
    terms = pair.settings
    return (
        f"{terms.commission_bps:g} bp commission and {terms.slippage_bps:g} bp slippage of the "
        f"value traded, {percent(terms.borrow_rate, 2)} a year for short positions"
    )


def _wrong_order(pair: PairFindings) -> list[str]:
    """Say so where the pair reverts, but not in the order in which it is traded."""
    if len(pair.by_order) == 1:
        return []
    (_, traded), (better, turned) = pair.by_order.items()
    if not traded < _UNLIKELY < turned:
        return []
    return [
        f"{pair.name}: the order of the legs matters. As it stands the spread is more likely a "
        f"random walk than not (probability of mean reversion {probability(traded)}): the hedge "
        f"ratio comes out too small where the noise is in {pair.strategy.hedges[0]}. The other way "
        f"round, {better}, it is {probability(turned)}."
    ]


def _hedge(pair: PairFindings, settings: AnalysisSettings) -> str:
    unit = "unit of value" if pair.settings.log_prices else "share"
    amounts = [
        f"{decimal(hedge.mean, 3)} of {name} ({decimal(hedge.low, 3)} to {decimal(hedge.high, 3)})"
        for name, hedge in pair.hedges.items()
    ]
    noun = period_noun(settings.periods)
    return f"In the next {noun} a {unit} of {pair.strategy.y} is hedged by {listing(amounts)}."


def _centre(pair: PairFindings) -> str:
    if pair.settings.zscore == "forecast":
        return "its forecast"
    return f"its mean of the last {pair.settings.zscore_window} rows"


def _reversion(pair: PairFindings, settings: AnalysisSettings) -> str:
    noun, half = period_noun(settings.periods), pair.half_life
    return (
        f"That the spread returns to a mean, rather than wander, has a probability of "
        f"{probability(pair.prob_mean_reverting)}; if it does, half of a deviation is gone after "
        f"{half.median:,.0f} {noun}s ({half.low:,.0f} to {half.high:,.0f}).{_orders(pair)}"
    )


def _orders(pair: PairFindings) -> str:
    words = order_words(pair)
    return f" That is for the pair; with {pair.strategy.y} hedged it is {words}." if words else ""
