"""States out of their lanes, and paths by weight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.lanes import LANES
from puffin.inference.latent_ar1.independence import _gather, _pick


@pytest.mark.parametrize("n_times", [1, 7, 8, 9, 33])
@pytest.mark.parametrize(
    "lanes", [[0, 5, 7, 9, 16, 23], range(24), [3, *range(8, 16), 17], range(8, 16), range(1, 9)]
)
def test_states_are_gathered_from_their_lanes(n_times, lanes):
    """Whole groups of lanes and single ones, as each second row."""
    stream, lanes = np.random.default_rng(n_times), np.array(lanes)
    states = stream.normal(size=(3, n_times, LANES))
    out = np.full((2 * lanes.size + 3, n_times), np.nan, np.float32)
    _gather(states, lanes, 3, out)
    twin = states.transpose(0, 2, 1).reshape(-1, n_times)[lanes]
    np.testing.assert_array_equal(out[3::2], twin.astype(np.float32))
    assert np.isnan(out[:3]).all()
    assert np.isnan(out[4::2]).all()


def test_paths_are_picked_by_weight_and_averaged():
    stream = np.random.default_rng(3)
    weights = np.array([0.1, 0.0, 2.0, 0.5])
    with np.errstate(divide="ignore"):
        rows = np.tile(np.log(weights), (50_000, 1))
    rows[0] = np.nan
    mean, lanes = _pick(rows, stream.gumbel(size=rows.shape))
    np.testing.assert_allclose(mean[1:], math.log(weights.mean()), rtol=1e-12)
    assert mean[0] < -1e200
    counts = np.bincount(lanes[1:] % 4, minlength=4)
    assert counts[1] == 0
    shares = weights[weights > 0] / weights.sum()
    assert stats.chisquare(counts[weights > 0], shares * counts.sum()).pvalue > 1e-6
    np.testing.assert_array_equal(lanes // 4, np.arange(50_000))
