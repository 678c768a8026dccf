"""The stochastic volatility models for PyMC have the density that they are said to have.

The density is written down again here, term by term and with SciPy's distributions; where the
model integrates tau out, so does a quadrature here.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.inference.settings import Settings
from puffin.inference.stochastic_volatility import StochasticVolatility
from puffin.laws import LAWS, WithJumps
from puffin.models._pymc.stochastic_volatility import (
    sample_stochastic_volatility,
    stochastic_volatility_model,
)
from puffin.models.volatility.priors import VolatilityPriors
from tests.agreement import assert_agree, scalars

pytestmark = [
    pytest.mark.pymc,
    pytest.mark.skipif(find_spec("pymc") is None, reason="needs PyMC"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

PRIOR = VolatilityPriors(
    mean_sd=1.0, mu_sd=3.0, phi_a=20.0, phi_b=1.5, sigma_sd=0.8, nu_mean=10.0, rho_a=4.0, rho_b=3.0
)
Y = np.array([0.5, np.nan, -2.0, 0.0, 1.4])
OBSERVED = np.flatnonzero(~np.isnan(Y))
SETTINGS = Settings(draws=1000, tune=1000, chains=4, cores=2, seed=3, progressbar=False)
ALL_LAWS = {**LAWS, "normal_jumps": WithJumps(LAWS["normal"])}
MODELS = pytest.mark.parametrize(
    ("law", "leverage"), [(law, leverage) for law in ALL_LAWS for leverage in (False, True)]
)


def specified(law, leverage):
    return StochasticVolatility(ALL_LAWS[law], leverage, True, PRIOR.mu_sd, PRIOR.on_scaled_returns)


def draw_prior(stream, count):
    """Draw parameters (count,), h and tau (count, n_times) as the model describes them."""
    theta = {
        "mean": PRIOR.mean_sd * stream.normal(size=count),
        "mu": PRIOR.mu_sd * stream.normal(size=count),
        "phi": 2.0 * stream.beta(PRIOR.phi_a, PRIOR.phi_b, size=count) - 1.0,
        "sigma": PRIOR.sigma_sd * np.abs(stream.normal(size=count)),
        "nu": 2.0 + stream.exponential(PRIOR.nu_mean, size=count),
        "nu_left": 2.0 + stream.exponential(PRIOR.nu_mean, size=count),
        "nu_right": 2.0 + stream.exponential(PRIOR.nu_mean, size=count),
        "asymmetry": PRIOR.asymmetry_sd * stream.normal(size=count),
        "rho": 2.0 * stream.beta(PRIOR.rho_a, PRIOR.rho_b, size=count) - 1.0,
    }
    mu, phi, sigma, nu = (theta[name] for name in ("mu", "phi", "sigma", "nu"))
    h = np.empty((count, Y.size))
    h[:, 0] = mu + sigma / np.sqrt(1.0 - phi**2) * stream.normal(size=count)
    for t in range(1, Y.size):
        h[:, t] = mu + phi * (h[:, t - 1] - mu) + sigma * stream.normal(size=count)
    chi_square = 2.0 * stream.gamma(0.5 * nu, size=(Y.size, count)).T
    log_sd = PRIOR.jump_sd_spread * stream.normal(size=count)
    theta |= {
        "kappa": stream.beta(PRIOR.kappa_a, PRIOR.kappa_b, size=count),
        "jump_mean": PRIOR.jump_mean_sd * stream.normal(size=count),
        "jump_sd": PRIOR.jump_sd_median * np.exp(log_sd),
    }
    return theta, h, (nu[:, None] - 2.0) / chi_square


def log_prior(theta, *, law, leverage):
    total = (
        stats.norm.logpdf(theta["mean"], 0.0, PRIOR.mean_sd)
        + stats.norm.logpdf(theta["mu"], 0.0, PRIOR.mu_sd)
        + stats.beta.logpdf((theta["phi"] + 1.0) / 2.0, PRIOR.phi_a, PRIOR.phi_b)
        + stats.halfnorm.logpdf(theta["sigma"], 0.0, PRIOR.sigma_sd)
    )
    shape_priors = {
        "asymmetry": stats.norm(0.0, PRIOR.asymmetry_sd),
        "kappa": stats.beta(PRIOR.kappa_a, PRIOR.kappa_b),
        "jump_mean": stats.norm(0.0, PRIOR.jump_mean_sd),
        "jump_sd": stats.lognorm(PRIOR.jump_sd_spread, scale=PRIOR.jump_sd_median),
    } | {name: stats.expon(2.0, PRIOR.nu_mean) for name in ("nu", "nu_left", "nu_right")}
    for name in ALL_LAWS[law].shape_names:
        total += shape_priors[name].logpdf(theta[name])
    if leverage:
        total += stats.beta.logpdf((theta["rho"] + 1.0) / 2.0, PRIOR.rho_a, PRIOR.rho_b)
    return total


def log_states(theta, h):
    mu, phi, sigma = theta["mu"], theta["phi"], theta["sigma"]
    first = stats.norm.logpdf(h[0], mu, sigma / np.sqrt(1.0 - phi**2))
    return first + stats.norm.logpdf(h[1:], mu + phi * (h[:-1] - mu), sigma).sum()


def log_return(y, sd, theta, eta, tau):
    """Log-density of a return, given the Gaussian shock eta of the next log-variance, if any."""
    rho, shift = (0.0, 0.0) if eta is None else (theta["rho"], theta["rho"] * eta)
    centre = theta["mean"] + sd * np.sqrt(tau) * shift
    return stats.norm.logpdf(y, centre, sd * np.sqrt(tau * (1.0 - rho**2)))


def log_jumping_return(y, sd, theta, eta):
    """The same of normal errors, and a jump or none."""
    rho, shift = (0.0, 0.0) if eta is None else (theta["rho"], theta["rho"] * eta)
    centre = theta["mean"] + sd * shift + theta["jump_mean"]
    jumping = stats.norm.logpdf(y, centre, np.hypot(sd * np.sqrt(1.0 - rho**2), theta["jump_sd"]))
    quiet, kappa = log_return(y, sd, theta, eta, 1.0), theta["kappa"]
    return np.logaddexp(np.log1p(-kappa) + quiet, np.log(kappa) + jumping)


def log_asymmetric_return(y, sd, theta, eta):
    """The same under the asymmetric law: by the distribution of its normal score given eta."""
    law, error = LAWS["asymmetric"], (y - theta["mean"]) / sd
    total = law.log_density(error, theta) - np.log(sd)
    if eta is not None:
        z, rho = law.normal_score(error, theta), theta["rho"]
        given = stats.norm.logpdf(z, rho * eta, np.sqrt(1.0 - rho**2))
        total = total + given - stats.norm.logpdf(z)
    return total


def shock_after(theta, h, t, *, leverage):
    """Return eta_t, or None where the return does not depend on it."""
    if not leverage or t + 1 == Y.size:
        return None
    mu, phi, sigma = theta["mu"], theta["phi"], theta["sigma"]
    return (h[..., t + 1] - mu - phi * (h[..., t] - mu)) / sigma


def log_tau(tau, nu):
    return stats.invgamma.logpdf(tau, 0.5 * nu, scale=0.5 * (nu - 2.0))


def log_return_without_tau(y, sd, theta, eta):
    def integrand(log_of_tau):
        tau = np.exp(log_of_tau)
        log_density = log_return(y, sd, theta, eta, tau) + log_tau(tau, theta["nu"]) + log_of_tau
        return np.exp(log_density)

    value, _ = integrate.quad(integrand, -12, 12, epsabs=0.0, epsrel=1e-9, points=[0], limit=200)
    return np.log(value)


def log_joint(theta, h, tau, *, law, leverage):
    """Log-density of parameters, h, the returns and, with leverage and Student-t errors, tau."""
    total = log_prior(theta, law=law, leverage=leverage) + log_states(theta, h)
    for t in OBSERVED:
        eta = shock_after(theta, h, t, leverage=leverage)
        sd = np.exp(0.5 * h[t])
        if law == "asymmetric":
            total += log_asymmetric_return(Y[t], sd, theta, eta)
        elif law == "normal":
            total += log_return(Y[t], sd, theta, eta, 1.0)
        elif law == "normal_jumps":
            total += log_jumping_return(Y[t], sd, theta, eta)
        elif leverage:
            total += log_return(Y[t], sd, theta, eta, tau[t]) + log_tau(tau[t], theta["nu"])
        else:
            total += log_return_without_tau(Y[t], sd, theta, eta)
    return total


def point_of(model, theta, h, tau, *, law, leverage):
    """The same point in the unknowns of the PyMC model, and the log-Jacobian to them."""
    values = {
        "mean": theta["mean"],
        "phi_share": (theta["phi"] + 1.0) / 2.0,
        "sigma": theta["sigma"],
        "level": h.mean(),
        "g": (h - h.mean()) / theta["sigma"],
        "q": (theta["mu"] - h.mean()) / theta["sigma"],
    }
    log_jacobian = h.size * np.log(theta["sigma"])
    for name in ALL_LAWS[law].shape_names:
        if name.startswith("nu"):
            values[f"{name}_excess"] = theta[name] - 2.0
        else:
            values[name] = theta[name]
    if leverage:
        values["rho_share"] = (theta["rho"] + 1.0) / 2.0
    if law == "student" and leverage:
        spread = np.sqrt(2.0 / theta["nu"])
        present = tau[OBSERVED]
        values["z"] = np.log(theta["nu"] * present / (theta["nu"] - 2.0)) / spread
        log_jacobian += np.sum(np.log(present)) + present.size * np.log(spread)
    point = {}
    for variable in model.free_RVs:
        value, transform = values[variable.name], model.rvs_to_transforms[variable]
        if transform is not None:
            value = transform.forward(value, *variable.owner.inputs).eval()
        point[model.rvs_to_values[variable].name] = value
    return point, log_jacobian


@MODELS
def test_density(law, leverage):
    options = {"law": law, "leverage": leverage}
    model = stochastic_volatility_model(Y, specified(law, leverage))
    log_density = model.compile_logp(jacobian=False, mode="FAST_COMPILE")
    thetas, states, taus = draw_prior(np.random.default_rng(1), 6)
    differences = []
    for i in range(6):
        theta, h, tau = {name: values[i] for name, values in thetas.items()}, states[i], taus[i]
        point, log_jacobian = point_of(model, theta, h, tau, **options)
        differences.append(log_density(point) - log_joint(theta, h, tau, **options) - log_jacobian)
    np.testing.assert_allclose(differences, differences[0], atol=1e-5)


@pytest.mark.slow
def test_posterior_of_a_few_returns():
    """NUTS against draws from the prior, resampled with the likelihood as their weight.

    There are so many that few are resampled twice. A false alarm has probability 1e-6. The density
    of each model is looked at above, and the other laws' draws in `test_engines_agree`; here, that
    those under asymmetric errors have it.
    """
    draws = sample_stochastic_volatility(Y, specified("asymmetric", False), SETTINGS).variables
    stream = np.random.default_rng(2)
    theta, h, _ = draw_prior(stream, 1_000_000)
    log_weights = np.zeros(len(h))
    for t in OBSERVED:
        log_weights += log_asymmetric_return(Y[t], np.exp(0.5 * h[:, t]), theta, None)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    assert 1.0 / np.sum(weights**2) > 40_000
    chosen = stream.choice(weights.size, size=(4, 1000), p=weights)
    exact = {name: {**theta, "h": h}[name][chosen] for name in draws}
    assert_agree(scalars(draws), scalars(exact))
