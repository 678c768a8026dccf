"""The figure of a pair."""

from __future__ import annotations

import inspect

import pytest

from puffin.models.bayesian import BayesianPairsTrading
from tests.models.pairs.simulated_pair import fitted, pair

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


def test_plot():
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot

    others = pyplot.get_fignums()  # what other tests left open
    for hedges, options in ((1, {}), (2, {"log_prices": True, "method": "state-space"})):
        model, _ = fitted(*pair(hedges=hedges), **options)
        figure = model.plot(1.0, 0.2, zscore_window=10)
        prices, ratios, scores = figure.axes
        assert prices.get_ylabel() == ("log price" if options else "price")
        assert "KO hedged with PEP" in prices.get_title(loc="left")
        assert ratios.get_ylabel() == "hedge ratio"
        assert scores.get_ylabel() == "z-score"
        figure.canvas.draw()
    assert pyplot.get_fignums() == others
    arrays, _ = fitted(*(part.to_numpy() for part in pair()))
    assert arrays.plot().axes[2].get_xlabel() == "row"


def test_plot_takes_what_signals_take():
    ours = inspect.signature(BayesianPairsTrading.plot).parameters
    theirs = inspect.signature(BayesianPairsTrading.generate_signals).parameters
    assert [*ours] == [*(name for name in theirs if name != "spread"), "ax"]
    assert all(ours[name].default == theirs[name].default for name in [*ours][:-1])
