"""A strategy's Sharpe ratio: all that is known of it, and a year at a time, beside its risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.figures import band_path, sharpe_density
from puffin.findings.findings import Findings
from puffin.findings.rolling import (
    Band,
    rolling_regression,
    rolling_sharpe,
    rolling_volatility,
    window_length,
)
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, percent, probability, with_minus
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part"]

_THRESHOLDS = (0.5, 1.0)


def part(findings: Findings, name: str, anchor: str) -> Markup:
    """Return the posterior, and the bands of each year where there are enough returns."""
    sharpe = findings.sharpes[name]
    window = window_length(len(findings.returns[name]), sharpe["periods_per_year"])
    return render(
        "sharpe",
        sharpe=sharpe,
        thresholds={value: sharpe.prob_greater(value) for value in _THRESHOLDS},
        window=window,
        noun=period_noun(sharpe["periods_per_year"]),
        benchmark=None if findings.benchmark is None else findings.benchmark.name,
        density=to_svg(
            sharpe_density(np.asarray(sharpe.draws), sharpe),
            f"{anchor}-sharpe",
            f"Posterior density of the Sharpe ratio of {name}: mean {decimal(sharpe['mean'])}, "
            f"probability of being above zero {probability(sharpe['prob_positive'])}.",
        ),
        rolled=None if window is None else _rolled(findings, name, window, anchor),
    )


def _rolled(findings: Findings, name: str, window: int, anchor: str) -> dict[str, object] | None:
    """Return the bands over time; None where nothing moves."""
    returns, sharpe = findings.returns[name], findings.sharpes[name]
    periods, prob = sharpe["periods_per_year"], findings.settings.hdi_prob
    ratio = rolling_sharpe(
        returns, window, periods, findings.settings.risk_free_rate,
        prob=prob, widening=sharpe["dependence_factor"],
    )  # fmt: skip
    if ratio.table.empty:
        return None
    spread = rolling_volatility(returns, window, periods, prob=prob)
    return {
        "share": ratio.share_with(sharpe["mean"]),
        "sharpe": to_svg(
            band_path(ratio.table, "annual Sharpe ratio", whole=sharpe["mean"]),
            f"{anchor}-rolling-sharpe",
            _described("Sharpe ratio", name, ratio),
        ),
        "volatility": to_svg(
            band_path(spread.table, "volatility a year", percent=True),
            f"{anchor}-rolling-volatility",
            f"Volatility of {name} a year at a time, between "
            f"{percent(float(spread.table['mean'].min()))} and "
            f"{percent(float(spread.table['mean'].max()))}.",
        ),
        "regression": _regression(findings, name, window, anchor),
    }


def _regression(
    findings: Findings, name: str, window: int, anchor: str
) -> dict[str, object] | None:
    """Return alpha and beta over time; None without a benchmark, or with too few shared rows."""
    against, settings = findings.benchmark, findings.settings
    if against is None or name not in against.regressions:
        return None
    alpha, beta = rolling_regression(
        findings.returns[name], findings.returns[against.name], window,
        settings.periods_of(name), settings.risk_free_rate, prob=settings.hdi_prob,
    )  # fmt: skip
    if beta.table.empty:
        return None
    whole = against.regressions[name]
    low, high = float(alpha.table["mean"].min()), float(alpha.table["mean"].max())
    return {
        "alpha": to_svg(
            band_path(alpha.table, "alpha a year", whole=whole.alpha.mean, percent=True),
            f"{anchor}-rolling-alpha",
            f"Alpha of {name} beyond {against.name} a year at a time, between {percent(low)} and "
            f"{percent(high)}.",
        ),
        "beta": to_svg(
            band_path(beta.table, "beta", whole=whole.beta.mean),
            f"{anchor}-rolling-beta",
            _described(f"Beta to {against.name}", name, beta),
        ),
    }


def _described(what: str, name: str, band: Band) -> str:
    low, high = float(band.table["mean"].min()), float(band.table["mean"].max())
    last = band.table.iloc[-1]
    return with_minus(
        f"{what} of {name} in windows of {band.window} periods: between {decimal(low)} and "
        f"{decimal(high)}; in the last {decimal(float(last['mean']))} "
        f"({decimal(float(last['low']))} to {decimal(float(last['high']))})."
    )
