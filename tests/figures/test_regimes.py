"""Growth over the regimes that it was in."""

from __future__ import annotations

import numpy as np

from puffin.backtest.performance import growth
from puffin.figures import regime_growth
from puffin.page.svg import to_svg
from tests.findings.regimes_examples import found, returns


def test_every_period_is_shaded_once_by_its_most_probable_regime():
    from matplotlib.dates import date2num

    figure = regime_growth(growth(returns()), found())
    likely = found().model.regime_probabilities("smoothed").to_numpy().argmax(axis=1)
    spans = [
        (patch.get_x(), patch.get_x() + patch.get_width(), patch.get_facecolor()[:3])
        for patch in figure.axes[0].patches
    ]
    assert len(spans) == 1 + np.count_nonzero(np.diff(likely))
    colours = {}
    for day, regime in zip(date2num(returns().index), likely, strict=True):
        [colour] = {colour for begin, end, colour in spans if begin <= day < end}
        assert colours.setdefault(regime, colour) == colour
    assert len(set(colours.values())) == 2
    assert len(to_svg(figure, "x", "title")) < 30_000
