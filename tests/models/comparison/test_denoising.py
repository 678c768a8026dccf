"""Correlations without the noise in their eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.comparison.denoising import denoised


def sample(correlation, count, seed):
    root = np.linalg.cholesky(correlation)
    return np.corrcoef(
        np.random.default_rng(seed).normal(size=(count, len(root))) @ root.T, rowvar=False
    )


@pytest.mark.parametrize(("size", "count"), [(50, 500), (100, 60)])
@pytest.mark.parametrize("common", [0.0, 0.5, 0.9])
def test_correlation_of_all_is_recovered(size, count, common):
    """One correlation of all pairs: known to its own error, and with it the inverse.

    More strategies than observations included. Fixed seed.
    """
    truth = np.full((size, size), common) + (1.0 - common) * np.eye(size)
    noisy = sample(truth, count, 1)
    found = denoised(noisy, count)
    np.testing.assert_allclose(np.diag(found), 1.0)
    values = np.linalg.eigvalsh(found)
    assert values[0] > 0.7 * (1.0 - common)
    assert np.abs(found - truth).mean() < 0.7 * np.abs(noisy - truth).mean()


def test_what_two_share_is_left():
    """A twin's difference is far smaller than noise makes eigenvalues: it stays to a tenth."""
    truth = np.eye(20)
    truth[0, 1] = truth[1, 0] = 0.999
    found = denoised(sample(truth, 1000, 2), 1000)
    assert 1.0 - found[0, 1] == pytest.approx(0.001, rel=0.2)


def test_nothing_is_taken_out_of_two():
    np.testing.assert_allclose(
        denoised(np.array([[1.0, 0.8], [0.8, 1.0]]), 250), [[1.0, 0.8], [0.8, 1.0]]
    )
