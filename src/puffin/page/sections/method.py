"""How the numbers came about, for whoever has to defend them."""

from __future__ import annotations

from puffin.findings.findings import Findings
from puffin.models.comparison import ComparisonPriors
from puffin.models.pairs import PairsPriors
from puffin.models.regimes import RegimePriors
from puffin.models.regression import RegressionPriors
from puffin.models.sharpe import SharpePriors
from puffin.models.volatility import VolatilityPriors
from puffin.page.sections.section import Section
from puffin.page.templates import render

__all__ = ["sections"]


def sections(findings: Findings) -> list[Section]:
    """Return the models, their priors, and how to read what they say."""
    body = render(
        "method",
        settings=findings.settings,
        models=sorted({sharpe["model"].split(" (")[0] for sharpe in findings.sharpes.values()}),
        sharpe_priors=str(SharpePriors()),
        comparison_priors=str(ComparisonPriors()) if findings.comparison else None,
        regression_priors=str(RegressionPriors()) if findings.benchmark else None,
        pairs_priors=str(PairsPriors()) if findings.pairs else None,
        volatility_priors=str(VolatilityPriors()) if findings.volatilities else None,
        regime_priors=str(RegimePriors()) if findings.regimes else None,
    )
    return [Section("method", "How to read this", body)]
