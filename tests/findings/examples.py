"""Returns that the tests of findings and of the page share, and what is found in them."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from puffin.findings.findings import Findings, find
from puffin.findings.settings import AnalysisSettings

DATES = pd.bdate_range("2019-01-01", periods=250)
SETTINGS = AnalysisSettings(samples=500, seed=1)
NASTY = "<script>alert('id=\"x\"')</script> & $\\alpha$ #1f5a94"


def strategies() -> dict[str, pd.Series]:
    """Return four strategies: one leads, one has a name that is HTML, one is often flat."""
    random = np.random.default_rng(11)
    market = 0.0004 + 0.008 * random.standard_t(5, len(DATES))
    flat = np.where(np.arange(len(DATES)) % 5 == 0, 0.004 * random.normal(size=len(DATES)), 0.0)
    frame = pd.DataFrame(
        {
            "steady": 0.001 + 1.5 * market + 0.002 * random.normal(size=len(DATES)),
            NASTY: -0.0005 + 0.5 * market + 0.004 * random.normal(size=len(DATES)),
            "often flat": flat,
            "market": market,
        },
        index=DATES,
    )
    return {name: frame[name] for name in frame}


@functools.cache
def found() -> Findings:
    """Return what is found in them, measured against the market."""
    return find(strategies(), SETTINGS, benchmark="market")


@functools.cache
def late() -> Findings:
    """Return what is found where one of three strategies starts late."""
    one = strategies()
    returns = {"steady": one["steady"], "late": one["often flat"] + 0.3 * one["market"]}
    return find(
        {**returns, "late": returns["late"].iloc[100:], "market": one["market"]},
        SETTINGS,
        benchmark="market",
    )
