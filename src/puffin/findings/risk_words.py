"""What is said of the risk of the next period."""

from __future__ import annotations

from pathlib import Path

from puffin.findings.risk import exceedances
from puffin.findings.settings import AnalysisSettings
from puffin.models.volatility.member import DailyModel
from puffin.risk import DailyRisk, PositionRule, volatility_target
from puffin.showing.numbers import decimal, percent

__all__ = ["model_in_words", "position_notes", "risk_notes"]

_MANY, _NO_CAP = 0.05, 1e12


def risk_notes(
    found: DailyRisk, settings: AnalysisSettings, from_prices: bool, store: Path | None
) -> list[str]:
    """Return the model, what losses are in, how the store was updated, and how forecasts did."""
    kind = "of what is invested" if from_prices else "as returns in the file"
    lines = [f"Model: {model_in_words(found.model)}.", f"Losses are positive, {kind}."]
    if found.model.note:
        lines.append(found.model.note)
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


def model_in_words(model: DailyModel) -> str:
    """Return what the figures of a day are from."""
    labels = [one.label for one in model.members.values()]
    if len(labels) == 1:
        return f"stochastic volatility, {labels[0]}"
    return f"average of {len(labels)} of stochastic volatility, each weighed by its evidence"


def position_notes(found: DailyRisk, rule: PositionRule) -> list[str]:
    """Return what caps the position, and what it means where there is not always a return."""
    cap, target = rule.max_leverage, rule.target_volatility
    wanted = volatility_target(
        found.model, target, max_leverage=_NO_CAP, periods_per_year=rule.periods_per_year
    ).weight
    lines = []
    if any(model.arguments.jumps for model in found.model.members.values()):
        lines.append("The volatility of the next period is without jumps; all else is with them.")
    if wanted > cap >= found.now["weight"]:
        lines.append(
            f"{percent(target, 1)} a year would take a position of {decimal(wanted, 3)}: "
            f"--max-leverage {cap:g} caps it."
        )
    fitted = found.model.fitted
    share = fitted.share_hidden
    if share > _MANY and not fitted.taken.spans:
        over_all = found.now["weight"] * found.now["annual_volatility"] * (1.0 - share) ** 0.5
        share = float(fitted.taken.hidden.mean())  # of all rows, as the model's note counts them
        lines.append(
            f"The position, the volatility and the losses are for a period with a return; on "
            f"{percent(share, 0)} of all there was none. Over all of them this position moves by "
            f"{percent(over_all, 1)} a year."
        )
    return lines
