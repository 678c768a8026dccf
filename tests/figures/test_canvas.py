"""The report's style is the report's alone."""

from __future__ import annotations

import matplotlib
import pytest

from puffin.figures.canvas import canvas, report_style


def test_the_users_settings_neither_count_nor_change():
    with matplotlib.rc_context({"font.size": 30.0, "text.usetex": True}):
        before = dict(matplotlib.rcParams.copy())
        with report_style(), report_style():
            assert matplotlib.rcParams["font.size"] == 9.0
            assert not matplotlib.rcParams["text.usetex"]
        assert dict(matplotlib.rcParams.copy()) == before


@pytest.mark.parametrize("name", ["$x$", "a_b", "50%"])
def test_text_is_shown_as_it_is(name):
    with canvas() as (_, ax):
        text = ax.set_xlabel(name)
    assert not text.get_parse_math()
    assert not text.get_usetex()
