"""The figure of a backtest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin import backtest


def test_plot(result, prices, tmp_path):
    figure = result.plot()
    figure.savefig(tmp_path / "equity.png")
    upper, lower = figure.axes
    assert upper.get_title(loc="left") == "Backtest of trend"
    assert upper.get_yscale() == "linear"
    assert [line.get_label().split()[0] for line in upper.lines[1:]] == ["before", "after"]
    assert lower.get_ylim()[1] == 0.0
    wide = pd.Series(np.geomspace(1.0, 50.0, 40), name="A")
    free = backtest.run(wide * 0.0 + 1.0, wide).plot()
    assert free.axes[0].get_yscale() == "log"
    assert len(free.axes[0].lines) == 2  # without costs there is one equity
    free.savefig(tmp_path / "free.png")
