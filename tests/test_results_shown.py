"""Every public result says what it is, in a terminal and in a notebook."""

from __future__ import annotations

import functools
import tempfile
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

import puffin as pf
from puffin.models.variational import VariationalPosterior
from tests.showing.parsed import parsed

pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = ["<b>&\"'", "<script>alert(1)</script>\n\x1b[31m"]
DAYS = pd.bdate_range("2021-01-01", periods=300)
FEW = {"samples": 400, "random_seed": 1}


def returns(name, seed=1):
    values = 0.0005 + 0.01 * np.random.default_rng(seed).standard_normal(len(DAYS))
    return pd.Series(values, DAYS, name=name)


@functools.cache
def sharpe():
    return pf.bayesian_sharpe(returns(NAMES[0]), **FEW)


@functools.cache
def comparison(pool=False):
    table = pd.concat([returns(NAMES[0]), returns(NAMES[1], 2)], axis=1)
    return pf.strategy_comparison(table, pool=pool, **FEW)


@functools.cache
def model():
    model = pf.StochasticVolatilityModel("student", leverage=True)
    return model.fit(returns(NAMES[0]), samples=400, random_seed=1)


@functools.cache
def average():
    models = {name: pf.StochasticVolatilityModel() for name in NAMES}
    return pf.AveragedVolatilityModel(models).fit(returns(NAMES[1]), samples=300, random_seed=1)


@functools.cache
def hierarchy():
    table = pd.concat([returns(NAMES[0]), returns(NAMES[1], 2), returns("x", 3)], axis=1)
    return pf.BayesianHierarchical().fit(table, returns("m", 4), samples=100, random_seed=1)


@functools.cache
def many():
    table = pd.concat([returns(NAMES[0]), returns(NAMES[1], 2), returns("x", 3)], axis=1)
    return pf.MultivariateSV().fit(table, 100, 100, chains=2, random_seed=1)


@functools.cache
def panel():
    table = pd.concat([returns(NAMES[0]), returns(NAMES[1], 2)], axis=1).assign(flat=0.0)
    return pf.fit_each(pf.bayesian_sharpe, table, samples=400, seed=1, n_jobs=1)


@functools.cache
def trials():
    return pf.best_of_trials(pd.concat([returns(NAMES[0]), returns(NAMES[1], 2)], axis=1), 400)


@functools.cache
def tuned():
    prices = (1.0 + returns(NAMES[0])).cumprod().to_frame()
    space = {"lookback": (5, 20), "skip": (0, 4), "every": [5]}
    search = pf.BayesianOptimizer(
        pf.strategies.Momentum, space, n_trials=3, train=30, samples=400, random_seed=1
    )
    return search.fit(prices)


@functools.cache
def pair():
    steps = np.random.default_rng(3).standard_normal((len(DAYS), 2))
    prices = pd.DataFrame(50.0 * np.exp(np.cumsum(0.01 * steps, axis=0)), DAYS, NAMES)
    pair = pf.BayesianPairsTrading()
    pair.fit_dynamic_hedge(prices[NAMES[0]], prices[NAMES[1]], 30)
    return pair


@functools.cache
def regression(likelihood="normal"):
    features = pd.concat([returns(NAMES[0], 2), returns(NAMES[1], 3)], axis=1)
    return pf.BayesianLinearRegression(likelihood=likelihood).fit(
        features, 0.5 * returns(NAMES[0], 2) + returns("y", 4), samples=200, random_seed=1
    )


@functools.cache
def backtest():
    prices = (1.0 + returns(NAMES[0])).cumprod().to_frame()
    return pf.backtest.run(prices * 0.0 + 0.5, prices, name=NAMES[1], commission_bps=1.0)


@functools.cache
def rolling():
    return pf.risk.rolling_forecast(
        returns("x"), start=DAYS[285], refit_every=None, samples=100, random_seed=1
    )


@functools.cache
def model_comparison():
    models = {name: pf.StochasticVolatilityModel() for name in NAMES}
    return pf.compare_volatility_models(
        returns(NAMES[0]), models, held_out=20, samples=100, random_seed=1
    )


@functools.cache
def daily():
    with tempfile.TemporaryDirectory() as store:
        return pf.risk.daily_risk(returns("x"), store, samples=200, random_seed=1)


def period():
    return next(iter(pf.risk.forecasts(returns("x"), start=DAYS[299], samples=100, random_seed=1)))


@functools.cache
def regimes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.BayesianRegimeSwitching().fit(returns("x"), 300, random_seed=1)


RESULTS = {
    "SharpePosterior": sharpe,
    "SharpeEstimate": lambda: pf.SharpeEstimate.of(returns("x")),
    "StrategyComparison": comparison,
    "StrategyComparison, pooled": lambda: comparison(pool=True),
    "SelectedStrategy": lambda: comparison().selected(),
    "BestOfTrials": trials,
    "TunedStrategy": tuned,
    "OpenedHoldout": functools.cache(lambda: tuned().open_holdout()),
    "SharpeChange": functools.cache(
        lambda: pf.sharpe_change(returns(NAMES[0]), "2021-10-01", **FEW)
    ),
    "MeanReversion": lambda: pf.mean_reversion(returns("x")),
    "BayesianPairsTrading": pair,
    "FittedPanel": panel,
    "BayesianHierarchical": hierarchy,
    "SkilledAssets": lambda: hierarchy().skilled(0.4),
    "BestAsset": lambda: hierarchy().best(),
    "BayesianLinearRegression": regression,
    "BayesianLinearRegression, robust": lambda: regression("student"),
    "StochasticVolatilityModel": model,
    "SVWithJumps": functools.cache(
        lambda: pf.SVWithJumps().fit(returns("x"), samples=200, random_seed=1)
    ),
    "AveragedVolatilityModel": average,
    "MultivariateSV": many,
    "FittedPortfolio": lambda: many().portfolio({"x": 0.5, NAMES[0]: 0.5}),
    "JointPredictive": lambda: many().predictive(2),
    "VolatilityForecast": lambda: model().forecast(30),
    "VolatilityForecast, one step": lambda: model().forecast(quantiles=[0.1]),
    "FittedPredictive": lambda: model().predictive(),
    "AveragedPredictive": lambda: average().predictive(),
    "Posterior": lambda: model().posterior,
    "VariationalPosterior": lambda: VariationalPosterior(sharpe().posterior, 0.1, 0.9, exact=False),
    "TailRisk": lambda: pf.risk.tail_risk(model()),
    "TailRisk, five periods": lambda: pf.risk.tail_risk(model(), horizon=5),
    "KellyFraction": lambda: pf.risk.kelly_fraction(model()),
    "VolatilityTarget": lambda: pf.risk.volatility_target(model(), 0.1),
    "StopDistance": lambda: pf.risk.stop_distance(model(), 5),
    "RollingForecast": rolling,
    "PeriodForecast": functools.cache(period),
    "ForecastTest": lambda: pf.risk.kupiec_test(np.arange(100) % 20 == 0, 0.05),
    "ScoreDifference": lambda: pf.risk.diebold_mariano_test(returns("x"), returns("y", 2)),
    "BayesianRegimeSwitching": regimes,
    "RegimeForecast": lambda: regimes().forecast(20),
    "RegimePredictive": lambda: regimes().predictive(3),
    "RegimeComparison": functools.cache(
        lambda: pf.compare_regimes(returns(NAMES[0]), 2, samples=300, random_seed=1)
    ),
    "VolatilityComparison": model_comparison,
    "DailyRisk": daily,
    "BacktestResult": backtest,
    "JointReturns": lambda: pf.portfolio.JointReturns.of(comparison()),
}
SVG = {"svg", "line", "polygon", "polyline"}
HTML = {"div", "table", "thead", "tbody", "tr", "th", "td", *SVG}

each = pytest.mark.parametrize("kind", RESULTS)


@each
def test_text_is_one_to_three_lines_that_a_person_can_read(kind):
    lines = repr(RESULTS[kind]()).split("\n")
    assert 1 <= len(lines) <= 3
    assert lines[0].startswith(kind.split(",")[0])
    assert len("".join(lines)) < 700
    for line in lines:
        assert line.isprintable()
        assert "nan" not in line.lower()
        assert "array(" not in line


@each
def test_html_is_text_table_and_pictures_without_script(kind):
    html = RESULTS[kind]()._repr_html_()
    assert len(html) < 60_000
    page = parsed(html)
    assert set(page.tags) <= HTML
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "nan" not in html.lower()


@each
def test_whatever_is_shown_takes_no_time(kind):
    result = RESULTS[kind]()
    began = time.process_time()
    repr(result)
    result._repr_html_()
    assert time.process_time() - began < 2.0


@each
def test_the_sentences_of_the_terminal_are_those_of_the_notebook(kind):
    result = RESULTS[kind]()
    page = " ".join(parsed(result._repr_html_()).texts)
    page = page.replace("−", "-").replace("–", "-").replace("’", "'")
    for line in repr(result).split("\n"):
        for sentence in line.removeprefix("! ").split(". "):
            assert sentence.rstrip(".") in page


@settings(max_examples=30)
@given(st.text(max_size=30))
def test_a_name_is_text(name):
    named = sharpe().copy()
    named.name = name
    assert set(parsed(named._repr_html_()).tags) <= HTML
    assert len(repr(named).split("\n")) == 2


def test_a_sharpe_ratio_says_its_mean_its_interval_and_its_sign():
    said, one = repr(sharpe()), sharpe()
    assert f"Sharpe ratio {one['mean']:.2f}, 94% between {one['hdi_low']:.2f} and" in said
    assert f"{one['hdi_high']:.2f}; " in said
    assert f"({100 * one['prob_positive']:.1f}% above zero)" in said


def test_a_comparison_says_who_is_best_and_how_sure_that_is():
    one = comparison()
    best = one.table.loc[one.table["prob_best"].idxmax()]
    assert f"the best ({100 * best['prob_best']:.1f}%): Sharpe ratio" in repr(one)
    assert f"{best['sharpe_mean']:.2f}, 94% between {best['hdi_low']:.2f} and" in repr(one)


def test_a_hedge_says_the_ratio_of_the_next_date():
    one, said = pair(), repr(pair())
    mean, sd = one.next_hedge["hedge_ratio_mean"], one.next_hedge["hedge_ratio_std"]
    assert f"next hedge ratio {mean:.3f} of" in said
    assert f"94% between {mean - 1.8808 * sd:.3f} and {mean + 1.8808 * sd:.3f}" in said
    assert "autocorrelation" in said


def test_a_regression_says_its_coefficients():
    [first, *_], said = list(regression().summary().items())[1:], repr(regression())
    name, row = first
    assert f"{name} {row['mean']:.3f}, 94% between {row['hdi_low']:.3f} and" in said


def test_a_volatility_model_says_what_comes_next():
    row, said = model().summary().loc["volatility_forecast"], repr(model())
    assert f"next period {row['mean']:.4f}, 94% between {row['hdi_low']:.4f} and" in said


def test_an_average_says_what_comes_next_by_all_its_models():
    assert f"next period {average().volatility_forecast:.4f}, 94% between" in repr(average())
    for name, weight in average().weights.items():
        assert f"{weight:.0%}" in repr(average())
        assert name in parsed(average()._repr_html_()).texts or name == NAMES[1]


def test_a_tail_says_both_losses():
    risk = pf.risk.tail_risk(model())
    first = risk.table.loc[0.01]
    assert (
        f"with 1% probability more than {first['value_at_risk']:.4f}, and then "
        f"{first['expected_shortfall']:.4f} on average"
    ) in repr(risk)


def test_a_backtest_says_what_was_earned():
    net = backtest().summary()["net"]
    assert f"grew {100 * net['annual_growth']:.1f}% a year after costs" in repr(backtest())
    assert f"Sharpe ratio of the sample {net['sharpe']:.2f}" in repr(backtest())


def test_what_is_read_off_a_doubtful_fit_says_so():
    poor = pf.StochasticVolatilityModel().fit(returns("x"), samples=20, random_seed=1)
    read_off = [
        poor,
        poor.forecast(),
        poor.predictive(),
        pf.risk.tail_risk(poor),
        pf.risk.kelly_fraction(poor),
        pf.risk.volatility_target(poor, 0.1),
        pf.risk.stop_distance(poor, 2),
    ]
    for one in read_off:
        assert "\n! " in repr(one)
        assert "effective draws" in one._repr_html_()


def test_a_model_that_is_not_fitted_is_how_it_was_made():
    assert repr(pf.BayesianPairsTrading()).startswith("BayesianPairsTrading(method='rolling'")
    for empty in (pf.StochasticVolatilityModel(), pf.BayesianLinearRegression()):
        assert repr(empty).startswith(f"{type(empty).__name__}(")
        assert repr(empty).endswith(")")
        assert parsed(empty._repr_html_()).tags == ["div", "div"]


def test_draws_that_are_too_few_are_not_shown_without_that():
    poor = pf.bayesian_sharpe(returns("x"), samples=20, random_seed=1)
    assert "! " in repr(poor)
    assert "effective draws" in poor._repr_html_()
    assert "no Sharpe ratio to rely on yet" in repr(poor)


PLOTTED = [
    "SharpePosterior", "StrategyComparison", "SelectedStrategy", "SharpeChange",
    "BayesianPairsTrading", "BayesianLinearRegression", "StochasticVolatilityModel",
    "AveragedVolatilityModel", "VolatilityForecast", "VolatilityComparison", "RollingForecast",
    "BacktestResult", "MeanReversion", "TailRisk", "BayesianHierarchical", "SkilledAssets",
    "BestOfTrials", "TunedStrategy", "OpenedHoldout", "FittedPanel", "BayesianRegimeSwitching",
    "RegimeForecast", "VariationalPosterior",
]  # fmt: skip


@pytest.mark.parametrize("kind", PLOTTED)
def test_a_plot_is_a_new_figure_or_on_axes_that_are_there(kind):
    result = RESULTS[kind]()
    alone = result.plot()
    assert isinstance(alone, Figure)
    figure = Figure(figsize=(9, 6))
    left, right = figure.subplots(1, 2)
    assert result.plot(ax=left) is left
    panels = [*left.child_axes] or [left]
    assert len(panels) == len(alone.axes)
    assert [one.get_title(loc="left") for one in panels] == [
        one.get_title(loc="left") for one in alone.axes
    ]
    assert [len(one.lines) for one in panels] == [len(one.lines) for one in alone.axes]
    assert not right.has_data()
    assert figure.axes == [left, right]
    figure.draw_without_rendering()


def test_nothing_else_can_be_plotted():
    can = {kind for kind, result in RESULTS.items() if hasattr(result(), "plot")}
    also = {
        "StrategyComparison, pooled", "BayesianLinearRegression, robust", "SVWithJumps",
        "VolatilityForecast, one step", "TailRisk, five periods",
        "MultivariateSV",  # whose bar of colours is beside its panel
    }  # fmt: skip
    assert can == {*PLOTTED, *also}


def test_what_has_several_figures_draws_each_on_axes():
    for draw in (
        lambda ax: model().plot_volatility(ax=ax),
        lambda ax: model().plot_posterior("phi", ax=ax),
        lambda ax: model().plot_posterior(ax=ax),
        lambda ax: regression().plot_posterior("alpha", 0.5, ax=ax),
    ):
        ax = Figure().subplots()
        assert draw(ax) is ax
        assert ax.lines or ax.child_axes


def test_draws_for_arviz_have_the_names_and_dates_of_the_data():
    compared = comparison().idata
    assert list(compared["posterior"]["strategy"].values) == NAMES
    assert list(compared["observed_data"]["excess_returns_1"].dims) == ["time_1"]
    for container, coordinate in (
        (compared["observed_data"], "time_0"),
        (sharpe().idata["observed_data"], "time"),
        (model().idata["posterior"], "time"),
        (regression().idata["observed_data"], "observation"),
    ):
        np.testing.assert_array_equal(container[coordinate].values, DAYS.to_numpy())
    assert list(regression().idata["posterior"]["feature"].values) == NAMES
