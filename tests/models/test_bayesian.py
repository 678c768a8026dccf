"""The contract: the names, shapes and flows that `puffin.models` promises."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.models import bayesian
from puffin.models.bayesian import (
    BayesianLinearRegression,
    BayesianPairsTrading,
    bayesian_sharpe,
    compare_strategies,
    compare_strategies_bayesian,
)
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    estimate_volatility_regime,
    simulate,
)
from puffin.models.volatility import sampling
from puffin.posterior import FallbackWarning

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


@pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")
class TestBayesianPairsTrading:
    @pytest.fixture
    def prices(self):
        """A pair with a hedge ratio of 1.5 and a spread that comes back."""
        stream = np.random.default_rng(1)
        dates = pd.bdate_range("2020-01-01", periods=300)
        x = 50 + np.cumsum(stream.normal(size=300))
        spread = np.zeros(300)
        for t in range(1, 300):
            spread[t] = 0.5 * spread[t - 1] + stream.normal()
        return pd.Series(10 + 1.5 * x + spread, dates), pd.Series(x, dates)

    @pytest.mark.parametrize(
        "options", [{}, {"method": "rolling", "errors": "ar1"}, {"method": "state-space"}]
    )
    def test_fit_dynamic_hedge(self, prices, options):
        y, x = prices
        table = BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, window=60)
        assert {"hedge_ratio_mean", "hedge_ratio_std", "spread"} <= set(table)
        assert table.index.equals(y.index)
        assert table.iloc[:60].isna().all().all()
        hedge, sd = table["hedge_ratio_mean"].iloc[60:], table["hedge_ratio_std"].iloc[60:]
        assert (sd > 0).all()
        assert (abs(hedge - 1.5) < 5 * sd).all()
        assert hedge.mean() == pytest.approx(1.5, abs=0.15)
        np.testing.assert_allclose(table["spread"], y - table["hedge_ratio_mean"] * x)

    def test_generate_signals(self, prices):
        model = BayesianPairsTrading()
        model.fit_dynamic_hedge(*prices)
        signals = model.generate_signals(entry_threshold=1.5, exit_threshold=0.5)
        assert signals.index.equals(prices[0].index)
        assert set(signals) == {-1, 0, 1}
        z = model.zscore()
        # Against the spread where it is opened, and closed in the end.
        opened = (signals != 0) & (signals.shift(1, fill_value=0) != signals)
        assert (z[opened].abs() > 1.5).all()
        assert (np.sign(z[opened]) == -signals[opened]).all()
        assert (signals[z.abs() < 0.5] == 0).all()
        assert (signals[z.isna()] == 0).all()

    def test_signals_with_custom_spread(self):
        """Of 0, 0, 0, 5, 3, 0: z of three rows is 1.15, 0.46 and -1.06 where it is defined."""
        spread = pd.Series([0.0, 0.0, 0.0, 5.0, 3.0, 0.0])
        signals = BayesianPairsTrading().generate_signals(spread, 1.1, 0.5, zscore_window=3)
        assert signals.tolist() == [0, 0, 0, -1, 0, 0]

    def test_error_without_fit(self, prices):
        model = BayesianPairsTrading()
        for use in (
            model.generate_signals, model.zscore, model.hedge_path, model.hedge_stability,
            model.plot, lambda: model.hedge, lambda: model.spread, lambda: model.next_hedge,
            lambda: model.posterior, lambda: model.half_life, lambda: model.prob_mean_reverting,
            lambda: model.generate_signals(zscore="forecast"), lambda: model.fitted_by,
            lambda: model.has_stability,
        ):  # fmt: skip
            with pytest.raises(ValueError, match="not fitted; call fit_dynamic_hedge first"):
                use()


class TestStochasticVolatilityModel:
    @pytest.fixture
    def simulated_volatility(self):
        dates = pd.date_range("2019-01-01", periods=400, freq="B")
        return simulate(400, mu=-9.0, phi=0.97, sigma=0.25, index=dates, random_seed=1)

    def test_fit_basic(self, simulated_volatility):
        returns = simulated_volatility["returns"].to_numpy()
        model = StochasticVolatilityModel()
        assert model.fit(returns, samples=500, tune=200, random_seed=1) is model
        assert model.volatility_path.shape == (400,)
        assert isinstance(model.volatility_forecast, float)
        assert list(model.summary().index) == ["mean", "mu", "phi", "sigma", "volatility_forecast"]
        truth = np.log(simulated_volatility["volatility"])
        assert np.corrcoef(np.log(model.volatility_path), truth)[0, 1] > 0.7
        table = model.summary()
        for name, value in {"mu": -9.0, "phi": 0.97, "sigma": 0.25}.items():
            assert abs(table.loc[name, "mean"] - value) < 5 * table.loc[name, "sd"]
        assert model.plot_volatility().axes
        assert model.plot_posterior().axes

    def test_volatility_positive(self, simulated_volatility):
        returns = simulated_volatility["returns"]
        model = StochasticVolatilityModel().fit(returns, 500, random_seed=1)
        assert (model.volatility_path > 0).all()
        assert model.volatility_forecast > 0
        for kind in ("smoothed", "filtered"):
            table = model.volatility(kind)
            assert (table["hdi_low"] > 0).all()
            assert (table["hdi_low"] < table["median"]).all()
            assert (table["median"] < table["hdi_high"]).all()
        truth, path = simulated_volatility["volatility"], model.volatility()
        covered = ((path["hdi_low"] < truth) & (truth < path["hdi_high"])).mean()
        assert covered > 0.75  # 94% expected, and some fifteen independent stretches

    def test_pandas_input(self, simulated_volatility):
        returns = simulated_volatility["returns"].rename("fund")
        model = StochasticVolatilityModel().fit(returns, 200, random_seed=1)
        by_array = StochasticVolatilityModel().fit(returns.to_numpy(), 200, random_seed=1)
        np.testing.assert_array_equal(model.volatility_path, by_array.volatility_path)
        assert model.volatility().index.equals(returns.index)
        assert model.residuals().index.equals(returns.index)
        times = model.idata["posterior"]["h"]["time"].to_index()
        assert times.equals(returns.index)
        assert "fund" in model.plot_volatility().axes[0].get_title(loc="left")

    def test_fallback_on_failure(self, simulated_volatility, monkeypatch):
        def fail(*_, **__):
            raise SamplingError("injected")

        monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
        returns = simulated_volatility["returns"]
        with pytest.warns(FallbackWarning, match="injected") as caught:
            model = StochasticVolatilityModel().fit(returns, 500, random_seed=1)
        assert caught[0].filename == __file__
        assert model.method == "EWMA (decay 0.94)" == model.idata["posterior"].attrs["method"]
        assert list(model.summary().index) == ["volatility_forecast"]
        table = model.volatility()
        assert np.isfinite(table).all().all()
        # The weights of an EWMA are worth (1 + decay) / (1 - decay) = 32.3 squares, and so
        # sigma = s sqrt(32.3 / chi-square): the shape of its interval is known.
        ratio = np.quantile(model.posterior.flat("h")[:, -1] / 2, [0.03, 0.97])
        exact = 0.5 * np.log(1.94 / 0.06 / stats.chi2(1.94 / 0.06).ppf([0.97, 0.03]))
        assert np.ptp(ratio) == pytest.approx(np.ptp(exact), rel=0.1)
        decayed = np.array([0.94**k for k in range(400)])
        squares = ((returns - returns.mean()) ** 2).to_numpy()[::-1]
        s = np.sqrt(0.06 * decayed @ squares + 0.94**400 * returns.var(ddof=0))
        median = np.median(np.exp(0.5 * model.posterior.flat("h_next")))
        assert median == pytest.approx(s, rel=0.05)
        assert model.volatility_forecast > 0
        for use in (model.forecast, lambda: model.volatility("filtered")):
            with pytest.raises(ValueError, match="EWMA"):
                use()
        with pytest.raises(ValueError, match="log_marginal_likelihood"):
            _ = model.log_marginal_likelihood
        with pytest.warns(FallbackWarning):
            regimes = estimate_volatility_regime(returns, 100, random_seed=1)
        assert regimes.attrs["method"] == "EWMA (decay 0.94)"
        assert np.isfinite(regimes.drop(columns="regime")).all().all()

    def test_bad_input_is_not_a_failure(self, monkeypatch):
        """Only an engine may fail; what the user gave wrong raises."""
        with pytest.raises(ValueError, match="returns has 1 NaN value, first at row 3"):
            StochasticVolatilityModel().fit([0.1, -0.1, 0.2, np.nan, 0.1, 0.3])

    def test_estimate_volatility_regime(self, simulated_volatility):
        returns = simulated_volatility["returns"]
        table = estimate_volatility_regime(returns, samples=300, random_seed=1)
        assert list(table.columns) == [
            "volatility", "vol_lower", "vol_upper",
            "regime", "prob_low", "prob_normal", "prob_high",
        ]  # fmt: skip
        assert table.index.equals(returns.index)
        assert (table["vol_lower"] < table["volatility"]).all()
        assert (table["volatility"] < table["vol_upper"]).all()
        np.testing.assert_allclose(table.filter(like="prob_").sum(axis=1), 1.0)
        assert list(table["regime"].cat.categories) == ["low", "normal", "high"]
        assert table["prob_high"].idxmax() == table["volatility"].idxmax()

    def test_error_before_fit(self):
        model = StochasticVolatilityModel()
        for use in (
            model.summary, model.volatility, model.forecast, model.residuals, model.plot_volatility,
            lambda: model.volatility_path, lambda: model.update([0.1]), lambda: model.save("x.nc"),
            lambda: model.idata, lambda: model.diagnostics,
        ):  # fmt: skip
            with pytest.raises(ValueError, match="not fitted"):
                use()


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
        # Workflow 3: volatility for sizing.
        volatility = StochasticVolatilityModel("student").fit(returns["KO"], 500, random_seed=1)
        regimes = estimate_volatility_regime(returns["KO"], 200, random_seed=1)
        sample_sd = returns["KO"].std()
        assert 0.4 * sample_sd < volatility.volatility_forecast < 2.5 * sample_sd
        assert 0.6 * sample_sd < np.sqrt(np.mean(volatility.volatility_path**2)) < 1.2 * sample_sd
        assert np.abs(np.log(regimes["volatility"] / volatility.volatility_path)).max() < 0.2


class TestEdgeCases:
    @pytest.mark.parametrize("empty", [[], np.array([]), pd.Series(dtype=float)])
    def test_empty_returns(self, empty):
        with pytest.raises(ValueError, match="returns needs at least 2 observations; found none"):
            bayesian_sharpe(empty)
        for use in (StochasticVolatilityModel().fit, estimate_volatility_regime):
            with pytest.raises(ValueError, match="returns needs at least 5 observations; found no"):
                use(empty)

    def test_constant_returns(self):
        with pytest.raises(ValueError, match=r"no variance: all 50 values are 0\.01"):
            bayesian_sharpe(np.full(50, 0.01))
        for use in (StochasticVolatilityModel().fit, estimate_volatility_regime):
            with pytest.raises(ValueError, match=r"no variance: all 50 values are 0\.01"):
                use(np.full(50, 0.01))
        with pytest.raises(ValueError, match="y has no variance"):
            BayesianLinearRegression().fit(np.arange(10.0), np.ones(10))

    @pytest.mark.parametrize("size", [2, 3, 5])
    def test_very_short_series(self, size):
        result = bayesian_sharpe(simulated(0.001, size=size), samples=500, random_seed=1)
        assert np.isfinite([result[key] for key in CONTRACT]).all()
        assert result["hdi_high"] - result["hdi_low"] > 5  # years of ignorance

    @pytest.mark.slow
    @pytest.mark.parametrize("size", [5, 6, 10])
    @pytest.mark.parametrize("distribution", ["normal", "student"])
    @pytest.mark.parametrize("leverage", [False, True])
    def test_very_short_volatility_series(self, size, distribution, leverage):
        """A wide posterior, and no fallback: a FallbackWarning is an error in these tests."""
        model = StochasticVolatilityModel(distribution, leverage)
        model.fit(simulated(0.001, size=size), random_seed=1)
        assert model.method.endswith("Metropolis")
        assert np.isfinite(model.summary()).all().all()
        table = model.volatility()
        assert np.isfinite(table).all().all()
        assert (table["hdi_high"] > 2 * table["hdi_low"]).all()
        with pytest.raises(ValueError, match="at least 5 observations; found 4"):
            model.fit(simulated(0.001, size=4))

    def test_check_pymc_names_the_install_command(self, monkeypatch):
        import sys

        monkeypatch.setitem(sys.modules, "pymc", None)
        with pytest.raises(ImportError, match=r"pip install '\.\[pymc\]'"):
            bayesian._check_pymc()
        with pytest.raises(ImportError, match="pymc"):
            bayesian_sharpe(simulated(0.0), engine="pymc")
        with pytest.raises(ImportError, match="pymc"):
            StochasticVolatilityModel(engine="pymc")
