"""The table of a posterior."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.posterior import diagnose, highest_density_interval, summarise


def test_a_row_for_each_scalar():
    draws = np.random.default_rng(1).normal(size=(4, 250))
    table = summarise({"mu": draws, "twice": 2.0 * draws}, 0.9)
    assert list(table) == ["mu", "twice"]
    low, high = highest_density_interval(draws.ravel(), 0.9)
    assert table["mu"] == {
        "mean": draws.mean(), "sd": draws.std(ddof=1), "hdi_low": low, "hdi_high": high,
        **diagnose(draws),
    }  # fmt: skip
    for name in ("mean", "sd", "hdi_low", "hdi_high"):
        assert table["twice"][name] == pytest.approx(2.0 * table["mu"][name])


def test_one_draw_has_no_spread():
    assert summarise({"mu": np.ones((1, 1))}, 0.9)["mu"]["sd"] == 0.0
