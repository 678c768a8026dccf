"""Volatility over the size of returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.figures import volatility_path
from puffin.page.svg import to_svg
from tests.findings.volatility_examples import DATES, made_up


def test_of_twenty_years_is_small():
    assert len(to_svg(volatility_path(made_up()), "x", "title")) < 25_000


def test_bars_are_the_largest_returns_of_their_stretch():
    volatility = made_up(1000)
    [bars] = [p for p in volatility_path(volatility).axes[0].patches if hasattr(p, "get_data")]
    heights, edges, _ = bars.get_data()
    assert len(heights) == 150
    size = volatility.returns.abs().to_numpy()
    assert heights.max() == pytest.approx(100 * size.max())
    days = (volatility.returns.index - pd.Timestamp("1970-01-01")).days.to_numpy()
    place = np.searchsorted(edges, days) - 1
    largest = [size[place == one].max() for one in range(150)]
    assert heights == pytest.approx(100 * np.array(largest))


def test_missing_returns_leave_gaps():
    returns = pd.Series([0.01, np.nan, np.nan, 0.02, -0.03, 0.01], DATES[:6])
    path = made_up(6, DATES[:6]).path
    volatility = made_up(6, returns=returns, path=path)
    [bars] = [p for p in volatility_path(volatility).axes[0].patches if hasattr(p, "get_data")]
    assert bars.get_data().values == pytest.approx([1.0, 0.0, 0.0, 2.0, 3.0, 1.0])


def test_a_crash_leaves_the_path_its_room():
    volatility = made_up(1000)
    volatility.returns.iloc[500] = -0.9
    top = volatility_path(volatility).axes[0].get_ylim()[1]
    assert top < 2 * max(100 * volatility.path["hdi_high"].max(), 3.5)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(300),
        DATES.tz_localize("America/New_York"),
        pd.date_range("2024-01-01", periods=300, freq="5min"),
        pd.date_range("1990-01", periods=300, freq="MS"),
    ],
)
def test_any_index(index):
    svg = to_svg(volatility_path(made_up(300, pd.Index(index))), "x", "title")
    assert "var(--blue)" in svg
    assert ("observation" in svg) == isinstance(index, pd.RangeIndex)


def test_storms_and_calms_are_shaded_where_most_of_a_stretch_is_in_one():
    regimes = pd.Series("normal", DATES)
    regimes.iloc[100:140], regimes.iloc[200:260] = "high", "low"
    figure = volatility_path(made_up(300, DATES, regimes=regimes))
    shades = {one.get_label(): one for one in figure.axes[0].collections}
    days = (DATES - pd.Timestamp("1970-01-01")).days
    for name, first, end in (("high volatility", 100, 140), ("low volatility", 200, 260)):
        [path] = shades[name].get_paths()
        reached = path.vertices[:, 0]
        assert reached.min() == pytest.approx(days[first], abs=3.0)
        assert reached.max() == pytest.approx(days[end - 1], abs=3.0)


def test_jumps_stand_at_their_size_or_at_the_top():
    jumps = pd.DataFrame({"probability": [0.9, 0.6], "size": [0.03, -0.5]}, DATES[[10, 20]])
    volatility = made_up(300, DATES, jumps=jumps)
    volatility.returns.iloc[[10, 20]] = 0.031, -0.5
    ax = volatility_path(volatility).axes[0]
    [marks] = [line for line in ax.lines if line.get_label() == "jump"]
    assert marks.get_ydata()[0] == pytest.approx(3.1)
    assert marks.get_ydata()[1] < ax.get_ylim()[1]
    assert volatility_path(made_up(300, DATES)).axes[0].get_lines()[-1].get_label() != "jump"
