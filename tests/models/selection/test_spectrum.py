"""Variances along a sample's eigenvectors."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.selection.spectrum import true_variances


def sample(stream, variances, observations):
    x = stream.standard_normal((observations, variances.size)) * np.sqrt(variances)
    values, vectors = np.linalg.eigh(x.T @ x / observations)
    return values, (vectors**2).T @ variances


@pytest.mark.parametrize("observations", [300, 60])
def test_nearer_to_the_truth_than_eigenvalues(observations):
    """Also where series are more than observations, and no eigenvalue says anything of a third."""
    stream = np.random.default_rng(1)
    variances = np.exp(np.linspace(-2, 1, 100))
    values, truth = sample(stream, variances, observations)
    known = true_variances(np.maximum(values, 1e-12), observations)
    assert np.abs(known - truth).mean() < 0.35 * np.abs(values - truth).mean()
    assert known.mean() == pytest.approx(truth.mean(), rel=0.1)


def test_an_eigenvalue_far_above_the_rest_stays():
    values, truth = sample(np.random.default_rng(1), np.array([1e-3] * 30 + [1e3]), 1000)
    known = true_variances(values, 1000)
    assert known[-1] == pytest.approx(values[-1], rel=0.1)
    assert known[:-1] == pytest.approx(truth[:-1], rel=0.3)
