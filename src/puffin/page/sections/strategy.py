"""One strategy: its Sharpe ratio, its history, and its returns against the model's."""

from __future__ import annotations

import numpy as np

from puffin.backtest.performance import growth, performance
from puffin.figures import (
    growth_curve,
    return_density,
    return_tails,
    sharpe_density,
)
from puffin.findings.checks import draws_are_fine
from puffin.findings.expected_returns import expected_returns
from puffin.findings.findings import Findings
from puffin.findings.numbers import decimal, percent, probability
from puffin.findings.quantity import Quantity
from puffin.findings.sharpe_words import strategy_story
from puffin.models.sharpe import SharpePosterior
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render

__all__ = ["sections"]

_THRESHOLDS = (0.0, 0.5, 1.0)


def sections(findings: Findings) -> list[Section]:
    """Return a section for each strategy."""
    return [
        _section(findings, name, f"strategy-{i + 1}") for i, name in enumerate(findings.sharpes)
    ]


def _section(findings: Findings, name: str, anchor: str) -> Section:
    sharpe, returns = findings.sharpes[name], findings.returns[name]
    # With a single strategy the summary has said it already.
    story = strategy_story(findings, name) if len(findings.sharpes) > 1 else []
    expected = expected_returns(sharpe, findings.settings.seed)
    observed = performance(returns, findings.settings.periods_of(name))
    body = render(
        "strategy",
        story=story,
        sharpe=sharpe,
        thresholds={value: sharpe.prob_greater(value) for value in _THRESHOLDS},
        observed=observed,
        returns=returns,
        parameters=_parameters(sharpe),
        n_draws=sharpe.draws.size,
        n_chains=sharpe.posterior.variables["sharpe"].shape[0],
        acceptance=sharpe.posterior.report.get("acceptance"),
        fine=draws_are_fine(sharpe["ess"], sharpe["r_hat"]),
        share_active=expected.share_active,
        n_active=expected.observed.size,
        density=to_svg(
            sharpe_density(np.asarray(sharpe.draws), sharpe),
            f"{anchor}-sharpe",
            f"Posterior density of the Sharpe ratio of {name}: mean {decimal(sharpe['mean'])}, "
            f"point estimate {decimal(sharpe['sample_sharpe'])}, "
            f"probability of being above zero {probability(sharpe['prob_positive'])}.",
        ),
        growth=_growth(findings, name, anchor),
        histogram=to_svg(
            return_density(expected),
            f"{anchor}-returns",
            f"Histogram of the returns of {name} under the density that the model expects.",
        ),
        tails=to_svg(
            return_tails(expected, findings.settings.hdi_prob, findings.settings.seed),
            f"{anchor}-tails",
            f"Number of returns of {name} of each size against the number that the model expects; "
            f"worst {percent(observed.worst)}, best {percent(observed.best)}.",
        ),
    )
    return Section(anchor, name, body)


def _growth(findings: Findings, name: str, anchor: str) -> object | None:
    wealth = growth(findings.returns[name])
    if wealth is None:
        return None
    return to_svg(
        growth_curve(wealth),
        f"{anchor}-growth",
        f"Growth of 1 in {name}: it became {decimal(float(wealth.iloc[-1]))}.",
    )


def _parameters(sharpe: SharpePosterior) -> list[dict[str, object]]:
    """Return the model's parameters, in the words of the reader."""
    variables = sharpe.posterior.variables
    period = "an active period" if "prob_active" in variables else "a period"
    meanings = {
        "mu": (f"mean of {period}’s excess returns", 3),
        "sd": (f"standard deviation of {period}’s returns", 3),
        "asymmetry": ("asymmetry: above 0 the losses’ side is the wider", None),
        "nu_left": ("tail of the losses: degrees of freedom (below 5 is fat)", None),
        "nu_right": ("tail of the gains: degrees of freedom", None),
        "nu": ("tails: degrees of freedom (below 5 is fat)", None),
        "rho": ("correlation of each return with the one before", None),
        "prob_active": ("share of periods with a position", 1),
    }
    rows = []
    for variable, (meaning, digits_of_percent) in meanings.items():
        if variable in variables:
            value = Quantity.of(sharpe.posterior.flat(variable), sharpe["hdi_prob"])
            rows.append({"meaning": meaning, "value": value, "percent": digits_of_percent})
    return rows
