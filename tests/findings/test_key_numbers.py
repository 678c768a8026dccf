"""The numbers that people look for, beside what is known of them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from puffin.findings.findings import find
from puffin.findings.key_numbers import key_numbers
from puffin.findings.metrics import metrics
from tests.findings.examples import SETTINGS


@pytest.fixture(scope="module")
def numbers(findings):
    return {
        name: {one.label: one for group in key_numbers(findings, name).values() for one in group}
        for name in findings.sharpes
    }


def test_values_are_those_of_the_returns(numbers, findings):
    steady, plain = numbers["steady"], metrics(findings.returns["steady"], 252)
    assert steady["Sortino ratio"].value == plain.sortino
    assert steady["Largest fall from a peak"].value == plain.performance.largest_drawdown
    assert steady["Growth a year, compound"].value == plain.performance.annual_growth
    assert steady["Worst month"].value < 0 < steady["Best month"].value


def test_there_is_one_sharpe_ratio(numbers, findings):
    for name, sharpe in findings.sharpes.items():
        shown = numbers[name]["Sharpe ratio"]
        assert shown.value == sharpe["mean"]
        assert shown.interval == (sharpe["hdi_low"], sharpe["hdi_high"])


def test_intervals_hold_what_happened(numbers, findings):
    """So they do here, with fixed seeds: the models are centred on the sample."""
    for name in findings.sharpes:
        for label in (
            "Growth a year, compound",
            "Volatility a year",
            "Win rate, of days that moved",
        ):
            one = numbers[name][label]
            assert one.interval[0] < one.value < one.interval[1], (name, label)


def test_often_flat_counts_flat_periods(numbers, findings):
    values = findings.returns["often flat"].to_numpy()
    volatility = numbers["often flat"]["Volatility a year"]
    assert volatility.value == pytest.approx(values.std(ddof=1) * math.sqrt(252))
    middle = sum(volatility.interval) / 2
    assert middle == pytest.approx(volatility.value, rel=0.15)


def test_benchmark_is_beside_all_but_itself(numbers):
    market = numbers["market"]
    for label, one in numbers["steady"].items():
        assert one.benchmark == pytest.approx(market[label].value, nan_ok=True)
    assert all(math.isnan(one.benchmark) for one in market.values())


def test_what_happened_to_the_benchmark_is_of_the_strategy_s_time(findings):
    late = findings.returns["steady"].iloc[100:]
    cut = dataclasses.replace(findings, returns={**findings.returns, "steady": late})
    beside = findings.returns["market"].iloc[100:]
    one = {one.label: one for group in key_numbers(cut, "steady").values() for one in group}
    assert one["Total return"].benchmark == pytest.approx(np.prod(1 + beside) - 1)
    assert one["Worst day"].benchmark == beside.min()
    assert one["Sharpe ratio"].benchmark == findings.sharpes["market"]["mean"]


def test_value_at_risk_is_the_next_period_s(numbers):
    steady = numbers["steady"]
    at_risk = steady["Value at risk, next day, 1%"].value
    assert at_risk > steady["Value at risk, next day, 5%"].value > 0
    assert steady["Expected shortfall, next day, 1%"].value > at_risk


def test_without_dates_or_a_volatility_these_are_left_out():
    returns = pd.Series(np.random.default_rng(1).normal(0, 0.01, 40))
    found = find({"a": returns}, dataclasses.replace(SETTINGS, periods_per_year=252))
    found = dataclasses.replace(found, volatilities={})
    labels = {one.label for group in key_numbers(found, "a").values() for one in group}
    assert "Best month" not in labels
    assert not any(label.startswith("Value at risk") for label in labels)


def test_win_rate_leaves_flat_periods_out(numbers, findings):
    """As quantstats has it: of the days with a return."""
    values = findings.returns["often flat"].to_numpy()
    moved = values[values != 0.0]
    rate = numbers["often flat"]["Win rate, of days that moved"]
    assert rate.value == (moved > 0.0).mean()
    assert rate.interval[1] - rate.interval[0] == pytest.approx(
        2 * 1.88 * math.sqrt(rate.value * (1 - rate.value) / moved.size), rel=0.05
    )
