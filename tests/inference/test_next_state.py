"""The step of a log-variance, against its exact distribution.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from puffin.inference.next_state import draw_next_state
from puffin.laws import LAWS
from tests.models.volatility.kinds import ALL_MODELS, FALSE_ALARM, PARAMETERS

ASYMMETRIC = {"asymmetry": -0.4, "nu_left": 4.0, "nu_right": 9.0}


@ALL_MODELS
def test_next_state_given_the_last_return(distribution, leverage):
    """Against its exact distribution: a normal, or a mixture of normals over tau given the return.

    The shock of an asymmetric error is its normal score.

    At fixed parameters, last state and return.
    """
    size, rho, nu, y, h = 50_000, -0.7, 5.0, 2.0, 0.3
    fixed = PARAMETERS | {"h_last": h}
    shapes = {"normal": {}, "student": {"nu": nu}, "asymmetric": ASYMMETRIC}
    fixed |= shapes[distribution]
    fixed |= {"rho": rho} if leverage else {}
    parameters = {name: np.full(size, value) for name, value in fixed.items()}
    centre, error = -0.5 + 0.9 * (h + 0.5), (y - 0.1) * np.exp(-h / 2)

    def exact(x):
        x = np.asarray(x)
        if not leverage:
            return stats.norm.cdf(x, centre, 0.4)
        taus = np.ones(1)
        if distribution == "student":
            middle = (np.arange(2000) + 0.5) / 2000
            taus = stats.invgamma((nu + 1) / 2, scale=(nu - 2 + error**2) / 2).ppf(middle)
        known = error
        if distribution == "asymmetric":
            known = stats.norm.ppf(LAWS[distribution].cdf(error, ASYMMETRIC))
        shifts = 0.4 * rho * known / np.sqrt(taus)
        spread = 0.4 * np.sqrt(1 - rho**2)
        grid = np.linspace(-4, 4, 2001)
        values = stats.norm.cdf(grid[:, None], centre + shifts, spread).mean(axis=1)
        return np.interp(x, grid, values)

    draws = draw_next_state(
        parameters["h_last"], parameters, LAWS[distribution], y, np.random.default_rng(3)
    )
    assert stats.kstest(draws, exact).pvalue > FALSE_ALARM / 8
    unknown = draw_next_state(
        parameters["h_last"], parameters, LAWS[distribution], np.nan, np.random.default_rng(4)
    )
    assert stats.kstest(unknown, stats.norm(centre, 0.4).cdf).pvalue > FALSE_ALARM / 8
