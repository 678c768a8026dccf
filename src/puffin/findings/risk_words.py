"""What is said of the risk of the next period."""

from __future__ import annotations

from pathlib import Path

from puffin.findings.risk import exceedances
from puffin.findings.settings import AnalysisSettings
from puffin.risk import DailyRisk

__all__ = ["risk_notes"]


def risk_notes(
    found: DailyRisk, settings: AnalysisSettings, from_prices: bool, store: Path | None
) -> list[str]:
    """Return what losses are in, how the store was brought up to date, and how forecasts did."""
    kind = "of what is invested" if from_prices else "as returns in the file"
    lines = [f"Losses are positive, {kind}."]
    if store is not None:
        how = "fitted" if found.fitted else "updated" if found.added else "as it was"
        rows = f"{found.added} new row{'' if found.added == 1 else 's'}"
        lines.append(f"{store}: {rows}; the model is {how}.")
        if found.backup is not None:
            lines.append(f"history.csv was rewritten; as it was, it is in {found.backup.name}.")
        for one in exceedances(found.history):
            test = "" if one.p_value is None else f" (Kupiec's p-value {one.p_value:.2g})"
            lines.append(
                f"Loss beyond the {one.level:.0%} value at risk in {one.count} of "
                f"{one.n_forecasts} rows{test}."
            )
    if found.fitted:
        lines.append(f"Seed {settings.seed}.")
    return lines
