"""Results that can be plotted: on a new figure, or on axes that are there."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from puffin.posterior.plots import panels
from puffin.posterior.plotted import ParametersPlotted, Plotted


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


class Known(ParametersPlotted):
    """Two parameters."""

    def _scalars(self):
        draws = np.random.default_rng(1).standard_normal((2, 100))
        return {"one": draws, "other": draws + 1.0}


def test_densities_of_all_parameters_or_of_one():
    visible = [ax for ax in Known().plot_posterior().axes if ax.get_visible()]
    assert len(visible) == 2
    assert len(Known().plot_posterior("other").axes) == 1
    with pytest.raises(ValueError, match="param_name"):
        Known().plot_posterior("third")
    with pytest.raises(ValueError, match="hdi_prob"):
        Known().plot_posterior(hdi_prob=94)
