"""The fallback of linear regression."""

from __future__ import annotations

import numpy as np

from puffin.inference.ordinary_least_squares import sample_ordinary_least_squares
from puffin.inference.settings import Settings


def settings(draws=20_000, chains=4, seed=1):
    return Settings(draws, 0, chains, None, seed, False)


def data(observations, features, noise=0.5):
    stream = np.random.default_rng([observations, features])
    X = stream.normal(size=(observations, features))
    return X, X @ stream.normal(size=features) + noise * stream.normal(size=observations)


def test_ordinary_least_squares_draws_have_the_t_intervals_of_statsmodels():
    import statsmodels.api as sm

    X, y = data(25, 2)
    draws = sample_ordinary_least_squares(X, y, settings(50_000))
    coefficients = np.concatenate(
        [draws.variables["alpha"][..., None], draws.variables["beta"]], -1
    )
    theirs = sm.OLS(y, sm.add_constant(X)).fit()
    bounds = np.quantile(coefficients.reshape(-1, 3), [0.025, 0.5, 0.975], axis=0)
    interval = theirs.conf_int(0.05)
    width = interval[:, 1] - interval[:, 0]
    # A 2.5% quantile of 200,000 draws is known to 0.002 of the interval's width.
    np.testing.assert_allclose((bounds[0] - interval[:, 0]) / width, 0.0, atol=0.01)
    np.testing.assert_allclose((bounds[2] - interval[:, 1]) / width, 0.0, atol=0.01)
    np.testing.assert_allclose((bounds[1] - theirs.params) / width, 0.0, atol=0.01)
