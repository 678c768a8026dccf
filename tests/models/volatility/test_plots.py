"""Figures of volatility."""

from __future__ import annotations

import numpy as np


def test_figures(fits):
    model = fits["student", True]
    [axes] = model.plot_volatility(hdi_prob=0.5).axes
    assert model.method in axes.get_title(loc="left")
    lines = {line.get_label(): line for line in axes.get_lines()}
    path = lines["volatility (posterior mean)"].get_ydata()
    np.testing.assert_allclose(path, model.volatility_path)
    assert "50% interval" in [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(model.plot_posterior("rho").axes) == 1
    assert len([a for a in model.plot_posterior().axes if a.has_data()]) == 7
