"""What the script is told of a figure: places in the drawing, and what they stand for."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from puffin.figures import band_path, growth_curves, sharpe_density
from puffin.page.svg import to_svg
from tests.findings.examples import found


def told(figure):
    text = str(to_svg(figure, "x", "title"))
    return text, json.loads(html.unescape(re.search(r'data-axes="([^"]*)"', text)[1]))


def value(axes, y):
    """Read a value off a place, as the script does."""
    bottom, top, low, high = axes["y"]
    share = (y - bottom) / (top - bottom)
    return low * (high / low) ** share if axes["log"] else low + share * (high - low)


def points(text, number):
    [group] = re.findall(rf'<g id="x-line-{number}".*?</g>', text, flags=re.DOTALL)
    path = re.search(r'\bd="([^"]*)"', group)[1]
    return [tuple(map(float, one.split())) for one in re.findall(r"-?[\d.]+ -?[\d.]+", path)]


DAYS = pd.bdate_range("2020-01-01", periods=40)
MEAN = pd.Series(np.sin(np.arange(40.0)), DAYS)
TABLE = pd.DataFrame({"mean": MEAN, "low": MEAN - 0.5, "high": MEAN + 0.5})


@pytest.mark.parametrize("number", [0, 1, 2])
def test_values_can_be_read_off_the_drawing(number):
    text, axes = told(band_path(TABLE, "of it"))
    assert axes["names"] == ["mean", "low", "high"]
    read = [value(axes, y) for _, y in points(text, number)]
    assert max(read) == pytest.approx(TABLE[axes["names"][number]].max(), abs=0.01)
    assert read[-1] == pytest.approx(TABLE[axes["names"][number]].iloc[-1], abs=0.01)


def test_days_can_be_read_off_the_drawing():
    text, axes = told(band_path(TABLE, "of it"))
    left, right, first, last = axes["x"]
    x = points(text, 0)[-1][0]
    days = first + (x - left) / (right - left) * (last - first)
    assert days == pytest.approx((DAYS[-1] - pd.Timestamp("1970-01-01")).days, abs=0.3)
    assert axes["dates"] == 0.0


def test_zooming_finds_the_ticks_and_the_data():
    text, _ = told(band_path(TABLE, "of it"))
    assert text.count('<g class="xtick"') >= 3
    assert text.count('<g class="ytick"') >= 3
    assert text.count('<g class="offset"') == 1
    # All that is drawn of the data is clipped to the axes: the script moves it inside of them.
    assert text.count('clip-path="url(#x-') >= 4


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Tokyo", 9.0), ("America/New_York", -5.0)])
def test_dates_are_those_of_their_own_zone(zone, hours):
    _, axes = told(band_path(TABLE.tz_localize(zone), "of it"))
    assert axes["dates"] == pytest.approx(hours / 24.0)


def test_a_log_scale_is_said_and_a_name_is_only_data():
    name = '<b>"x"</b>'
    text, axes = told(growth_curves({name: pd.Series(np.geomspace(1, 50, 40), DAYS)}))
    assert axes["log"]
    assert axes["names"] == [name]
    assert name not in text
    assert value(axes, points(text, 0)[-1][1]) == pytest.approx(50.0, rel=0.02)


def test_percent_and_rows():
    _, axes = told(band_path(TABLE.reset_index(drop=True), "of it", percent=True))
    assert axes["percent"]
    assert axes["dates"] is None


def test_a_density_tells_nothing():
    sharpe = found().sharpes["steady"]
    assert "data-axes" not in str(to_svg(sharpe_density(sharpe.draws, sharpe), "x", "title"))
