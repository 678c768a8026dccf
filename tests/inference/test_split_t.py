"""The split t falls off as the density that it is fitted to."""

from __future__ import annotations

import numpy as np

from puffin.inference.mode import Mode
from puffin.inference.proposal import MultivariateT
from puffin.inference.split_t import SplitT, fit_split_t


def test_split_t_falls_off_as_the_density_does():
    target = SplitT(np.zeros(2), np.eye(2), np.array([1.0, 0.6]), np.array([0.7, 2.0]), 15.0)
    mode = Mode(np.zeros(2), np.diag([0.8, 1.2]), 0.0)
    fitted = fit_split_t(target.log_density, mode, degrees=15.0, distance=2.0)
    points = target.draw(np.random.default_rng(4), 1000)
    offsets = fitted.log_density(points) - target.log_density(points)
    assert abs(fitted.log_density(np.zeros((1, 2))) - target.log_density(np.zeros((1, 2))))[0] < 0.1
    assert np.quantile(np.abs(offsets), 0.99) < 1.0
    plain = MultivariateT(mode.location, np.linalg.cholesky(mode.covariance), 15.0)
    assert offsets.std() < 0.5 * (plain.log_density(points) - target.log_density(points)).std()
