"""Names are text in every plot, whatever characters they have; times have their zone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.text import Text

import puffin as pf
from puffin.figures import volatility_paths
from puffin.findings.progress import Silence
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.findings.volatility import volatilities
from puffin.posterior.plots import time_axis
from puffin.showing.periods import period_label

pytestmark = pytest.mark.filterwarnings("ignore::puffin.AutocorrelationWarning")

NAMES = ["$A$ and $B$", r"_x_{1}^2 \alpha", r"100% #1 & $\frac{", "a$b_c$d", "~^{}", "_hidden"]
DAYS = pd.bdate_range("2021-01-01", periods=120)


def walk(name, seed=1):
    steps = 0.01 * np.random.default_rng(seed).standard_normal(len(DAYS))
    return pd.Series(50.0 * np.exp(np.cumsum(steps)), DAYS, name=name)


def returns(name, seed=1):
    return walk(name, seed).pct_change().dropna()


def pair_plot(name):
    model = pf.BayesianPairsTrading()
    model.fit_dynamic_hedge(walk(name), walk(f"{name} 2", 2), 30)
    return model.plot()


def regression_plot(name):
    model = pf.models.bayesian.BayesianLinearRegression()
    features = returns(name, 2).to_frame(name)
    return model.fit(features, returns("y"), samples=100, random_seed=1).plot_posterior()


def comparison_plot(name):
    both = {name: returns(name), "other": returns("other", 2)}
    return pf.strategy_comparison(both, 200, random_seed=1).plot()


def backtest_plot(name):
    prices = walk(name).to_frame()
    return pf.backtest.run(prices * 0.0 + 0.5, prices, name=name).plot()


def watch_plot(name):
    return pf.sharpe_change(returns(name), "2021-04-01", samples=100, random_seed=1).plot()


def volatility_plot(name):
    return pf.StochasticVolatilityModel().fit(returns(name), 100, random_seed=1).plot_volatility()


def volatility_figure(name):
    settings = AnalysisSettings(
        periods_per_year=252.0, seed=1, volatility=VolatilitySettings(samples=100)
    )
    found, _ = volatilities({name: returns(name)}, settings, Silence())
    return volatility_paths(found, 0.94)


def skilled_plot(name):
    table = pd.concat([returns(name), returns("other")], axis=1)
    model = pf.BayesianHierarchical().fit(table, samples=100, random_seed=1)
    return model.skilled(0.99).plot()


PLOTS = {
    "skilled": skilled_plot,
    "sharpe": lambda name: pf.bayesian_sharpe(returns(name), 200, random_seed=1).plot(),
    "comparison": comparison_plot,
    "pair": pair_plot,
    "regression": regression_plot,
    "backtest": backtest_plot,
    "watch": watch_plot,
    "volatility": volatility_plot,
    "volatility figure": volatility_figure,
}


def shown(figure):
    """Lay out, as for drawing, and return what is there to be read."""
    figure.draw_without_rendering()
    return [one for one in figure.findobj(Text) if one.get_visible() and one.get_text()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Only .* draws")
@pytest.mark.filterwarnings("ignore::puffin.ConvergenceWarning")
@pytest.mark.parametrize("plot", PLOTS)
def test_names_are_text(plot):
    for name in NAMES[:3] if plot == "watch" else NAMES:
        figure = PLOTS[plot](name)
        texts = shown(figure)
        assert any(name in one.get_text() for one in texts), name
        for one in texts:
            if name in one.get_text():
                assert not one.get_parse_math()
                assert not one.get_usetex()


def test_whatever_the_settings_of_matplotlib():
    with rc_context({"text.usetex": True}):
        figure = PLOTS["sharpe"](NAMES[1])
        assert not any(
            one.get_usetex() for one in figure.findobj(Text) if NAMES[1] in one.get_text()
        )


def test_legends_name_what_begins_with_an_underscore():
    figure = pair_plot("_hidden")
    legend = [one.get_text() for one in figure.axes[0].get_legend().get_texts()]
    assert legend == ["price of _hidden", "price of _hidden 2"]


def axis_of(index):
    from puffin.posterior.plots import new_figure

    figure, axes = new_figure(6.0, 3.0)
    ax = axes[0, 0]
    ax.plot(index, np.arange(len(index)))
    time_axis(ax, index)
    figure.draw_without_rendering()
    return ax.get_xlabel(), [one.get_text() for one in ax.get_xticklabels()]


def test_times_are_those_of_their_zone():
    index = pd.date_range("2024-01-02 09:30", periods=7, freq="h", tz="America/New_York")
    label, ticks = axis_of(index)
    assert label == "America/New_York"
    assert "10:00" in ticks
    assert "20:00" not in ticks
    assert axis_of(index.tz_convert("UTC"))[0] == "UTC"
    assert "15:00" in axis_of(index.tz_convert("UTC"))[1]
    assert axis_of(index.tz_localize(None))[0] == ""
    assert axis_of(pd.bdate_range("2024-01-02", periods=40, tz="America/New_York"))[0] == ""
    assert axis_of(pd.RangeIndex(5))[0] == "row"


def test_a_time_in_words_has_its_zone():
    morning = pd.Timestamp("2024-01-02 09:30")
    assert period_label(morning) == "2024-01-02 09:30"
    assert period_label(morning.tz_localize("America/New_York")) == "2024-01-02 09:30 EST"
    assert period_label(morning.tz_localize("UTC")) == "2024-01-02 09:30 UTC"
    assert period_label(morning.normalize().tz_localize("Europe/Berlin")) == "2024-01-02"
