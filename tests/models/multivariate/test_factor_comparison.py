"""How many factors forecast best."""

from __future__ import annotations

import numpy as np
import pytest

import puffin as pf
from puffin.models.stochastic_vol import compare_factors
from puffin.reading import OddReturnsWarning
from tests.models.multivariate.worlds import quick, simulated

QUICK = {"held_out": 12, "refit_every": 6, "samples": 150, "tune": 100, "random_seed": 1}


def test_a_market_is_found():
    """A market of twice each asset's own volatility is a gain of about 0.8 a day."""
    returns, _ = simulated(120)
    market = 0.03 * np.random.default_rng(4).standard_normal((120, 1))
    table = compare_factors(returns.iloc[:, :3] + market, [0, 1], **QUICK, cores=1)
    assert table["log_score"].idxmax() == 1
    assert table.loc[1, "difference"] == 0.0
    assert table.loc[0, "difference"] < -2 * table.loc[0, "error"] < 0.0
    assert table["not_converged"].between(0, 2).all()


def test_scores_are_those_of_the_model():
    returns, _ = simulated(60)
    table = compare_factors(
        returns, [1], held_out=3, refit_every=3, samples=150, tune=150, random_seed=1, window=40
    )
    density = quick(returns[17:57]).log_predictive_density(returns[57:][["B", "A", "D", "C"]])
    np.testing.assert_allclose(table.loc[1, "log_score"], density.mean())
    assert list(density.index) == list(returns.index[57:])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"held_out": 28}, "leave returns to fit"),
        ({"factors": []}, "at least one number of factors"),
        ({"refit_every": 0}, "refit_every must be"),
        ({"factors": [0, 1, 9], "held_out": 3}, "not fewer than the 4 assets"),
        ({"factors": [0, -1], "held_out": 3}, "factors must be"),
        ({"window": 3, "held_out": 3}, "window must be a whole number of at least 5; found 3"),
    ],
)
def test_errors(options, message):
    returns, _ = simulated(30)
    with pytest.raises(ValueError, match=message):
        compare_factors(returns, **options)


@pytest.mark.parametrize(
    ("rows", "value", "options", "message"),
    [
        (
            slice(0, 20),
            np.nan,
            {},
            "fewer than 5 returns of 'B' in 2022-01-03 to 2022-01-26, which",
        ),
        (slice(8, 20), np.nan, {"window": 8}, "fewer than 5 returns of 'B' in 2022-01-17 to"),
        (
            slice(0, 20),
            0.01,
            {},
            "In 2022-01-03 to 2022-01-26, which is one of the fits: B: returns",
        ),
    ],
)
def test_a_fit_that_will_be_impossible_is_refused_before_the_first(
    monkeypatch, rows, value, options, message
):
    """Of an asset that starts late, what is said is of the rows of the fit."""
    monkeypatch.setattr(pf.MultivariateSV, "fit", None)
    returns, _ = simulated(30)
    returns.iloc[rows, 1] = value
    with pytest.raises(ValueError, match=message):
        compare_factors(returns, held_out=12, refit_every=6, **options)


def test_prices_are_noticed_once():
    prices = 100.0 * (1.0 + simulated(60)[0]).cumprod()
    with pytest.warns(OddReturnsWarning) as caught, pytest.raises(ValueError, match="held_out"):
        compare_factors(prices, held_out=60)
    assert len(caught) == 1
    assert "returns['A', 'B', 'C', 'D'] looks like prices: take .pct_change()" in str(
        caught[0].message
    )


def test_other_assets_have_no_density():
    returns, _ = simulated(40)
    with pytest.raises(ValueError, match="the 4 assets that were fitted; found 3"):
        quick(returns, 10, 5).log_predictive_density(returns.iloc[:2, :3])
    with pytest.raises(ValueError, match="infinite"):
        quick(returns, 10, 5).log_predictive_density([[0.0, np.inf, 0.0, 0.0]])
