"""Whether the model of a strategy's returns fits them, and how its draws were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.figures import return_density, return_tails
from puffin.findings.expected_returns import expected_returns
from puffin.findings.findings import Findings
from puffin.findings.leaning import leanings
from puffin.findings.model_checks import worst
from puffin.findings.quantity import Quantity
from puffin.models.sharpe import SharpePosterior
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.checks import draws_are_fine
from puffin.showing.numbers import percent

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part"]


def part(findings: Findings, name: str, anchor: str) -> Markup:
    """Return the returns beside what the model expects, its parameters and its sampler."""
    sharpe = findings.sharpes[name]
    expected = expected_returns(sharpe, findings.settings.seed)
    observed = expected.observed
    checks = findings.checks[name]
    return render(
        "model_fit",
        sharpe=sharpe,
        checks=checks,
        leanings=leanings(findings, name),
        light_of_all=worst(checks).name.lower(),
        parameters=_parameters(sharpe),
        n_draws=sharpe.draws.size,
        n_chains=sharpe.posterior.variables["sharpe"].shape[0],
        acceptance=sharpe.posterior.report.get("acceptance"),
        fine=draws_are_fine(sharpe["ess"], sharpe["r_hat"]),
        share_active=expected.share_active,
        n_active=observed.size,
        histogram=to_svg(
            return_density(expected),
            f"{anchor}-returns",
            f"Histogram of the returns of {name} under the density that the model expects.",
        ),
        tails=to_svg(
            return_tails(expected, findings.settings.hdi_prob, findings.settings.seed),
            f"{anchor}-tails",
            f"Number of returns of {name} of each size against the number that the model expects; "
            f"worst {percent(float(observed.min()))}, best {percent(float(observed.max()))}.",
        ),
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
