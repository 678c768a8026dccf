"""The sampler against what it samples from: nothing here knows how it does it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel, Scratch
from puffin.inference.factor_sv.sampler import sample_factor_sv, sweep
from puffin.inference.settings import Settings
from puffin.posterior.diagnostics import monte_carlo_error

PRIOR = FactorPrior(mean_sd=0.5, mu_sd=1.0, spread_sd=0.7, phi_a=6.0, phi_b=2.0, sigma_sd=0.5)
STUDENT = PRIOR._replace(student=True, nu_mean=4.0)
N_TIMES, N_ASSETS = 8, 3


def from_prior(stream, panel, size):
    """Return draws of what is watched, straight from the prior."""
    n, m, k = panel.returns.shape[0], panel.n_assets, panel.n_factors
    phi = 2.0 * stream.beta(PRIOR.phi_a, PRIOR.phi_b, (size, m + k)) - 1.0
    sigma = np.abs(stream.normal(0.0, PRIOR.sigma_sd, (size, m + k)))
    mu = stream.normal(0.0, PRIOR.mu_sd, (size, m + k))
    mu[:, m:] = 0.0
    spread = np.abs(stream.normal(0.0, PRIOR.spread_sd, (size, k)))
    loadings = spread[:, :, None] * stream.standard_normal((size, k, m))
    mean = stream.normal(0.0, PRIOR.mean_sd, (size, m))
    h = mu + sigma / np.sqrt(1.0 - phi**2) * stream.standard_normal((size, m + k))
    factors = np.exp(0.5 * h[:, m:]) * stream.standard_normal((size, k))
    for _ in range(n - 1):
        h = mu + phi * (h - mu) + sigma * stream.standard_normal((size, m + k))
    nu = 2.0 + stream.exponential(STUDENT.nu_mean, (size, m))
    tau = 0.5 * (nu - 2.0) / stream.standard_gamma(0.5 * nu)
    drawn = (mean, loadings, spread, mu, phi, sigma, h, factors, nu, tau)
    return [watched(*one) for one in zip(*drawn, strict=True)]


def watched(mean, loadings, spread, mu, phi, sigma, h_last, first_factors, nu, last_tau):
    """Return numbers, some of them products, that know neither signs nor order of factors."""
    m = mean.size
    common = (loadings**2 * np.exp(np.clip(h_last[m:], -4.0, 4.0))[:, None]).sum(axis=0)
    return np.array(
        [
            *mean, *mean**2, *mu[:m], *mu[:m] ** 2, *phi[:m], *sigma[:m],
            *h_last[:m], *h_last[:m] ** 2,
            phi[m:].mean(), sigma[m:].mean(), h_last[m:].mean(), (h_last[m:] ** 2).mean(),
            spread.sum(), (spread**2).sum(), (phi[m:] * sigma[m:]).mean(),
            (loadings**2).sum(), (loadings[:, 0] * loadings[:, 1]).sum(), np.tanh(common).sum(),
            np.tanh(np.abs(first_factors @ loadings)).sum(), *(h_last[:m] * mu[:m]),
            np.tanh(mean[0] * (first_factors @ loadings)[0]),
            *np.log(nu - 2.0), *np.log(nu - 2.0) ** 2, *np.log(last_tau),
            *(np.log(last_tau) * np.log(nu - 2.0)), *(np.log(last_tau) * h_last[:m]),
        ]
    )  # fmt: skip


def new_returns(stream, panel, chain):
    m, k = panel.n_assets, panel.n_factors
    chain.errors[:, :m] = panel.present[:, :m] * (
        np.sqrt(np.exp(chain.h[:, :m]) * chain.mixing[:, :m])
        * stream.standard_normal((panel.returns.shape[0], m))
    )
    explained = chain.mean[:m] + chain.errors[:, m : m + k] @ chain.loadings[:, :m]
    panel.returns[:, :m] = panel.present[:, :m] * (explained + chain.errors[:, :m])


@pytest.mark.calibration
@pytest.mark.parametrize("prior", [PRIOR, STUDENT], ids=["normal", "student"])
def test_geweke(prior):
    """Returns given the chain and the chain given returns, in turn, make draws of the prior.

    Geweke (2004). False alarm 1e-4 over all that is watched, if errors of means are normal.
    """
    stream = np.random.default_rng(22)
    n_factors, returns = 2, stream.standard_normal((N_TIMES, N_ASSETS))
    returns[:3, 1] = np.nan
    panel = Panel.of(returns, n_factors, prior)
    chain, scratch = Chain.start(panel, stream), Scratch.of(panel, prior)
    chain.steps[0], chain.steps[2] = 0.5, 0.25
    m, columns, found = N_ASSETS, N_ASSETS + n_factors, []
    for _ in range(12_000):
        new_returns(stream, panel, chain)
        sweep(panel, prior, chain, scratch, stream)
        phi, sigma = np.tanh(chain.points[0]), chain.points[1] ** 2
        found.append(
            watched(
                chain.mean[:m], chain.loadings[:, :m], chain.spread, chain.mu[:columns],
                phi[:columns], sigma[:columns], chain.h[-1, :columns], chain.errors[0, m:columns],
                chain.nu[:m], chain.mixing[-1, :m],
            )
        )  # fmt: skip
    of_law = slice(None) if prior.student else slice(-5 * m)
    successive = np.array(found)[:, of_law]
    marginal = np.array(from_prior(stream, panel, 12_000))[:, of_law]
    gaps = successive.mean(axis=0) - marginal.mean(axis=0)
    # The sampler's errors are those of a chain, the prior's those of independent draws.
    of_chain = np.array([monte_carlo_error(column[None]) for column in successive.T])
    of_prior = marginal.std(axis=0) / math.sqrt(marginal.shape[0])
    scores = gaps / np.hypot(of_chain, of_prior)
    assert np.all(np.abs(scores) < 4.9), scores


def test_draws_depend_on_the_seed_alone():
    returns = np.random.default_rng(3).standard_normal((60, 3))
    one, other = (
        sample_factor_sv(returns, 1, PRIOR, Settings(40, 60, 3, cores, 5, False), thin=3)
        for cores in (1, 3)
    )
    np.testing.assert_array_equal(one.loadings, other.loadings)
    np.testing.assert_array_equal(one.h, other.h)
    assert one.h.shape == (3, 14, 60, 4)
    assert one.factors.shape == (3, 14, 60, 1)
    np.testing.assert_array_equal(one.h[:, :, -1], one.h_last[:, ::3].astype(np.float32))
    assert one.acceptance.min() > 0.5
    assert one.acceptance.max() <= 1.0
    different = sample_factor_sv(returns, 1, PRIOR, Settings(40, 60, 3, 1, 6, False))
    assert not np.array_equal(one.loadings, different.loadings)
