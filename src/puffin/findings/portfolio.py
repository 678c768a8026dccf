"""What many columns held together may lose next, and which of them that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.models.multivariate import MultivariateSV
from puffin.portfolio import equal_risk_weights
from puffin.risk import TailRisk, tail_risk
from puffin.showing.numbers import percent

__all__ = ["Held", "HeldTogether", "find_portfolio", "portfolio_notes"]


@dataclass(frozen=True)
class Held:
    """What is held, and by which model.

    Attributes
    ----------
    weights : mapping of name to weight, or None
        None is equal ones. Those left out are zero.
    factors : int
    distribution : str
        As of `MultivariateSV`.
    """

    weights: Mapping[str, float] | None = None
    factors: int = 1
    distribution: str = "normal"


@dataclass(frozen=True)
class HeldTogether:
    """The next period of a portfolio.

    Attributes
    ----------
    model : MultivariateSV
        Fitted to the columns.
    table : DataFrame
        By asset that is held: `weight`, `volatility` (standard deviation of the next return),
        `correlation` with the portfolio, `risk_share` (its part of the portfolio's variance; they
        add up to one), and `equal_risk_weight`, with which all parts would be the same.
    volatility : float
        The portfolio's standard deviation of the next return.
    undiversified : float
        What it would be if all moved as one: the weighted sum of the assets' own.
    annual : float
        The portfolio's, a year, were all periods like the next.
    factor_shares : Series
        What share of the portfolio's variance in the next period each factor carries.
    risk : TailRisk
    """

    model: MultivariateSV
    table: pd.DataFrame
    volatility: float
    undiversified: float
    annual: float
    factor_shares: pd.Series[float]
    risk: TailRisk


def find_portfolio(
    returns: Mapping[str, pd.Series[float]],
    asked: Held,
    settings: AnalysisSettings,
    progress: Progress,
) -> HeldTogether:
    """Fit `MultivariateSV`, and work out the risk of the portfolio in the next period.

    Parameters
    ----------
    returns : mapping of name to Series
        Simple returns.
    asked : Held

    Raises
    ------
    ValueError
        If the model cannot be fitted, or weights are of columns that are not there or all zero.
    """
    weights = asked.weights
    if weights is not None and not any(weights.values()):
        raise ValueError("weights are all zero: there is no portfolio; give one that is not.")
    progress.expect(1)
    progress.begin(f"Fitting {len(returns)} columns together")
    model = MultivariateSV(asked.factors, distribution=asked.distribution).fit(
        pd.DataFrame(dict(returns)), settings.samples, cores=settings.cores,
        random_seed=settings.seed,
    )  # fmt: skip
    names = list(model.fitted.names)
    held = model.portfolio(
        dict.fromkeys(names, 1.0 / len(names)) if weights is None else dict(weights)
    )
    covariance = model.covariance()
    with_all = covariance @ held.weights
    parts = held.weights * with_all
    variance, own = float(parts.sum()), np.sqrt(np.diag(covariance))
    chosen = held.weights[held.weights != 0.0].index
    assets = model.assets
    table = pd.DataFrame(
        {
            "weight": held.weights,
            "volatility": own,
            "correlation": with_all / (own * np.sqrt(variance)),
            "risk_share": parts / variance,
        }
    ).loc[chosen]
    correlation = model.correlation().loc[chosen, chosen]
    table["equal_risk_weight"] = equal_risk_weights(
        {name: assets[name] for name in chosen}, correlation
    )
    assert settings.periods_per_year is not None
    return HeldTogether(
        model, table.rename_axis("asset"),
        volatility=float(np.sqrt(variance)),
        undiversified=float((held.weights.abs() * own).sum()),
        annual=float(np.sqrt(settings.periods_per_year * variance)),
        factor_shares=_factor_shares(model, held.weights),
        risk=tail_risk(held),
    )  # fmt: skip


def _factor_shares(model: MultivariateSV, weights: pd.Series[float]) -> pd.Series[float]:
    fitted = model.fitted
    exposures = fitted.draws.loadings @ weights.to_numpy()
    variances = fitted.paths(1).total
    common = exposures**2 * variances[..., len(fitted.names) :]
    own = variances[..., : len(fitted.names)] @ weights.to_numpy() ** 2
    shares = common.mean(axis=(0, 1)) / (common.sum(axis=2) + own).mean()
    return pd.Series(shares, model.loadings.columns, name="risk_share")


def portfolio_notes(found: HeldTogether, settings: AnalysisSettings) -> list[str]:
    """Return what the table means, and how far to rely on it."""
    model = found.model
    factors = model.n_factors
    errors = "Student-t" if model.distribution == "student" else "normal"
    total, saved = found.table["weight"].sum(), 1.0 - found.volatility / found.undiversified
    return [
        f"Diversification takes {percent(saved, 0)} off what the volatility would be if all moved "
        "as one.",
        f"Weights add up to {total:.3g}, and are restored each period; returns are simple ones. "
        "Equal risk: with these weights each column would have the same share of it.",
        f"Model: factor stochastic volatility, {factors} factor{'s' * (factors != 1)}, errors "
        f"{errors} given volatility. For the value at risk of a single column `puffin risk` has "
        "leverage too.",
        *(f"! {doubt}" for doubt in model.doubts),
        *(f"{name}: {note}" for name, note in model.notes.items()),
        f"Seed {settings.seed}.",
    ]
