"""Priors of the volatility models in the coordinates that are sampled."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.inference.stochastic_volatility import StochasticVolatility
from puffin.laws import LAWS
from puffin.models.volatility.priors import VolatilityPriors

PRIORS = VolatilityPriors(
    mean_sd=0.7,
    mu_sd=3.0,
    phi_a=20.0,
    phi_b=1.5,
    sigma_sd=0.4,
    nu_mean=7.0,
    rho_a=4.0,
    rho_b=3.0,
    asymmetry_sd=0.4,
).on_scaled_returns
PARAMETERS = {
    parameter.name: parameter
    for law in ("student", "asymmetric")
    for parameter in StochasticVolatility(LAWS[law], True, True, 3.0, PRIORS).parameters
}
DISTRIBUTIONS = {
    "mean": stats.norm(0.0, 0.7),
    "phi": stats.beta(20.0, 1.5, loc=-1.0, scale=2.0),
    "sigma": stats.halfnorm(scale=0.4),
    "nu": stats.expon(loc=2.0, scale=7.0),
    "asymmetry": stats.norm(0.0, 0.4),
    "nu_left": stats.expon(loc=2.0, scale=7.0),
    "rho": stats.beta(4.0, 3.0, loc=-1.0, scale=2.0),
}
RANGES = {
    "mean": (-6.0, 6.0), "phi": (-1.5707, 1.5707), "sigma": (0.0, 2.0), "nu": (0.0, 8.0),
    "asymmetry": (-4.0, 4.0), "nu_left": (0.0, 1.0), "rho": (-7.0, 7.0),
}  # fmt: skip


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_prior_density_in_the_coordinate(name):
    parameter, law = PARAMETERS[name], DISTRIBUTIONS[name]

    def density(x):
        return math.exp(parameter.log_prior(np.array(x)))

    low, high = RANGES[name]
    total, _ = integrate.quad(density, low, high, limit=400, epsabs=1e-10)
    assert total == pytest.approx(1.0, abs=1e-6)
    # SciPy's density of the natural parameter, times its slope in the coordinate.
    x = np.linspace(max(low, 0.05 if low == 0.0 else low / 3), high / 3, 41)
    natural, ahead, behind = (parameter.natural(x + step) for step in (0.0, 1e-5, -1e-5))
    exact = law.logpdf(natural) + np.log((ahead - behind) / 2e-5)
    np.testing.assert_allclose(parameter.log_prior(x), exact, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_prior_mass_up_to_a_point(name):
    """The distribution function of the coordinate is SciPy's of the natural parameter."""
    parameter, law = PARAMETERS[name], DISTRIBUTIONS[name]
    low, high = RANGES[name]
    for x in np.linspace(low, high, 7)[1:-1]:
        mass, _ = integrate.quad(
            lambda u: math.exp(parameter.log_prior(np.array(u))), low, x, limit=400
        )
        natural = parameter.natural(np.array(x))
        assert mass == pytest.approx(law.cdf(natural), abs=1e-6)


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_coordinate_is_the_inverse(name):
    parameter = PARAMETERS[name]
    x = np.linspace(0.1, min(1.4, 0.99 * RANGES[name][1]), 9)
    np.testing.assert_allclose(parameter.transform.coordinate(parameter.natural(x)), x)
