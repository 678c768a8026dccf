"""Returns whose mean is far larger than their spread: a money market, a term deposit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf


def cash(ratio, rows, seed=0, mean=0.0043):
    """Monthly returns of exactly this mean, and this mean over standard deviation."""
    z = np.random.default_rng([rows, seed]).standard_normal(rows)
    z = (z - z.mean()) / z.std(ddof=1)
    index = pd.date_range("1920-01-31", periods=rows, freq="ME")
    return pd.Series(mean * (1.0 + z / ratio), index, name="cash")


@pytest.mark.parametrize("distribution", ["asymmetric", "student", "normal"])
@pytest.mark.parametrize("rows", [12, 24, 60, 250])
def test_the_ratio_is_the_samples_within_its_error(distribution, rows):
    """The relative error of a large ratio is that of the standard deviation, 1 / sqrt(2 n).

    Fat tails make it larger; the posterior mean is within two of it, and the posterior standard
    deviation one to three of it. (0.05 and not 514, of twelve, was the answer of a prior in units
    of the standard deviation.)
    """
    error = 1.0 / np.sqrt(2.0 * rows)
    for ratio in (5.0, 20.0, 148.0, 1e5):
        found = pf.bayesian_sharpe(
            cash(ratio, rows), 1000, distribution=distribution, random_seed=1
        )
        assert found["prob_positive"] > 0.999
        relative = found["mean"] / found["sample_sharpe"]
        assert abs(relative - 1.0) < 2.0 * error
        assert 0.7 * error < found["std"] / found["sample_sharpe"] < 3.0 * error
        assert found["r_hat"] < 1.02


def test_losses_as_sure_are_the_mirror_image():
    gains, losses = (
        pf.bayesian_sharpe(sign * cash(148.0, 24), 1000, distribution="student", random_seed=1)
        for sign in (1.0, -1.0)
    )
    # 0.18 of itself is its standard deviation, known from 500 effective draws at least.
    assert losses["mean"] == pytest.approx(-gains["mean"], rel=5.5 * 0.2 / np.sqrt(500))


def test_the_unit_goes_on_where_it_changes():
    """At a mean of one standard deviation the two are the same, and so are the answers."""
    found = [
        pf.bayesian_sharpe(cash(ratio, 60), 500, random_seed=1)["mean"] for ratio in (0.999, 1.001)
    ]
    assert found[1] / found[0] == pytest.approx(1.001 / 0.999, rel=1e-2)


@pytest.mark.parametrize("ratio", [1e7, 1e9, 1e11])
def test_rounding_noise_has_no_ratio(ratio):
    for use in (
        lambda r: pf.bayesian_sharpe(r, 500),
        lambda r: pf.compare_strategies({"a": r, "b": r}, 500),
        lambda r: pf.sharpe_change(r, r.index[60], samples=500),
        lambda r: pf.StochasticVolatilityModel().fit(r, 100),
    ):
        with pytest.raises(ValueError, match="less than a millionth of its mean"):
            use(cash(ratio, 120))


def test_volatility_is_that_around_the_mean():
    """An iid series: the forecast is its standard deviation, 0.03% and not 0.43%.

    Within a third: 1 / sqrt(2 n) is 0.06, and the state's own uncertainty is about 0.1.
    """
    for ratio in (5.0, 148.0, 1e5):
        returns = cash(ratio, 120)
        found = pf.StochasticVolatilityModel().fit(returns, 300, random_seed=1)
        assert found.volatility_forecast == pytest.approx(returns.std(), rel=1 / 3)


def test_cash_is_compared_but_not_pooled():
    stock = pd.Series(np.random.default_rng(1).normal(0.005, 0.04, 60), cash(148.0, 60).index)
    both = {"cash": cash(148.0, 60), "stock": stock}
    table = pf.compare_strategies(both, 500, random_seed=1)
    assert list(table["strategy"]) == ["cash", "stock"]
    assert table["prob_best"].iloc[0] > 0.999
    with pytest.raises(ValueError, match=r"pool=True draws .* beyond 10: cash has 5"):
        pf.compare_strategies(both, 500, random_seed=1, pool=True)
