"""What is said of a Sharpe ratio's model, where it is not taken as it is."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import bayesian_sharpe
from puffin.models.comparison import strategy_comparison
from puffin.reading import OddReturnsWarning


def test_a_law_that_does_not_fit_is_said_and_replaced():
    """Small gains and rare large losses: the mean is far from where the density puts it."""
    stream = np.random.default_rng(9)
    returns = np.where(
        stream.random(1250) < 0.03, -stream.exponential(0.06, 1250), 0.001
    ) + stream.normal(0.0, 0.0004, 1250)
    found = bayesian_sharpe(returns, random_seed=1)
    assert found["sample_weight"] == 1.0
    assert "do not fit these returns" in found["note"]
    assert abs(found["mean"] - found["sample_sharpe"]) < 0.35 * found["std"]
    # The median: the mean of so wide and skewed a posterior (a fifth on either side) is above it.
    assert np.median(found.posterior.flat("sd")) == pytest.approx(returns.std(), rel=0.05)
    by_the_law = bayesian_sharpe(returns, autocorrelation="ignore", random_seed=1)
    assert by_the_law["note"] == "Asymmetric Student-t errors do not fit these returns."
    assert by_the_law["sample_weight"] == 0.0
    assert abs(by_the_law["mean"] - found["mean"]) > found["std"]


def test_dependence_is_found_and_said():
    """A moving average of three: its mean is as uncertain as the raw returns'."""
    raw = np.random.default_rng(10).normal(0.005, 0.03, 402)
    smoothed = np.convolve(raw, np.full(3, 1 / 3), "valid")
    found = bayesian_sharpe(smoothed, periods_per_year=12, random_seed=1)
    ignored = bayesian_sharpe(
        smoothed, periods_per_year=12, autocorrelation="ignore", random_seed=1
    )
    assert 1.4 < found["dependence_factor"] < 2.2
    assert found["note"].startswith("Returns hang together in time: the posterior is 1.")
    assert found["std"] / ignored["std"] == pytest.approx(found["dependence_factor"], rel=0.1)
    assert found["mean"] == pytest.approx(ignored["mean"], abs=0.1 * ignored["std"])


def test_prices_given_for_returns_are_said_in_the_result():
    """A warning is gone when the result is looked at."""
    prices = 100.0 * np.exp(np.cumsum(np.random.default_rng(11).normal(0.0, 0.01, 300)))
    with pytest.warns(OddReturnsWarning, match="prices"):
        found = bayesian_sharpe(prices, 500, random_seed=1)
    assert found["note"].startswith("What was given looks like prices")
    said = str(found)
    assert "no Sharpe ratio to rely on; what was given looks like prices" in said
    assert "positive" not in said
    assert said.count("pct_change") == 1
    with pytest.warns(OddReturnsWarning, match="prices"):
        both = strategy_comparison({"a": prices, "b": prices[::-1]}, 500, random_seed=1)
    assert "no ranking to rely on: a and b cannot be simple returns" in str(both)
    assert "likely to be the best" not in str(both)
    returns = np.diff(prices) / prices[:-1]
    assert "What was given" not in (bayesian_sharpe(returns, 500, random_seed=1)["note"] or "")
