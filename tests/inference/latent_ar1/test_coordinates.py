"""Priors of the volatility models in the coordinates that are sampled."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.inference.latent_ar1.coordinates import MEAN, NU, PHI, RHO, SIGMA, Coordinates
from puffin.inference.latent_ar1.prior import VolatilityPrior

PRIOR = VolatilityPrior(
    mean_sd=0.7, mu_sd=3.0, phi_a=20.0, phi_b=1.5, sigma_sd=0.4, nu_mean=7.0, rho_a=4.0, rho_b=3.0
)


LAWS = {
    "mean": stats.norm(0.0, 0.7),
    "phi": stats.beta(20.0, 1.5, loc=-1.0, scale=2.0),
    "sigma": stats.halfnorm(scale=0.4),
    "nu": stats.expon(loc=2.0, scale=7.0),
    "rho": stats.beta(4.0, 3.0, loc=-1.0, scale=2.0),
}


ROWS = {"mean": MEAN, "phi": PHI, "sigma": SIGMA, "nu": NU, "rho": RHO}


RANGES = {
    "mean": (-6.0, 6.0), "phi": (-1.5707, 1.5707), "sigma": (0.0, 2.0), "nu": (0.0, 8.0),
    "rho": (-7.0, 7.0),
}  # fmt: skip


@pytest.mark.parametrize("name", list(LAWS))
def test_prior_density_in_the_coordinate(name):
    coordinates, law = Coordinates((name,), PRIOR), LAWS[name]

    def density(x):
        return math.exp(coordinates.log_prior(np.array([[x]]))[0])

    low, high = RANGES[name]
    total, _ = integrate.quad(density, low, high, limit=400, epsabs=1e-10)
    assert total == pytest.approx(1.0, abs=1e-6)
    # SciPy's density of the natural parameter, times its slope in the coordinate.
    x = np.linspace(max(low, 0.05 if low == 0.0 else low / 3), high / 3, 41)
    natural, ahead, behind = (
        coordinates.natural((x + step)[:, None])[ROWS[name]] for step in (0.0, 1e-5, -1e-5)
    )
    exact = law.logpdf(natural) + np.log((ahead - behind) / 2e-5)
    np.testing.assert_allclose(coordinates.log_prior(x[:, None]), exact, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", list(LAWS))
def test_prior_mass_up_to_a_point(name):
    """The distribution function of the coordinate is SciPy's of the natural parameter."""
    coordinates, law = Coordinates((name,), PRIOR), LAWS[name]
    low, high = RANGES[name]
    for x in np.linspace(low, high, 7)[1:-1]:
        mass, _ = integrate.quad(
            lambda u: math.exp(coordinates.log_prior(np.array([[u]]))[0]), low, x, limit=400
        )
        natural = coordinates.natural(np.array([[x]]))[ROWS[name], 0]
        assert mass == pytest.approx(law.cdf(natural), abs=1e-6)


def test_joint_prior_is_the_product_and_ends_where_it_must():
    names = tuple(LAWS)
    coordinates = Coordinates(names, PRIOR)
    point = np.array([[0.3, 1.8, 0.4, 1.6, -0.4]])
    alone = sum(
        Coordinates((name,), PRIOR).log_prior(point[:, [i]])[0] for i, name in enumerate(names)
    )
    assert coordinates.log_prior(point)[0] == pytest.approx(alone)
    for column, value in ((2, -0.1), (2, 0.0), (3, -1.0), (3, 0.0), (1, 20.0), (4, -20.0)):
        outside = point.copy()
        outside[0, column] = value
        assert coordinates.log_prior(outside)[0] == -np.inf


def test_absent_parameters_have_values_that_switch_them_off():
    coordinates = Coordinates(("phi", "sigma"), PRIOR)
    natural = coordinates.natural(np.array([[1.0, 0.5]]))[:, 0]
    np.testing.assert_allclose(natural, [0.0, math.sin(1.0), 0.25, np.inf, 0.0])
    rows = coordinates.rows(np.array([[1.0, 0.5]]), np.array([0.8, 0.6]), np.array([1e9, 0.1]))
    np.testing.assert_allclose(rows[5:, 0], [0.0, 0.2, -0.1 * math.tanh(1.0), 0.0, 0.0])
