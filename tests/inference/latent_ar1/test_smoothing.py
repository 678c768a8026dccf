"""Smoothing against a dense inverse."""

from __future__ import annotations

import numpy as np
import pytest

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
