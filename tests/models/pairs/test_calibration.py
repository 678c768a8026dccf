"""Hedge ratios that wander are calibrated: see `tests/calibration.py`."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import BayesianPairsTrading, PairsPriors
from puffin.models.pairs.hedging import hedge_steps
from tests.calibration import SCALE, assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]


@pytest.mark.parametrize("hedges", [1, 2])
def test_state_space_hedge(hedges):
    """Paths at three dates, sigma, and the steps of the hedge ratios, from which log q follows.

    The grid is a prior like any other: a point of it is drawn, equally likely.
    """
    priors, n_times = PairsPriors(scale=SCALE, start_sd=2.0, n_walks=6), 30
    dates = {"first": 0, "middle": n_times // 2, "last": n_times - 1}

    def simulate(stream):
        prior = priors.dynamic(hedges)
        q = prior.walk_variances[stream.integers(len(prior.walk_variances))]
        sigma = np.sqrt(0.5 * prior.sum_of_squares / stream.gamma(0.5 * prior.freedom))
        X = np.cumsum(stream.normal(size=(n_times, hedges)), axis=0)
        start = priors.start_sd * stream.normal(size=1 + hedges)
        steps = np.sqrt(q) * stream.normal(size=(n_times, 1 + hedges))
        paths = sigma * (start + np.cumsum(steps, axis=0))
        y = paths[:, 0] + (paths[:, 1:] * X).sum(axis=1) + sigma * stream.normal(size=n_times)
        truth = {"sigma": sigma * SCALE, "step": sigma * np.sqrt(q[-1])}
        for date, t in dates.items():
            truth |= {f"hedge_{date}": paths[t, -1], f"intercept_{date}": paths[t, 0] * SCALE}
        return truth, (y * SCALE, X * SCALE)

    def sample(data, seed):
        model = BayesianPairsTrading("state-space", priors=priors)
        model.fit_dynamic_hedge(*data, 6, samples=99, chains=1, random_seed=seed)
        draws = model.posterior.variables
        fitted = model._require()
        steps = hedge_steps(fitted.X, fitted.y, fitted.window, priors, fitted.settings)
        found = {"sigma": draws["sigma"], "step": steps[:, -1]}
        for date, t in dates.items():
            found[f"hedge_{date}"] = draws["hedge_ratio"][..., t, -1]
            found[f"intercept_{date}"] = draws["intercept"][..., t]
        return found

    assert_uniform(ranks(simulate, sample, replicates=600, seed=[7, hedges]))
