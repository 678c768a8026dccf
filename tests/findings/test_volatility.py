"""How much each strategy moves."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin import StochasticVolatilityModel
from puffin.findings.progress import Silence
from puffin.findings.settings import VolatilitySettings
from puffin.findings.volatility import estimate_volatility, log_returns, volatilities
from tests.findings import volatility_examples as examples
from tests.findings.volatility_examples import DATES, NASTY, SETTINGS


@pytest.fixture(scope="module")
def returns():
    return examples.strategies()


@pytest.fixture(scope="module")
def findings():
    return examples.found()


def test_is_of_log_returns_and_the_library_s(findings, returns):
    one = findings.volatilities["usual"]
    model = StochasticVolatilityModel("student")
    model.fit(np.log1p(returns["usual"]), 1500, random_seed=1)
    table = model.volatility().loc[one.path.index, ["mean", "hdi_low", "hdi_high"]]
    pd.testing.assert_frame_equal(one.path[["mean", "hdi_low", "hdi_high"]], table)
    assert one.next_period.mean == pytest.approx(model.volatility_forecast)


def test_path_is_thinned_but_keeps_its_extremes_and_its_end(findings, returns):
    one = findings.volatilities["usual"]
    model = StochasticVolatilityModel("student")
    whole = model.fit(np.log1p(returns["usual"]), 1500, random_seed=1).volatility_path
    assert len(one.path) <= 240 < whole.size
    assert one.path["mean"].max() == whole.max()
    assert one.path["mean"].min() == whole.min()
    assert one.path.index[-1] == DATES[-1]
    assert one.path.index.is_monotonic_increasing
    assert one.path.index.is_unique


def test_a_storm_is_seen(findings):
    storm = findings.volatilities[NASTY]
    assert storm.regime == "high"
    assert storm.regime_probability > 0.8
    assert storm.now.mean > 3 * storm.path["mean"].iloc[0]


def test_forecast_is_as_wide_as_asked(returns):
    wide, narrow = (
        estimate_volatility(returns["usual"], dataclasses.replace(SETTINGS, hdi_prob=prob))
        for prob in (0.94, 0.5)
    )
    assert list(wide.forecast.returns.columns) == [0.03, 0.25, 0.5, 0.75, 0.97]
    assert list(narrow.forecast.returns.columns) == [0.25, 0.5, 0.75]
    assert narrow.now.low > wide.now.low


def test_flat_periods_are_not_seen(findings):
    flat = findings.volatilities["often flat"]
    assert flat.n_observations == 100
    assert flat.share_flat == pytest.approx(2 / 3)
    # Zeros taken for returns would have it near nothing.
    assert flat.typical.median > 0.5 * findings.volatilities["usual"].typical.median


def test_one_that_fails_leaves_the_others(returns):
    series = {name: returns[name] for name in ("short", "usual")}
    found, rejected = volatilities(series, SETTINGS, Silence())
    assert list(found) == ["usual"]
    assert "at least 5 observations; found 4" in rejected["short"]


def test_total_loss_has_no_logarithm():
    with pytest.raises(ValueError, match="-100% or less has no logarithm"):
        log_returns(pd.Series([0.1, -1.0]))


def test_the_path_of_late_is_whole(findings):
    late = findings.volatilities["usual"].late
    assert late.index.equals(DATES[-4 * 63 - 1 :])
    shared = late.index.intersection(findings.volatilities["usual"].path.index)
    pd.testing.assert_frame_equal(
        late.loc[shared], findings.volatilities["usual"].path.loc[shared], rtol=1e-6
    )


def test_regimes_are_those_of_the_library(findings, returns):
    model = StochasticVolatilityModel("student")
    table = pf.estimate_volatility_regime(
        np.log1p(returns["usual"]), 1500, model=model, random_seed=1
    )
    found = findings.volatilities["usual"].regimes
    assert found.to_list() == table["regime"].to_list()
    assert found.index.equals(DATES)


def test_jumps_are_those_that_are_likelier_than_not(returns):
    jumped = returns["usual"].copy()
    jumped.iloc[150] -= 0.15
    asked = dataclasses.replace(SETTINGS, volatility=VolatilitySettings(jumps=True, samples=500))
    found = estimate_volatility(jumped, asked).jumps
    assert found is not None
    assert DATES[150] in found.index
    assert (found["probability"] > 0.5).all()
    assert found.loc[DATES[150], "size"] == pytest.approx(-0.15, abs=0.03)
    assert estimate_volatility(jumped, SETTINGS).jumps is None
