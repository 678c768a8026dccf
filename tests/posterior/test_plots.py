"""Figures of posteriors: returned, not shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.posterior.plots import density_figure, forest_figure

DRAWS = np.random.default_rng(1).normal(size=2000)


def test_a_panel_for_each_variable(tmp_path):
    figure = density_figure({"mu": DRAWS, "sigma": np.exp(DRAWS), "nu": DRAWS, "rho": DRAWS}, 0.9)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in shown] == ["mu", "sigma", "nu", "rho"]
    figure.savefig(tmp_path / "densities.png")


def test_what_is_known_exactly_is_a_line():
    [ax] = density_figure({"mu": np.full(10, 2.0)}, 0.9, {"truth": 3.0, "none": 0.0}).axes
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["mean 2", "90% HDI 2 to 2", "truth 3", "none"]


def test_a_row_for_each_strategy():
    table = pd.DataFrame(
        {"mean": [1.0, 0.5], "hdi_low": [0, 0], "hdi_high": [2, 1]}, index=["a", "b"]
    )
    [ax] = forest_figure(table, "Sharpe ratio, 94%").axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert "94%" in ax.get_xlabel()
