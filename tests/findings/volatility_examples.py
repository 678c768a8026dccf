"""Volatilities that the tests of findings, figures and page share."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd

from puffin.findings.findings import Findings, find
from puffin.findings.quantity import Quantity, SkewedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.findings.volatility import Volatility
from puffin.models.stochastic_vol import simulate

DATES = pd.bdate_range("2020-01-01", periods=300)
SETTINGS = AnalysisSettings(samples=500, seed=1, periods_per_year=252)
NASTY = "<script>alert('id=\"x\"')</script> & #1f5a94"


def strategies() -> dict[str, pd.Series]:
    """Return a storm, a usual series, one that is often flat, and one that is too short."""
    random = np.random.default_rng(5)
    storm = 0.006 * random.normal(size=DATES.size)
    storm[-40:] *= 6.0
    usual = simulate(DATES.size, nu=8.0, random_seed=3)["returns"].to_numpy()
    active = np.arange(DATES.size) % 3 == 0
    frame = pd.DataFrame(
        {NASTY: storm, "usual": usual, "often flat": np.where(active, usual, 0.0)}, index=DATES
    )
    return {name: frame[name] for name in frame} | {"short": frame["usual"].iloc[:4].rename("s")}


@functools.cache
def found() -> Findings:
    """Return what is found in them."""
    return find(strategies(), SETTINGS)


def made_up(n_times=5000, index=None, **changes) -> Volatility:
    """Return a volatility that no model has made, with a path as long as it may be."""
    random = np.random.default_rng(1)
    index = pd.bdate_range("2000-01-01", periods=n_times) if index is None else index
    shown = index[np.unique(np.linspace(0, n_times - 1, 240).astype(int))]
    mean = 0.01 * np.exp(0.5 * random.normal(size=len(shown)))
    path = pd.DataFrame({"mean": mean, "hdi_low": 0.7 * mean, "hdi_high": 1.4 * mean}, shown)
    known = Quantity(0.0123, 0.0081, 0.0171)
    volatility = Volatility(
        returns=pd.Series(0.01 * random.normal(size=n_times), index),
        path=path,
        late=path.iloc[-60:],
        now=known,
        next_period=known,
        forecast=None,
        parameters={},
        typical=SkewedQuantity(0.01, 0.008, 0.012),
        half_life=SkewedQuantity(20.0, 10.0, 45.0),
        regime="normal",
        regime_probability=0.95,
        periods_per_year=252.0,
        share_flat=0.0,
        note="",
        model="normal errors",
        method="independence Metropolis",
        is_fallback=False,
        ess=1000.0,
        r_hat=1.001,
        acceptance=0.7,
        pareto_k_hat=0.3,
        n_draws=4000,
        regimes=pd.Series("normal", index),
    )
    return dataclasses.replace(volatility, **changes)
