"""Small pictures show what the numbers beside them say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from puffin.showing.pictures import Density, Sparkline, common_span
from tests.showing.parsed import parsed

DRAWS = np.random.default_rng(1).normal(1.0, 0.5, 20_000)


def points(svg, tag):
    found = re.findall(rf'<{tag} points="([^"]*)"', svg)
    return [np.array([pair.split(",") for pair in one.split()], float) for one in found]


def test_a_density_is_that_of_the_draws():
    picture = Density(DRAWS, 0.1, 1.9, "x", span=(-1.0, 3.0), width=400, height=50)
    whole, inside = points(picture.svg(), "polygon")
    x, top = whole[:, 0] / 100 - 1.0, 48.0 - whole[:, 1]
    assert np.ptp(x) == pytest.approx(4.0)
    middle = np.average(x, weights=top)
    assert middle == pytest.approx(1.0, abs=0.03)
    assert np.sqrt(np.average((x - middle) ** 2, weights=top)) == pytest.approx(0.5, abs=0.03)
    # Bins are 0.08 wide, and of each it is its middle that counts.
    assert inside[:, 0].min() / 100 - 1.0 == pytest.approx(0.1, abs=0.06)
    assert inside[:, 0].max() / 100 - 1.0 == pytest.approx(1.9, abs=0.06)


def test_mean_and_zero_are_marked_if_they_are_near():
    lines = re.findall(r'<line x1="([\d.]+)"', Density(DRAWS, 0, 2, "x", (-1.0, 3.0), 400).svg())
    assert [float(one) for one in lines] == pytest.approx([100.0, 200.0], abs=1.0)
    far = Density(DRAWS + 9.0, 9, 11, "x").svg()
    assert far.count("<line") == 1


@pytest.mark.parametrize(
    "draws", [np.array([]), np.array([1.0]), np.full(100, 2.0), np.array([np.nan, np.inf])]
)
def test_nothing_to_draw_is_an_empty_picture(draws):
    assert set(parsed(Density(draws, 0.0, 1.0, "x").svg()).tags) == {"svg"}
    assert set(parsed(Sparkline(draws[:1], "x").svg()).tags) == {"svg"}


def test_one_infinite_draw_does_not_hide_the_others():
    assert "nan" not in Density(np.append(DRAWS, [np.inf, np.nan, 1e9]), 0, 2, "x").svg()
    low, high = common_span([np.append(DRAWS, np.inf)])
    assert -1.5 < low < 0.0
    assert 2.0 < high < 3.5


def test_a_path_has_few_points_the_last_among_them_and_skips_what_is_missing():
    values = np.sin(np.arange(1001) / 100)
    values[500:600] = np.nan
    [line] = points(Sparkline(values, "x").svg(), "polyline")
    assert len(line) <= 242
    assert line[-1, 0] == pytest.approx(258.0)
    assert np.isfinite(line).all()
    assert line[:, 1].min() == pytest.approx(3.0, abs=0.1)
    assert line[:, 1].max() == pytest.approx(45.0, abs=0.1)


def test_what_a_picture_shows_is_said_and_stays_text():
    name = '"><script>&\n'
    piece = parsed(Sparkline(np.arange(5.0), name).svg())
    assert piece.attributes["aria-label"] == ['"><script>& ']
    assert "script" not in piece.tags
