"""Averages over the mixing variable of Student-t errors, against a fine integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln, logsumexp

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, store
from puffin.laws.student_mixing import FINE, LEAN, log_jump_lanes, mixing_grid, tabulate_mixing

KAPPA = 0.01


def exact(total, nu, s, mean=0.0, own=1.0):
    """Log density of an error and a jump of mean 0, over a hundred thousand values of log tau."""
    u = np.linspace(-8.0, 2.0 * np.log(1e9), 100_001)[:, None]
    half, rate = 0.5 * nu, 0.5 * (nu - 2.0)
    weight = half * np.log(rate) - gammaln(half) - half * u - rate * np.exp(-u)
    sd = np.sqrt(own * np.exp(u) + s**2)
    density = stats.norm.logpdf(total, mean * np.exp(0.5 * u), sd)
    return logsumexp(weight + density, axis=0) + np.log(u[1] - u[0])


def error_of_return(jumping, total, nu, s):
    """Relative error of the density of a return, most of which has no jump."""
    quiet = stats.t.logpdf(total * np.sqrt(nu / (nu - 2.0)), nu) + 0.5 * np.log(nu / (nu - 2.0))
    both = np.logaddexp(np.log1p(-KAPPA) + quiet, np.log(KAPPA) + exact(total, nu, s))
    found = np.logaddexp(np.log1p(-KAPPA) + quiet, np.log(KAPPA) + jumping)
    return np.abs(np.expm1(found - both)).max()


@kernel
def _log_jump(nu, total, variance, mean, own, table, out):
    tabulate_mixing(load(nu, 0), table, 0)
    tie = (load(mean, 0), load(own, 0))
    for i in range(total.size // LANES):
        store(
            out,
            i * LANES,
            log_jump_lanes(table, 0, load(total, i * LANES), load(variance, 0), tie),
        )


def in_lanes(total, nu, s, mean=0.0, own=1.0):
    of = [np.full(LANES, value) for value in (nu, s**2, mean, own)]
    out, table = np.empty(total.size), np.empty(3 * LEAN.n_nodes * LANES)
    _log_jump(of[0], total, of[1], of[2], of[3], table, out)
    return out


@pytest.mark.parametrize("s", [1.0, 3.0])
@pytest.mark.parametrize(("nu", "bound"), [(2.3, 5e-7), (3.5, 5e-7), (5.0, 1e-7), (30.0, 1e-7)])
def test_lean_nodes(nu, bound, s):
    """As good as the module says, within 8 standard deviations of the jump."""
    total = np.linspace(-8.0 * s, 8.0 * s, 40)
    assert error_of_return(in_lanes(total, nu, s), total, nu, s) < bound


@pytest.mark.parametrize("nu", [2.05, 3.0, 12.0, 200.0])
def test_fine_nodes(nu):
    total = np.linspace(-50.0, 50.0, 41)
    tau, log_weights = mixing_grid(np.array(nu), FINE)
    jumping = logsumexp(
        log_weights[:, None] + stats.norm.logpdf(total, 0.0, np.sqrt(tau + 4.0)[:, None]), axis=0
    )
    assert error_of_return(jumping, total, nu, 2.0) < 1e-9


def test_a_shock_of_which_something_is_known():
    total = np.linspace(-6.0, 6.0, 40)
    found = in_lanes(total, 6.0, 1.5, mean=0.4, own=0.7)
    np.testing.assert_allclose(found, exact(total, 6.0, 1.5, 0.4, 0.7), atol=1e-6)
