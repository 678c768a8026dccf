"""A figure as a file."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from puffin.figures.figure_file import reserved_figure


def test_without_a_path_nothing_is_drawn():
    with reserved_figure(None) as draw:
        draw(pytest.fail)


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_as_the_name_says(tmp_path, name, start):
    with reserved_figure(tmp_path / name) as draw:
        draw(Figure)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_format_that_is_none_is_refused_at_once(tmp_path):
    with (
        pytest.raises(ValueError, match="must end in the name of a format: "),
        reserved_figure(tmp_path / "a.xyz"),
    ):
        pytest.fail("it let us in")


def test_a_failure_leaves_no_file(tmp_path):
    def fail():
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"), reserved_figure(tmp_path / "a.png") as draw:
        draw(fail)
    assert list(tmp_path.iterdir()) == []
