"""Fits, and returns that come after them."""

from __future__ import annotations

import numpy as np

from puffin.models.stochastic_vol import VolatilityPriors, simulate

FIXED = VolatilityPriors(scale=0.01)
N = 80
Y = simulate(N + 6, mu=-9.0, phi=0.95, sigma=0.25, nu=8.0, rho=-0.4, random_seed=3)[
    "returns"
].to_numpy()


def draws_of(model):
    variables = dict(model.posterior.variables)
    h = variables.pop("h").astype(np.float64)
    return variables | {f"h[{t}]": h[..., t] for t in (0, N // 2, N - 1, h.shape[2] - 1)}


def since_fit(model):
    return model.diagnostics.get("returns_since_fit", 0)


def assert_same(one, other):
    for name, draws in one.posterior.variables.items():
        np.testing.assert_array_equal(draws, other.posterior.variables[name], name)
    assert one.diagnostics == other.diagnostics
    assert one.posterior.report == other.posterior.report
