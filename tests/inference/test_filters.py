"""Smoothing, and what is kept of proposals, against plain twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.lanes import LANES
from puffin.inference.latent_ar1.independence import Chain, _gather, _pick
from puffin.inference.latent_ar1.sampler import _longest_run, _report
from puffin.inference.latent_ar1.smoothing import smooth


@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_smoothing_is_a_dense_inverse(n):
    stream = np.random.default_rng(n)
    coupling = stream.normal(size=n - 1)
    diagonal = 2.5 + np.abs(np.append(coupling, 0.0)) + np.abs(np.append(0.0, coupling))
    P = np.diag(diagonal) - np.diag(coupling, 1) - np.diag(coupling, -1)
    shifts = stream.normal(size=(3, n))
    means, variance, covariance = smooth(diagonal, coupling, shifts)
    inverse = np.linalg.inv(P)
    np.testing.assert_allclose(means, shifts @ inverse, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(variance, np.diag(inverse), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.diag(inverse, 1), rtol=1e-10, atol=1e-14)


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


@pytest.mark.parametrize("correlation", [1.0, 0.0, -1.0])
def test_error_of_the_evidence_counts_pairs(correlation):
    """Weights that are the same within pairs say as much as half of them; opposite ones, all."""
    stream = np.random.default_rng(4)
    first, other = stream.normal(size=(2, 4, 5000))
    second = correlation * first + math.sqrt(1.0 - correlation**2) * other
    weights = 1.0 + 0.1 * np.stack([first, second], axis=-1).reshape(4, 10_000)
    nothing = np.zeros(10_000)
    report = _report(
        [Chain(nothing, nothing, nothing, nothing + 1.0, np.log(row)) for row in weights]
    )
    assert report["log_marginal_likelihood"] == pytest.approx(math.log(weights.mean()))
    exact = 0.1 * math.sqrt((1.0 + correlation) / 40_000)
    assert report["log_marginal_likelihood_se"] == pytest.approx(exact, rel=0.05, abs=1e-12)


def test_longest_run():
    for moved, longest in (
        ([1.0, 1.0], 0), ([0.0] * 4, 4), ([1.0, 0.0, 0.0, 0.5, 0.0], 2), ([0.0], 1),
    ):  # fmt: skip
        assert _longest_run(np.array(moved)) == longest
