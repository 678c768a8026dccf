"""The integral over the mixing variable of Student-t errors that are tied to a shock."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, store
from puffin.inference.latent_ar1 import shock_integral
from tests.inference import plain_latent_ar1
from tests.inference.latent_problems import log_error_density


@pytest.mark.parametrize("nu", [2.0001, 2.5, 4.0, 11.0, 60.0, 1000.0])
def test_shock_integral_agrees_with_quadrature(nu):
    log_p = np.linspace(-40.0, 5.0, 400_001)
    step = log_p[1] - log_p[0]
    p = np.exp(log_p)
    for x in (-30.0, -6.0, -1.0, 0.0, 0.5, 3.0, 12.0):
        exact = logsumexp((nu + 1.0) * log_p - 0.5 * p**2 + x * p) + math.log(step)
        ours = shock_integral.log_integral(np.array([1.0]), np.array([x]), nu)
        assert ours[0] == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("nu", [2.2, 6.0, 40.0])
def test_density_agrees_with_quadrature_over_the_mixing_variable(nu):
    for error, eta, rho in ((0.3, 1.0, -0.7), (-4.0, 2.0, -0.7), (8.0, -2.5, 0.9), (1.0, 0.5, 0.0)):
        ours = log_error_density(np.array([error]), eta, rho, (nu,))
        exact = plain_latent_ar1.log_student_t(error, eta, rho, nu)
        assert ours[0] == pytest.approx(exact, abs=1e-6)


@kernel
def constants_in_lanes(nu, out):
    store(out, 0, shock_integral.log_constant_lanes(load(nu, 0)))


def test_constant_in_lanes():
    nu, out = 2.0 + np.logspace(-4, 3, LANES), np.empty(LANES)
    constants_in_lanes(nu, out)
    exact = math.log(2.0) + 0.5 * nu * np.log(0.5 * nu - 1.0) - gammaln(0.5 * nu)
    np.testing.assert_allclose(out, exact, rtol=1e-12, atol=1e-11)
