"""Weights of points from several proposals."""

from __future__ import annotations

import numpy as np
from scipy import stats

from puffin.inference.latent_ar1.pool import Pool
from puffin.inference.proposal import MultivariateT


def test_pooled_points_are_weighed_by_the_mixture_of_their_proposals():
    stream, pool = np.random.default_rng(1), Pool(1)
    near = MultivariateT(np.zeros(1), np.eye(1), 5.0)
    far = MultivariateT(np.full(1, 3.0), 2.0 * np.eye(1), 5.0)
    for proposal, size in ((near, 300), (far, 100)):
        points = proposal.draw(stream, size)
        pool.add(proposal, points, stats.norm.logpdf(points[:, 0]))
    x = pool.points[:, 0]
    mixture = 0.75 * stats.t.pdf(x, 5) + 0.25 * stats.t.pdf(x, 5, 3, 2)
    np.testing.assert_allclose(np.exp(pool.log_weights), stats.norm.pdf(x) / mixture, rtol=1e-12)
