"""The native engines against the same models in PyMC: means, spreads and quantiles of everything.

Each test raises a false alarm with probability 1e-6.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import (
    BayesianLinearRegression,
    BayesianPairsTrading,
    BayesianRegimeSwitching,
    PairsPriors,
    bayesian_sharpe,
    strategy_comparison,
)
from puffin.models.stochastic_vol import (
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    SVWithJumps,
    simulate,
)
from tests.agreement import assert_agree, estimates, scalars
from tests.inference.regimes.problems import simulate as simulate_regimes

pytestmark = [
    pytest.mark.pymc,
    pytest.mark.skipif(find_spec("pymc") is None, reason="needs PyMC"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

ENGINES = ("native", "pymc")
NATIVE = {"samples": 5000, "engine": "native", "random_seed": 1}
PYMC = {"samples": 2000, "engine": "pymc", "random_seed": 2}


@pytest.mark.parametrize(("distribution", "size"), [("asymmetric", 30), ("normal", 5000)])
def test_sharpe(distribution, size, sp500_returns):
    """Each law once: thirty returns, which say least of a shape, are for the one with most of it.

    That of Student-t errors is in `test_sharpe_counted`.
    """
    returns = sp500_returns.iloc[:size]
    options = {"distribution": distribution, "autocorrelation": "ignore"}
    ours = bayesian_sharpe(returns, **NATIVE, **options)
    theirs = bayesian_sharpe(returns, **PYMC, **options)
    assert theirs["method"].startswith("NUTS")
    assert_agree(ours.posterior.variables, theirs.posterior.variables)


def test_sharpe_counted(sp500_returns):
    """What is done to the draws is done to those of both engines."""
    returns = sp500_returns.iloc[:500]
    options = {"distribution": "student"}
    ours = bayesian_sharpe(returns, **NATIVE, **options)
    theirs = bayesian_sharpe(returns, **PYMC, **options)
    assert_agree(ours.posterior.variables, theirs.posterior.variables)
    assert ours["dependence_factor"] == pytest.approx(theirs["dependence_factor"], rel=0.02)


@pytest.mark.parametrize("distribution", ["asymmetric", "normal"])
def test_sharpe_ar1(distribution, sp500_returns):
    options = {"distribution": distribution, "autocorrelation": "ar1"}
    returns = sp500_returns.iloc[:500]
    ours = bayesian_sharpe(returns, **NATIVE, **options)
    theirs = bayesian_sharpe(returns, **PYMC, **options)
    assert_agree(ours.posterior.variables, theirs.posterior.variables)


def test_sharpe_hurdle(sp500_returns):
    active = np.random.default_rng(3).random(1000) < 0.3
    returns = sp500_returns.iloc[:1000].where(active, 0.0)
    options = {"risk_free_rate": 0.02, "autocorrelation": "ignore", "distribution": "normal"}
    ours = bayesian_sharpe(returns, **NATIVE, **options)
    theirs = bayesian_sharpe(returns, **PYMC, **options)
    assert_agree(ours.posterior.variables, theirs.posterior.variables)


@pytest.mark.parametrize("likelihood", ["normal", "student"])
def test_regression(likelihood, equity_returns):
    X, y = equity_returns[["XOM", "JPM", "KO"]].iloc[-250:], equity_returns["CVX"].iloc[-250:]
    options = {"chains": 4, "random_seed": 1}
    ours = BayesianLinearRegression("native", likelihood).fit(X, y, 5000, **options)
    theirs = BayesianLinearRegression("pymc", likelihood).fit(X, y, 2000, **options)
    assert_agree(ours._scalars(), theirs._scalars())


def of_different_dates(equity_returns):
    """Strategies with different dates, one of which is often flat."""
    flat = equity_returns["JPM"].iloc[-400:-200].copy()
    flat[np.random.default_rng(4).random(200) < 0.7] = 0.0
    return {
        "KO": equity_returns["KO"].iloc[-300:],
        "PEP": equity_returns["PEP"].iloc[-250:],
        "flat": flat,
    }


def test_comparison(equity_returns):
    """The strategies by themselves, and pooled, of one set of NUTS's draws.

    The pool weighs draws that stand for each margin: its error is the spread over seeds. With 20
    of them PyMC's estimate less their mean, over their spread, is Student-t with 19 degrees of
    freedom, if NUTS's draws are as good as ours: it has four times as many. An alarm over all 50
    numbers has a probability of 1e-5.
    """
    returns, seeds = of_different_dates(equity_returns), range(20)
    options = {"distribution": "student", "pool": True}
    pooled = [strategy_comparison(returns, 1000, random_seed=seed, **options) for seed in seeds]
    theirs = strategy_comparison(returns, 4000, engine="pymc", random_seed=1, **options)
    assert all(one["method"].startswith("NUTS") for one in theirs.alone.values())
    alone = strategy_comparison(returns, **NATIVE, distribution="student")
    names = ("mu", "sd", "sharpe")
    assert_agree(
        scalars(alone.posterior.variables, names),
        {
            f"{name}[{i}]": one.posterior.variables[name]
            for name in names
            for i, one in enumerate(theirs.alone.values())
        },
    )
    numbers = [
        {
            (name, quantity): value
            for name, draws in scalars(comparison.posterior.variables, (*names, "tau")).items()
            for quantity, (value, _) in estimates(draws).items()
        }
        for comparison in (*pooled, theirs)
    ]
    ours, pymc = pd.DataFrame(numbers[:-1]), pd.Series(numbers[-1])
    scores = (pymc - ours.mean()) / (ours.std() * np.sqrt(1.0 + 1.0 / len(seeds)))
    assert scores.abs().max() < stats.t.isf(1e-5 / 2 / scores.size, len(seeds) - 1), scores


@pytest.mark.parametrize(
    ("options", "window"),
    [({}, 25), ({"errors": "ar1"}, 25), ({"method": "state-space"}, 12)],
    ids=["iid", "ar1", "state-space"],
)
@pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")
def test_dynamic_hedge(options, window):
    """One row and the next; the native numbers are exact, NUTS's have an error.

    4 x 1,000 draws with an effective size of a fifth of them or more: over the 9 numbers that are
    compared an alarm at 5.7 standard errors has a probability of less than 1e-6.
    """
    stream = np.random.default_rng(8)
    x = 50 + np.cumsum(stream.normal(size=window + 1))
    error = np.zeros(window + 1)
    for t in range(1, window + 1):
        error[t] = 0.6 * error[t - 1] + 0.5 * stream.normal()
    y = 10 + 0.8 * x + error
    options = options | {"priors": PairsPriors(n_walks=4)}
    models = {engine: BayesianPairsTrading(engine=engine, **options) for engine in ENGINES}
    tables = {
        engine: model.fit_dynamic_hedge(y, x, window, samples=1000, tune=1000, random_seed=3)
        for engine, model in models.items()
    }
    assert "NUTS" in models["pymc"].fitted_by
    ours, theirs = tables["native"].iloc[window:], tables["pymc"].iloc[window:]
    limit = 5.7 / np.sqrt(4000 / 5)
    hedge_sd, forecast_sd = ours["hedge_ratio_std"], ours["forecast_sd"]
    off = (theirs["hedge_ratio_mean"] - ours["hedge_ratio_mean"]) / hedge_sd
    assert (abs(off) < limit).all()
    # Of a sd the relative error is sqrt((kurtosis - 1) / 4n), here of a t with heavy tails.
    assert (abs(theirs["hedge_ratio_std"] / hedge_sd - 1) < 1.5 * limit).all()
    off = (theirs["forecast_mean"] - ours["forecast_mean"]) / forecast_sd
    assert (abs(off) < limit).all()
    assert (abs(theirs["forecast_sd"] / forecast_sd - 1) < 1.5 * limit).all()
    off = models["pymc"].next_hedge - models["native"].next_hedge
    assert abs(off["hedge_ratio_mean"]) < limit * models["native"].next_hedge["hedge_ratio_std"]
    if "method" in options:
        filtered = {
            engine: model.hedge_path().iloc[window - 1 :] for engine, model in models.items()
        }
        sd = filtered["native"]["hedge_ratio_std"]
        off = (filtered["pymc"] - filtered["native"]).div(sd, axis=0)
        assert (abs(off["hedge_ratio_mean"]) < limit).all()
        assert (abs(off["hedge_ratio_std"]) < 1.5 * limit).all()


@pytest.mark.parametrize(
    ("distribution", "leverage", "free", "explained"),
    [("normal", False, ["vix"], True), ("student", True, False, False)],
)
def test_realized_volatility(distribution, leverage, free, explained):
    """Two measures, each missing somewhere, a return that is missing, and perhaps regressors."""
    data = simulate(100, phi=0.95, sigma=0.3, nu=6.0, rho=-0.5, random_seed=4)
    h, stream = 2.0 * np.log(data["volatility"].to_numpy()), np.random.default_rng(5)
    measures = pd.DataFrame(
        {
            "rv": np.exp(-0.2 + h + 0.5 * stream.normal(size=100)),
            "vix": np.exp(5.0 + (0.7 if free else 1.0) * h + 0.3 * stream.normal(size=100)),
        }
    )
    measures.iloc[10:20, 0] = measures.iloc[50:52, 1] = np.nan
    returns = data["returns"].to_numpy().copy()
    returns[30] = np.nan
    regressors = {"mean_regressors": {"odd": np.arange(100) % 2}} if explained else {}
    if explained:
        wave = np.cumsum(stream.normal(size=100))
        returns, measures = returns * np.exp(0.05 * wave), measures.mul(np.exp(0.1 * wave), axis=0)
        regressors |= {"variance_regressors": {"wave": wave}}

    def fit(engine, samples, seed):
        model = RealizedVolatilityBayes(distribution, leverage, engine=engine, free_psi=free)
        model.fit(
            returns, samples, measures=measures, missing="skip", random_seed=seed, **regressors
        )
        states, draws = model.posterior.variables["h"].astype(np.float64), model.fitted.draws
        assert len(draws.coefficients.names) == 2 * explained
        return draws.variables | {f"h[{t}]": states[..., t] for t in (0, 15, 30, 99)}

    assert_agree(fit("native", 5000, 1), fit("pymc", 2000, 2))


def test_volatility_with_regressors():
    """Of mean and log-variance, with returns that are missing, and leverage.

    Without, that is `test_realized_volatility`.
    """
    stream = np.random.default_rng(5)
    data = simulate(80, phi=0.9, sigma=0.3, nu=6.0, rho=-0.5, random_seed=4)
    weekday = np.arange(80) % 5
    x = pd.DataFrame({"Monday": weekday == 0, "mood": stream.normal(size=80)})
    z = pd.DataFrame({"mood": x["mood"], "level": np.cumsum(stream.normal(size=80))})
    returns = data["returns"].to_numpy() * np.exp(0.25 * z["mood"] + 0.05 * z["level"])
    returns += 0.003 * x["Monday"]
    returns[[30, 31]] = np.nan

    def fit(engine, samples, seed):
        model = StochasticVolatilityModel(leverage=True, engine=engine)
        model.fit(
            returns, samples, missing="skip", random_seed=seed,
            mean_regressors=x, variance_regressors=z,
        )  # fmt: skip
        states = model.posterior.variables["h"].astype(np.float64)
        draws = model.fitted.draws
        assert len(draws.coefficients.names) == 4
        return draws.variables | {f"h[{t}]": states[..., t] for t in (0, 15, 30, 79)}

    assert_agree(fit("native", 5000, 1), fit("pymc", 2000, 2))


def test_jumps():
    """With all that goes beside them; that of normal errors is looked at as a density."""
    jumps = {"kappa": 0.05, "jump_mean": -0.01, "jump_sd": 0.05}
    returns = simulate(80, nu=8.0, rho=-0.5, random_seed=4, **jumps)["returns"]
    ours = SVWithJumps("student", True).fit(returns, 5000, random_seed=1)
    theirs = SVWithJumps("student", True, engine="pymc").fit(returns, 2000, random_seed=2)
    names = ours.fitted.draws.parameter_names()
    assert_agree(*(scalars(one.posterior.variables, names) for one in (ours, theirs)))


def test_jumps_beside_measures_and_regressors():
    """All at once, with leverage: jumps have a size of their own, whatever the volatility."""
    stream = np.random.default_rng(5)
    data = simulate(50, phi=0.9, sigma=0.3, rho=-0.5, random_seed=4)
    z = pd.DataFrame({"level": stream.normal(size=50)})
    returns = data["returns"].to_numpy() * np.exp(0.25 * z["level"]) + 0.003 * z["level"]
    returns[[10, 35]] += [-0.06, 0.05]
    variance = data["volatility"].to_numpy() ** 2 * np.exp(0.5 * z["level"])
    measures = {"rv": variance * np.exp(0.5 * stream.normal(size=50))}

    def fit(engine, samples, seed):
        model = RealizedVolatilityBayes("normal", True, engine=engine, jumps=True)
        model.fit(
            returns, samples, 500, measures=measures, random_seed=seed,
            mean_regressors=z, variance_regressors=z,
        )  # fmt: skip
        states = model.posterior.variables["h"].astype(np.float64)
        draws = model.fitted.draws
        return draws.variables | {f"h[{t}]": states[..., t] for t in (0, 10, 11, 49)}

    assert_agree(fit("native", 2000, 1), fit("pymc", 500, 2))


def test_regime_switching():
    """The regimes summed out by a filter, and by a product of matrices."""
    returns = 0.01 * simulate_regimes(np.random.default_rng(1), 150)[0]
    returns[[0, 100]] = np.nan
    ours = BayesianRegimeSwitching(2, "normal").fit(
        returns, 5000, chains=4, random_seed=1, missing="skip"
    )
    theirs = BayesianRegimeSwitching(2, "normal", engine="pymc").fit(
        returns, 500, 300, chains=2, random_seed=2, missing="skip"
    )
    assert theirs.method.startswith("NUTS")
    assert_agree(ours._scalars(), theirs._scalars())
    np.testing.assert_allclose(ours.next_regime, theirs.next_regime, atol=0.04)
