"""Pairs: what hedges what, where the spread is, and whether trading it pays."""

from __future__ import annotations

from puffin.figures import hedge_path, score_path, trading_path
from puffin.findings.findings import Findings
from puffin.findings.pair import PairFindings
from puffin.findings.pair_words import cost_terms, pair_doubts, pair_story
from puffin.findings.trading import trading
from puffin.page.sections.section import Section
from puffin.page.sections.trading import trading_part
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal
from puffin.showing.periods import period_noun

__all__ = ["sections"]

_ANCHOR = "pairs"


def sections(findings: Findings) -> list[Section]:
    """Return all pairs in one section; none without pairs."""
    if not findings.pairs:
        return []
    body = render(
        "pair_trading",
        doubts=[doubt for pair in findings.pairs for doubt in pair_doubts(pair)],
        rows=[_row(findings, pair, place) for place, pair in enumerate(findings.pairs, start=1)],
        noun=period_noun(findings.settings.periods),
        hdi_prob=findings.settings.hdi_prob,
        terms=cost_terms(findings.pairs[0]),
        settings=findings.pairs[0].settings,
    )
    return [Section(_ANCHOR, "Pairs", body)]


def _row(findings: Findings, pair: PairFindings, place: int) -> dict[str, object]:
    anchor = f"{_ANCHOR}-{place}"
    hedges = [
        {
            "name": name,
            "quantity": quantity,
            "variation": pair.variation.get(name),
            "prob_stable": pair.prob_stable.get(name),
            "figure": to_svg(
                hedge_path(pair, name),
                f"{anchor}-hedge-{i}",
                f"Hedge ratio of {name} over time, now {decimal(quantity.mean, 3)}.",
            ),
        }
        for i, (name, quantity) in enumerate(pair.hedges.items())
    ]
    score = float(pair.zscore.iloc[-1])
    return {
        "anchor": anchor,
        "pair": pair,
        "story": pair_story(pair, findings.settings),
        "hedges": hedges,
        "score": score,
        "scores": to_svg(
            score_path(pair), f"{anchor}-z", f"Z-score of the spread, now {decimal(score)}."
        ),
        "details": trading_part(
            trading(pair.result, findings.settings.hdi_prob), findings.settings.hdi_prob, anchor
        ),
        "trading": to_svg(
            trading_path(pair),
            f"{anchor}-equity",
            f"Growth of 1 by trading {pair.name}, after costs {pair.result.equity.iloc[-1]:.2f}.",
        ),
    }
