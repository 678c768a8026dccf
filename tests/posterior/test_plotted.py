"""Results that can be plotted: on a new figure, or on axes that are there."""

from __future__ import annotations

from matplotlib.figure import Figure

from puffin.posterior.plots import panels
from puffin.posterior.plotted import Plotted


class Line(Plotted):
    def _figure(self, ax):
        drawn, [[first], [second]] = panels(ax, 4.0, 3.0, rows=2)
        first.plot([0, 1], [0, 1])
        second.plot([0, 1], [1, 0])
        return drawn


def test_a_new_figure_has_the_panels():
    figure = Line().plot()
    assert isinstance(figure, Figure)
    assert [len(ax.lines) for ax in figure.axes] == [1, 1]


def test_axes_that_are_there_are_divided_without_overlap():
    ax = Figure(figsize=(4, 3)).subplots()
    assert Line().plot(ax=ax) is ax
    upper, lower = ax.child_axes
    place, above, below = (one.get_window_extent() for one in (ax, upper, lower))
    assert below.y1 < above.y0
    assert place.y0 <= below.y0
    assert above.y1 <= place.y1
    assert not ax.axison


def test_one_panel_takes_the_axes_themselves():
    ax = Figure().subplots()
    drawn, axes = panels(ax, 4.0, 3.0)
    assert drawn is ax
    assert axes.shape == (1, 1)
    assert axes[0, 0] is ax
