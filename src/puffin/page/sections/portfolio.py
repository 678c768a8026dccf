"""All strategies held together: how much that moves, and which of them it comes from."""

from __future__ import annotations

from puffin.figures import band_path
from puffin.findings.findings import Findings
from puffin.findings.portfolio import portfolio_notes
from puffin.findings.portfolio_history import portfolio_story
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import small_percent
from puffin.showing.periods import period_noun

__all__ = ["sections"]

_ANCHOR, _MOST_ROWS, _MOST_CELLS = "portfolio", 20, 12


def sections(findings: Findings) -> list[Section]:
    """Return the portfolio; none where it was not asked for."""
    found, settings = findings.portfolio, findings.settings
    if found is None:
        return []
    by_share = found.now.table.sort_values("risk_share", ascending=False)
    mean = found.path["mean"]
    path = to_svg(
        band_path(found.path, "volatility", whole=float(mean.mean()), percent=True),
        _ANCHOR,
        f"Volatility of the portfolio over time, between {small_percent(float(mean.min()))} and "
        f"{small_percent(float(mean.max()))}; the next {period_noun(settings.periods)}'s is "
        f"{small_percent(found.now.volatility)}.",
    )
    names = list(by_share.index[:_MOST_CELLS])
    body = render(
        "portfolio",
        story=portfolio_story(found, settings),
        doubts=found.now.model.doubts,
        notes=[
            note.replace("`", "")
            for note in portfolio_notes(found.now, settings)[2:-1]
            if not note.startswith("!")
        ],
        rows=by_share.head(_MOST_ROWS).reset_index().to_dict("records"),
        left=max(0, len(by_share) - _MOST_ROWS),
        names=names,
        now=found.correlation.loc[names, names].to_numpy(),
        usual=found.usual_correlation.loc[names, names].to_numpy(),
        path=path,
        noun=period_noun(settings.periods),
        hdi_prob=settings.hdi_prob,
    )
    return [Section(_ANCHOR, "Portfolio", body)]
