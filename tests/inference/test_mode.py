"""Modes of densities that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference import mode as mode_module
from puffin.inference.failure import SamplingError
from puffin.inference.mode import find_mode


def test_mode_and_curvature_of_a_gaussian():
    covariance = np.array([[2.0, 3e-4], [3e-4, 1e-6]])
    law = stats.multivariate_normal([3.0, -200.0], covariance)
    mode = find_mode(lambda points: np.atleast_1d(law.logpdf(points)), np.array([0.0, -199.0]))
    np.testing.assert_allclose(mode.location, [3.0, -200.0], atol=1e-3)
    np.testing.assert_allclose(mode.covariance, covariance, rtol=1e-3, atol=1e-9)


def test_mode_of_nothing_is_an_error():
    with pytest.raises(SamplingError, match="starting point"):
        find_mode(lambda points: np.full(len(points), -np.inf), np.zeros(2))


def test_curvature_that_rounding_takes_is_an_error(monkeypatch):
    lost = (np.zeros(2), np.diag([1.0, -1e-30]))
    monkeypatch.setattr(mode_module, "_derivatives", lambda *_: lost)
    with pytest.raises(SamplingError, match="lost to rounding"):
        find_mode(lambda points: -(points**2).sum(axis=1), np.ones(2))
