"""Funnel, shrinkage and intervals are drawn, on axes that are given or new ones."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from puffin.models.bayesian import BayesianHierarchical
from tests.models.hierarchical.funds import simulated


@pytest.fixture(scope="module")
def model():
    funds = simulated(1, n=12)
    return BayesianHierarchical().fit(funds.returns, funds.factors, samples=100, random_seed=1)


@pytest.mark.parametrize(
    "plot",
    [
        lambda model, **to: model.plot(**to),
        lambda model, **to: model.plot_shrinkage(**to),
        lambda model, **to: model.skilled(0.4).plot(**to),
        lambda model, **to: model.skilled(1e-9).plot(**to),
    ],
)
def test_draws_on_axes_or_a_new_figure(model, plot):
    assert plot(model).get_axes()
    ax = Figure().subplots()
    assert plot(model, ax=ax) is ax


def test_funnel_has_every_asset(model):
    [ax] = model.plot().get_axes()
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o") == 12
    assert ax.get_ylim()[1] == 0.0


def test_funnel_says_what_each_mark_is_and_covers_none(model):
    figure = model.plot()
    [ax] = figure.get_axes()
    said = [text.get_text() for text in ax.get_legend().get_texts()]
    assert said[0] == "luck: 2 standard errors about the mean of all"
    assert said[1:] == ["not named (2)", "named, 10% false ones expected (10)"]
    figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1


def test_intervals_say_their_level(model):
    figure = model.skilled(0.9).plot()
    [ax] = figure.get_axes()
    said = [text.get_text() for text in ax.get_legend().get_texts()]
    assert said == ["posterior mean and 94% interval", "by itself"]
    figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1
