"""Regimes are calibrated: see `tests/calibration.py`."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import BayesianRegimeSwitching, RegimePriors
from tests.calibration import SCALE, assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]


@pytest.mark.filterwarnings("ignore::puffin.models.bayesian.UnsupportedRegimesWarning")
def test_regime_switching():
    """With so few returns that regimes are often empty: the prior's part of the posterior too."""
    priors = RegimePriors(sd_spread=0.7, stay=5.0, switch=1.5, scale=SCALE)

    def simulate(stream):
        mean = stream.normal(0.0, priors.mean_sd, 2)
        sd = np.sort(np.exp(stream.normal(0.0, priors.sd_spread, 2)))
        staying = stream.beta(priors.stay, priors.switch, 2)
        regimes = [int(stream.random() > (1 - staying[1]) / (2 - staying.sum()))]
        while len(regimes) < 30:
            before = regimes[-1]
            regimes.append(before if stream.random() < staying[before] else 1 - before)
        returns = SCALE * (mean[regimes] + sd[regimes] * stream.standard_normal(30))
        names = ("mean[1]", "mean[2]", "sd[1]", "sd[2]", "stay[1]", "stay[2]")
        values = [*SCALE * mean, *SCALE * sd, *staying]
        return {
            **dict(zip(names, values, strict=True)),
            "last": regimes[-1] + stream.random() - 0.5,
        }, returns

    def sample(returns, seed):
        model = BayesianRegimeSwitching(2, "normal", priors=priors)
        model.fit(returns, 100, chains=2, cores=1, random_seed=seed)
        scalars = model.fitted.draws.scalars()
        staying = {f"stay[{j}]": scalars[f"transition[{j},{j}]"] for j in (1, 2)}
        # Of a regime that is 0 or 1 the rank needs what tells equal ones apart.
        last = model.draw_regimes(200)[:, -1] - 1 + np.random.default_rng(seed).random(200) - 0.5
        return {**scalars, **staying, "last": last}

    assert_uniform(ranks(simulate, sample, replicates=100, seed=7), bins=10)
