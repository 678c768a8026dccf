"""Small hierarchies with known truths."""

from __future__ import annotations

import numpy as np

from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates


def prior_of(q, share=None):
    return HierarchicalPrior(np.linspace(0.6, 1.2, q), np.linspace(0.5, 0.8, q), share)


def problem(stream, *, sizes=(5, 1, 4), q=2, k=1, share=None):
    """A truth drawn from the prior, and estimates of it."""
    prior, groups = prior_of(q, share), np.repeat(np.arange(len(sizes)), sizes)
    n, grouped = groups.size, len(sizes) > 1
    mean = prior.mean_sd * stream.standard_normal(q)
    between = abs(prior.spread_sd * stream.standard_normal(q)) * grouped
    typical = abs(prior.spread_sd * stream.standard_normal(q))
    spread = abs(typical * stream.standard_normal((len(sizes), q)))
    group_mean = mean + between * stream.standard_normal((len(sizes), q))
    theta = group_mean[groups] + spread[groups] * stream.standard_normal((n, q))
    drawn = {} if share is None else {"share": stream.beta(*share)}
    if drawn:
        theta[stream.random(n) >= drawn["share"], 0] = 0.0
    roots = stream.normal(0.0, 0.25, (n, q, q)) + 0.4 * np.eye(q)
    own = roots @ roots.transpose(0, 2, 1)
    exposures = stream.standard_normal((n, k))
    root = stream.normal(0.0, 0.2, (q * k, q * k)) + 0.3 * np.eye(q * k)
    chance = (root @ stream.standard_normal(q * k)).reshape(q, k)
    noise = (np.linalg.cholesky(own) @ stream.standard_normal((n, q, 1)))[:, :, 0]
    values = theta + exposures @ chance.T + noise
    truth = {"mean": mean, "typical_spread": typical, "spread": spread, "theta": theta} | drawn
    if grouped:
        truth |= {"group_mean": group_mean, "between": between}
    return NoisyEstimates(values, own, exposures, root @ root.T, groups), prior, truth
