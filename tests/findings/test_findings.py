"""All that is found in some returns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from puffin.findings.findings import find
from tests.findings.examples import SETTINGS


def test_nothing_valid(returns):
    with pytest.raises(ValueError, match="column 'bad'"):
        find({"bad": returns["market"] * np.nan}, SETTINGS)
    both = {"good": returns["steady"], "bad": returns["market"] * 0.0}
    with pytest.raises(ValueError, match="benchmark cannot be used"):
        find(both, SETTINGS, benchmark="bad")


def test_best_first_and_the_same_strategies_throughout(findings, returns):
    order = list(findings.comparison.table["strategy"])
    assert list(findings.sharpes) == list(findings.returns) == order
    assert set(order) == set(returns)
    assert list(findings.volatilities) == order
    assert findings.failures == ()


def test_left_out_before_is_kept_with_its_reason(returns):
    findings = find(
        {"good": returns["steady"], "bad": returns["market"] * 0.0},
        SETTINGS,
        left_out={"ugly": "column 'ugly' holds dates, not numbers."},
    )
    assert list(findings.rejected) == ["ugly", "bad"]
    assert findings.comparison is None


def test_the_best_and_the_benchmark_are_looked_at_one_by_one(returns):
    settings = replace(SETTINGS, samples=100, details=1)
    found = find(returns, settings, benchmark="market")
    best = next(iter(found.sharpes))
    assert found.detailed == (best, "market")
    assert set(found.volatilities) == set(found.detailed)
    assert len(found.sharpes) == 4
