"""The contract: the names, shapes and flows that `puffin.models.bayesian` promises."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from puffin.models import bayesian
from puffin.models.bayesian import (
    BayesianLinearRegression,
    bayesian_sharpe,
    compare_strategies,
    compare_strategies_bayesian,
)

CONTRACT = {"mean", "std", "hdi_low", "hdi_high", "prob_positive"}


def simulated(mean, sd=0.01, size=500, seed=1):
    return mean + sd * np.random.default_rng(seed).standard_t(6, size)


class TestBayesianLinearRegression:
    @pytest.fixture
    def data(self):
        stream = np.random.default_rng(1)
        X = stream.normal(size=(300, 2))
        return X, 0.5 + X @ [1.5, -2.0] + 0.3 * stream.normal(size=300)

    def test_fit_predict(self, data):
        X, y = data
        model = BayesianLinearRegression().fit(X, y, samples=1000, tune=500, random_seed=1)
        mean, (lower, upper) = model.predict(X)
        assert mean.shape == lower.shape == upper.shape == (300,)
        assert np.all((lower < mean) & (mean < upper))
        assert np.corrcoef(mean, y)[0, 1] > 0.95
        _, (outcome_lower, outcome_upper) = model.predict(X, kind="outcome")
        covered = np.mean((outcome_lower < y) & (y < outcome_upper))
        # 300 outcomes at 94%: binomial, below 1e-6 outside.
        assert 0.86 < covered < 1.0

    def test_parameter_recovery(self, data):
        model = BayesianLinearRegression().fit(*data, random_seed=1)
        summary = model.summary()
        for name, truth in {"alpha": 0.5, "x0": 1.5, "x1": -2.0, "sigma": 0.3}.items():
            assert abs(summary[name]["mean"] - truth) < 5 * summary[name]["sd"]
            assert summary[name]["hdi_low"] < summary[name]["mean"] < summary[name]["hdi_high"]
            assert summary[name]["r_hat"] < 1.01

    def test_pandas_input(self, data):
        X, y = data
        dates = pd.date_range("2020-01-01", periods=300, freq="B")
        frame = pd.DataFrame(X, index=dates, columns=["market", "value"])
        model = BayesianLinearRegression().fit(frame, pd.Series(y, dates), random_seed=1)
        assert list(model.summary()) == ["alpha", "market", "value", "sigma"]
        mean, (lower, _) = model.predict(frame[["value", "market"]].iloc[:5])
        assert mean.index.equals(dates[:5])
        assert lower.index.equals(dates[:5])
        by_name, _ = model.predict(frame.iloc[:5])
        pd.testing.assert_series_equal(mean, by_name)

    def test_error_before_fit(self):
        model = BayesianLinearRegression()
        for use in (lambda: model.predict([[1.0]]), model.summary, model.plot_posterior):
            with pytest.raises(ValueError, match="not fitted"):
                use()


class TestBayesianSharpe:
    def test_positive_returns(self):
        result = bayesian_sharpe(simulated(0.002), samples=1000, random_seed=1)
        assert set(result) >= CONTRACT
        assert result["hdi_low"] < result["mean"] < result["hdi_high"]
        assert result["mean"] > 0
        assert result["prob_positive"] > 0.95

    def test_negative_returns(self):
        result = bayesian_sharpe(simulated(-0.002), samples=1000, random_seed=1)
        assert result["mean"] < 0
        assert result["prob_positive"] < 0.05

    def test_pandas_series(self):
        index = pd.date_range("2020-01-05", periods=300, freq="W")
        returns = pd.Series(simulated(0.002, size=300), index, name="weekly")
        result = bayesian_sharpe(returns, samples=1000, random_seed=1)
        assert result["periods_per_year"] == 52
        assert result.name == "weekly"
        assert json.loads(json.dumps(result)) == dict(result)
        assert pd.DataFrame([result]).loc[0, "mean"] == result["mean"]

    def test_compare_strategies(self):
        returns = {"good": simulated(0.003), "flat": simulated(0.0, seed=2)}
        table = compare_strategies_bayesian(returns, samples=1000, random_seed=1)
        assert list(table.columns) == [
            "rank", "strategy", "sharpe_mean", "sharpe_std", "hdi_low", "hdi_high",
            "prob_positive", "prob_best",
        ]  # fmt: skip
        assert list(table["rank"]) == [1, 2]
        assert list(table["strategy"]) == ["good", "flat"]
        assert table["prob_best"].sum() == pytest.approx(1)
        pd.testing.assert_frame_equal(
            table, compare_strategies(pd.DataFrame(returns), samples=1000, random_seed=1)
        )


class TestIntegration:
    def test_bayesian_workflow(self, equity_returns):
        """Workflow 1: evaluate, compare, regress on the market, on real returns."""
        returns = equity_returns[["KO", "PEP", "XOM"]].iloc[-500:]
        sharpe = bayesian_sharpe(returns["KO"], risk_free_rate=0.02, random_seed=1)
        table = compare_strategies_bayesian(returns, risk_free_rate=0.02, random_seed=1)
        assert set(table["strategy"]) == {"KO", "PEP", "XOM"}
        joint = table.set_index("strategy").loc["KO"]
        # The joint model's tails and prior differ, the data are the same.
        assert abs(joint["sharpe_mean"] - sharpe["mean"]) < sharpe["std"]
        beta = BayesianLinearRegression(likelihood="student").fit(
            equity_returns.mean(axis=1).iloc[-500:].rename("market"), returns["KO"], random_seed=1
        )
        assert 0.2 < beta.summary()["market"]["mean"] < 1.2


class TestEdgeCases:
    @pytest.mark.parametrize("empty", [[], np.array([]), pd.Series(dtype=float)])
    def test_empty_returns(self, empty):
        with pytest.raises(ValueError, match="returns needs at least 2 observations; found none"):
            bayesian_sharpe(empty)

    def test_constant_returns(self):
        with pytest.raises(ValueError, match=r"no variance: all 50 values are 0\.01"):
            bayesian_sharpe(np.full(50, 0.01))
        with pytest.raises(ValueError, match="y has no variance"):
            BayesianLinearRegression().fit(np.arange(10.0), np.ones(10))

    @pytest.mark.parametrize("size", [2, 3, 5])
    def test_very_short_series(self, size):
        result = bayesian_sharpe(simulated(0.001, size=size), samples=500, random_seed=1)
        assert np.isfinite([result[key] for key in CONTRACT]).all()
        assert result["hdi_high"] - result["hdi_low"] > 5  # years of ignorance

    def test_check_pymc_names_the_install_command(self, monkeypatch):
        import sys

        monkeypatch.setitem(sys.modules, "pymc", None)
        with pytest.raises(ImportError, match=r"pip install 'puffin-bayes\[pymc\]'"):
            bayesian._check_pymc()
        with pytest.raises(ImportError, match="pymc"):
            bayesian_sharpe(simulated(0.0), engine="pymc")
