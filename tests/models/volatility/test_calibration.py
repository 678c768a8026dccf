"""Volatility models are calibrated: see `tests/calibration.py`."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.laws import LAWS
from puffin.models.stochastic_vol import (
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    VolatilityPriors,
    simulate,
)
from tests.calibration import SCALE, assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]

VOLATILITY = [
    ("normal", False, 1.0, 150),
    ("normal", True, 0.3, 150),
    ("student", False, 0.3, 150),
    ("student", True, 1.0, 100),
    ("asymmetric", False, 1.0, 100),
    ("asymmetric", True, 0.3, 75),
]
"""The errors' law, leverage, the prior's sigma_sd, and replicates.

A wide prior leads to states that independent proposals miss, and to the samplers that come after
them; most fits under a narrow one are by independent proposals.
"""
JUMPING = {
    ("normal", False): 80,
    ("normal", True): 50,
    ("student", False): 40,
    ("student", True): 25,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distribution", "leverage", "sigma_sd", "replicates"),
    VOLATILITY,
    ids=[f"{law}-{leverage}-sigma sd {sd}" for law, leverage, sd, _ in VOLATILITY],
)
def test_stochastic_volatility(distribution, leverage, sigma_sd, replicates):
    check_volatility(
        distribution, leverage, VolatilityPriors(scale=SCALE, sigma_sd=sigma_sd), replicates
    )


@pytest.mark.slow
@pytest.mark.parametrize(("distribution", "leverage"), list(JUMPING))
def test_jumps(distribution, leverage):
    priors = VolatilityPriors(scale=SCALE, mu_sd=1.0, sigma_sd=0.3, kappa_b=30.0)
    replicates = JUMPING[distribution, leverage]
    check_volatility(distribution, leverage, priors, replicates, jumps=True, n_times=25)


def draw_volatility(stream, priors, distribution):
    """Parameters of a volatility model, but for leverage and jumps."""
    truth = {
        "mean": stream.normal(0, priors.mean_sd) * SCALE,
        "mu": stream.normal(0, priors.mu_sd) + 2 * np.log(SCALE),
        "phi": 2 * stream.beta(priors.phi_a, priors.phi_b) - 1,
        "sigma": abs(stream.normal(0, priors.sigma_sd)),
    }
    for name in LAWS[distribution].shape_names:
        truth[name] = (
            stream.normal(0, priors.asymmetry_sd)
            if name == "asymmetry"
            else 2 + stream.exponential(priors.nu_mean)
        )
    return truth


def draw_jumps(stream, priors):
    """Their probability, and mean and standard deviation of their sizes."""
    kappa = stream.beta(priors.kappa_a, priors.kappa_b)
    mean = stream.normal(0, priors.jump_mean_sd) * SCALE
    sd = priors.jump_sd_median * np.exp(priors.jump_sd_spread * stream.normal()) * SCALE
    return {"kappa": kappa, "jump_mean": mean, "jump_sd": sd}


def check_volatility(distribution, leverage, priors, replicates, *, jumps=False, n_times=40):
    """Parameters, the first, a middle and the last state, and the next; all samplers are kept."""

    def draw_truth(stream):
        truth = draw_volatility(stream, priors, distribution)
        if jumps:
            truth |= draw_jumps(stream, priors)
        if leverage:
            truth["rho"] = 2 * stream.beta(priors.rho_a, priors.rho_b) - 1
        return truth

    def simulate_one(stream):
        truth = draw_truth(stream)
        data = simulate(n_times + 1, random_seed=int(stream.integers(2**31)), **truth)
        h = 2 * np.log(data["volatility"].to_numpy())
        states = {"h_first": h[0], "h_middle": h[n_times // 2], "h_last": h[-2], "h_next": h[-1]}
        return truth | states, data["returns"].to_numpy()[:-1]

    def sample(returns, seed):
        model = StochasticVolatilityModel(distribution, leverage, priors=priors, jumps=jumps).fit(
            returns, 400, 200, chains=1, cores=1, random_seed=seed
        )
        variables = dict(model.posterior.variables)
        h = variables.pop("h")
        return variables | {"h_first": h[..., 0], "h_middle": h[..., n_times // 2]}

    assert_uniform(ranks(simulate_one, sample, replicates=replicates, seed=[6, int(leverage)]))


def draw_measures(stream, priors, h, measures):
    """Measures of log-variances h, every eighth missing, and their parameters."""
    truth, found = {}, {}
    for name, free in measures.items():
        psi = stream.normal(1, priors.psi_sd) if free else 1.0
        # xi is of scaled returns and measures to the prior.
        xi = stream.normal(0, priors.xi_sd) + (1 - psi) * 2 * np.log(SCALE)
        tau = abs(stream.normal(0, priors.tau_sd))
        found[name] = np.exp(xi + psi * h + tau * stream.normal(size=h.size))
        found[name][3::8] = np.nan
        truth |= {f"xi_{name}": xi, f"tau_{name}": tau}
        truth |= {f"psi_{name}": psi} if free else {}
    return truth, found


REALIZED = [
    ("normal", False, {"rv": False}),
    ("normal", True, {"rv": False, "vix": True}),
    ("student", True, {"vix": True}),
    ("asymmetric", False, {"rv": False, "range": False}),
]
"""The errors' law, leverage, and which measures have a free psi."""
REALIZED_IDS = [
    "normal-one measure", "normal-True-two measures", "student-True-one measure",
    "asymmetric-two measures",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("distribution", "leverage", "measures"), REALIZED, ids=REALIZED_IDS)
def test_realized_volatility(distribution, leverage, measures):
    """With every eighth measure missing, and every ninth return; all samplers are kept."""
    priors, n_times = VolatilityPriors(scale=SCALE, mu_sd=2.0, xi_sd=2.0), 25

    def draw_truth(stream):
        truth = draw_volatility(stream, priors, distribution)
        if leverage:
            truth["rho"] = 2 * stream.beta(priors.rho_a, priors.rho_b) - 1
        return truth

    def simulate_one(stream):
        truth = draw_truth(stream)
        data = simulate(n_times + 1, random_seed=int(stream.integers(2**31)), **truth)
        h = 2 * np.log(data["volatility"].to_numpy())
        states = {"h_first": h[0], "h_middle": h[n_times // 2], "h_last": h[-2], "h_next": h[-1]}
        returns = data["returns"].to_numpy()[:-1].copy()
        returns[4::9] = np.nan
        of_measures, found = draw_measures(stream, priors, h[:-1], measures)
        return truth | states | of_measures, (returns, found)

    def sample(data, seed):
        returns, found = data
        free = [name for name, one in measures.items() if one]
        model = RealizedVolatilityBayes(distribution, leverage, priors=priors, free_psi=free).fit(
            returns, 400, 200, measures=found, missing="skip", chains=1, cores=1, random_seed=seed
        )
        variables = dict(model.posterior.variables)
        h = variables.pop("h")
        return variables | {"h_first": h[..., 0], "h_middle": h[..., n_times // 2]}

    assert_uniform(ranks(simulate_one, sample, replicates=60, seed=[9, int(leverage)]))


EXPLAINED = [
    ("student", False, {}, False, 60),
    ("student", True, {}, False, 60),
    ("asymmetric", False, {}, False, 50),
    ("normal", True, {"rv": False, "vix": True}, False, 50),
    ("normal", True, {"rv": False}, True, 30),
]
"""The errors' law, leverage, which measures there are, and have a free psi, jumps, replicates."""
EXPLAINED_IDS = ["student", "student-True", "asymmetric", "normal-True-two measures", "jumps"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distribution", "leverage", "measures", "jumps", "replicates"), EXPLAINED, ids=EXPLAINED_IDS
)
def test_volatility_with_regressors(distribution, leverage, measures, jumps, replicates):
    """A dummy in the mean and a walk in both, with every ninth return missing."""
    n_times = 25 if jumps else 40
    priors = VolatilityPriors(
        scale=SCALE, mu_sd=2.0, sigma_sd=0.5, mean_coefficient_sd=0.5, variance_coefficient_sd=0.7,
        xi_sd=2.0, kappa_b=30.0,
    )  # fmt: skip
    walk = np.cumsum(np.random.default_rng(7).normal(size=n_times))
    x, z = np.column_stack([np.arange(n_times) % 5 == 0, walk]).astype(float), walk[:, None]
    spreads = x.std(axis=0), z.std(axis=0)

    def simulate_one(stream):
        truth = draw_volatility(stream, priors, distribution)
        if leverage:
            truth["rho"] = 2 * stream.beta(priors.rho_a, priors.rho_b) - 1
        data = simulate(n_times + 1, random_seed=int(stream.integers(2**31)), **truth)
        b = priors.mean_coefficient_sd * stream.normal(size=2) * SCALE / spreads[0]
        g = priors.variance_coefficient_sd * stream.normal(size=1) / spreads[1]
        s, explained = 2 * np.log(data["volatility"].to_numpy()), (z - z.mean(axis=0)) @ g
        deviations = data["returns"].to_numpy()[:-1] - truth["mean"]
        returns = truth["mean"] + deviations * np.exp(0.5 * explained)
        returns += (x - x.mean(axis=0)) @ b
        if jumps:
            truth |= draw_jumps(stream, priors)
            sizes = truth["jump_mean"] + truth["jump_sd"] * stream.normal(size=n_times)
            returns += sizes * (stream.random(n_times) < truth["kappa"])
        returns[4::9] = np.nan
        h = s[:-1] + explained
        coefficients = {
            "mean_coefficients[x0]": b[0],
            "mean_coefficients[x1]": b[1],
            "variance_coefficients[x0]": g[0],
        }
        states = {"h_first": h[0], "h_middle": h[n_times // 2], "s_last": s[-2], "s_next": s[-1]}
        of_measures, found = draw_measures(stream, priors, h, measures)
        return truth | coefficients | states | of_measures, (returns, found)

    def sample(data, seed):
        returns, found = data
        if measures:
            free = [name for name, one in measures.items() if one]
            model = RealizedVolatilityBayes(
                distribution, leverage, priors=priors, free_psi=free, jumps=jumps
            )
        else:
            model = StochasticVolatilityModel(distribution, leverage, priors=priors, jumps=jumps)
        model.fit(
            returns, 400, 200, missing="skip", chains=1, cores=1, random_seed=seed,
            mean_regressors=x, variance_regressors=z, **({"measures": found} if measures else {}),
        )  # fmt: skip
        variables, h = model.fitted.draws.variables, model.posterior.variables["h"]
        return variables | {
            "h_first": h[..., 0],
            "h_middle": h[..., n_times // 2],
            "s_last": variables["h_last"],
            "s_next": variables["h_next"],
        }

    assert_uniform(ranks(simulate_one, sample, replicates=replicates, seed=[10, int(leverage)]))
