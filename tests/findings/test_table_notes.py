"""What is said below tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin import bayesian_sharpe
from puffin.findings.table_notes import sharpe_notes


def test_what_was_widened_or_replaced_is_said_below_the_table():
    """Smoothed returns depend on each other in time, and the interval is wider for it."""
    raw = np.random.default_rng(10).normal(0.005, 0.03, 402)
    smoothed = pd.Series(np.convolve(raw, np.full(3, 1 / 3), "valid"))
    sharpe = bayesian_sharpe(smoothed, 500, periods_per_year=12, random_seed=1)
    assert sharpe["note"]
    assert f"fund: {sharpe['note']}" in sharpe_notes({"fund": sharpe}, "ok")
