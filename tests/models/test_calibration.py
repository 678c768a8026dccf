"""Simulation-based calibration of every model, through its public function, at a fixed scale.

Each test raises a false alarm with probability 1e-5 or less, whatever the number of truths n. With
ten parameters its limit for the mean rank is 5.1 standard errors: with probability 0.8 it finds a
mean rank that is off by 6 / sqrt(12 n) of all, as of a normal posterior that is off by 0.3, 0.6 or
1.1 of its standard deviations with n = 500, 100 or 40.
"""

from __future__ import annotations

import numpy as np
import pytest

from puffin.laws import LAWS
from puffin.models.bayesian import (
    BayesianLinearRegression,
    BayesianPairsTrading,
    BayesianRegimeSwitching,
    PairsPriors,
    RegimePriors,
    RegressionPriors,
    SharpePriors,
    bayesian_sharpe,
)
from puffin.models.pairs.hedging import hedge_steps
from puffin.models.stochastic_vol import (
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    VolatilityPriors,
    simulate,
)
from tests.calibration import assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]

SCALE = 0.01


SHAPES = {
    "normal": (),
    "student": ("nu",),
    "asymmetric": ("asymmetry", "nu_left", "nu_right"),
}


def sharpe_truth(stream, distribution, priors=SharpePriors()):
    """Draw mean, standard deviation and shape from their priors."""
    truth = {
        "mu": stream.normal(0, priors.mu_sd) * SCALE,
        "sd": abs(stream.normal(0, priors.sd_sd)) * SCALE,
    }
    for name in SHAPES[distribution]:
        truth[name] = (
            stream.normal(0, priors.asymmetry_sd)
            if name == "asymmetry"
            else priors.nu_least + stream.gamma(2, priors.nu_mean / 2)
        )
    return truth


def sharpe_errors(stream, distribution, truth, size):
    shape = {name: np.array(truth[name]) for name in SHAPES[distribution]}
    return LAWS[distribution].draw(stream, size, shape)


def sharpe_draws(returns, seed, names, samples=200, **options):
    posterior = bayesian_sharpe(
        returns, samples, priors=SharpePriors(scale=SCALE), chains=2, cores=1, random_seed=seed,
        **options,
    ).posterior  # fmt: skip
    return {name: posterior.variables[name] for name in names}


@pytest.mark.parametrize("distribution", SHAPES)
def test_sharpe(distribution):
    def simulate(stream):
        truth = sharpe_truth(stream, distribution)
        returns = truth["mu"] + truth["sd"] * sharpe_errors(stream, distribution, truth, 12)
        return truth | {"sharpe": truth["mu"] / truth["sd"] * np.sqrt(252)}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *SHAPES[distribution], "sharpe"]
        return sharpe_draws(
            returns, seed, names, distribution=distribution, autocorrelation="ignore"
        )

    assert_uniform(ranks(simulate, sample, replicates=600, seed=1))


@pytest.mark.parametrize("distribution", SHAPES)
def test_sharpe_ar1(distribution):
    def simulate(stream):
        truth, rho = sharpe_truth(stream, distribution), 9.0
        while abs(rho) >= 1:
            rho = stream.normal(0, 0.3)
        errors = sharpe_errors(stream, distribution, truth, 40)
        errors = truth["sd"] * np.sqrt(1 - rho**2) * errors
        returns = np.empty(40)
        returns[0] = truth["mu"] + truth["sd"] * stream.normal()
        for t in range(1, 40):
            returns[t] = truth["mu"] + rho * (returns[t - 1] - truth["mu"]) + errors[t]
        return truth | {"rho": rho}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *SHAPES[distribution], "rho"]
        return sharpe_draws(
            returns, seed, names, 300, distribution=distribution, autocorrelation="ar1"
        )

    assert_uniform(ranks(simulate, sample, replicates=500, seed=2))


def test_sharpe_hurdle():
    """The hurdle is used where most periods are flat: calibrated given that they are."""

    def simulate(stream):
        truth = sharpe_truth(stream, "asymmetric")
        while True:
            share = stream.beta(1, 1)
            active = stream.random(60) < share
            if 2 <= active.sum() < 30:
                break
        errors = sharpe_errors(stream, "asymmetric", truth, 60)
        returns = np.where(active, truth["mu"] + truth["sd"] * errors, 0.0)
        return truth | {"prob_active": share}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *SHAPES["asymmetric"], "prob_active"]
        return sharpe_draws(returns, seed, names, autocorrelation="ignore")

    assert_uniform(ranks(simulate, sample, replicates=600, seed=3))


@pytest.mark.parametrize("likelihood", ["normal", "student"])
@pytest.mark.parametrize("shape", [(12, 2), (4, 6)], ids=["12 x 2", "4 x 6"])
def test_regression(likelihood, shape):
    observations, features = shape
    names = [f"x{j}" for j in range(features)]
    student = likelihood == "student"

    def simulate(stream):
        X = stream.normal(size=shape)
        alpha, beta, sigma = stream.normal(), stream.normal(size=features), abs(stream.normal())
        nu = 2 + stream.exponential(10)
        errors = (
            stream.standard_t(nu, observations) if student else stream.normal(size=observations)
        )
        truth = {
            "alpha": alpha * SCALE,
            "sigma": sigma * SCALE,
            **dict(zip(names, beta, strict=True)),
        }
        y = (alpha + X @ beta + sigma * errors) * SCALE
        return truth | ({"nu": nu} if student else {}), (X * SCALE, y)

    def sample(data, seed):
        model = BayesianLinearRegression(
            likelihood=likelihood, priors=RegressionPriors(scale=SCALE)
        ).fit(*data, samples=600 if student else 60, tune=300, chains=2, cores=1, random_seed=seed)
        return model._scalars()

    assert_uniform(ranks(simulate, sample, replicates=400, seed=[4, features]))


@pytest.mark.parametrize("hedges", [1, 2])
def test_state_space_hedge(hedges):
    """Paths at three dates, sigma, and the steps of the hedge ratios, from which log q follows.

    The grid is a prior like any other: a point of it is drawn, equally likely.
    """
    priors, n_times = PairsPriors(scale=SCALE, start_sd=2.0, n_walks=6), 30
    dates = {"first": 0, "middle": n_times // 2, "last": n_times - 1}

    def simulate(stream):
        prior = priors.dynamic(hedges)
        q = prior.walk_variances[stream.integers(len(prior.walk_variances))]
        sigma = np.sqrt(0.5 * prior.sum_of_squares / stream.gamma(0.5 * prior.freedom))
        X = np.cumsum(stream.normal(size=(n_times, hedges)), axis=0)
        start = priors.start_sd * stream.normal(size=1 + hedges)
        steps = np.sqrt(q) * stream.normal(size=(n_times, 1 + hedges))
        paths = sigma * (start + np.cumsum(steps, axis=0))
        y = paths[:, 0] + (paths[:, 1:] * X).sum(axis=1) + sigma * stream.normal(size=n_times)
        truth = {"sigma": sigma * SCALE, "step": sigma * np.sqrt(q[-1])}
        for date, t in dates.items():
            truth |= {f"hedge_{date}": paths[t, -1], f"intercept_{date}": paths[t, 0] * SCALE}
        return truth, (y * SCALE, X * SCALE)

    def sample(data, seed):
        model = BayesianPairsTrading("state-space", priors=priors)
        model.fit_dynamic_hedge(*data, 6, samples=99, chains=1, random_seed=seed)
        draws = model.posterior.variables
        fitted = model._require()
        steps = hedge_steps(fitted.X, fitted.y, fitted.window, priors, fitted.settings)
        found = {"sigma": draws["sigma"], "step": steps[:, -1]}
        for date, t in dates.items():
            found[f"hedge_{date}"] = draws["hedge_ratio"][..., t, -1]
            found[f"intercept_{date}"] = draws["intercept"][..., t]
        return found

    assert_uniform(ranks(simulate, sample, replicates=600, seed=[7, hedges]))


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
    for name in SHAPES[distribution]:
        truth[name] = (
            stream.normal(0, priors.asymmetry_sd)
            if name == "asymmetry"
            else 2 + stream.exponential(priors.nu_mean)
        )
    return truth


def check_volatility(distribution, leverage, priors, replicates, *, jumps=False, n_times=40):
    """Parameters, the first, a middle and the last state, and the next; all samplers are kept."""

    def draw_truth(stream):
        truth = draw_volatility(stream, priors, distribution)
        if jumps:
            truth["kappa"] = stream.beta(priors.kappa_a, priors.kappa_b)
            truth["jump_mean"] = stream.normal(0, priors.jump_mean_sd) * SCALE
            log_sd = priors.jump_sd_spread * stream.normal()
            truth["jump_sd"] = priors.jump_sd_median * np.exp(log_sd) * SCALE
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
            returns, 400, 200, chains=2, cores=1, random_seed=seed
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
            returns, 400, 200, measures=found, missing="skip", chains=2, cores=1, random_seed=seed
        )
        variables = dict(model.posterior.variables)
        h = variables.pop("h")
        return variables | {"h_first": h[..., 0], "h_middle": h[..., n_times // 2]}

    assert_uniform(ranks(simulate_one, sample, replicates=60, seed=[9, int(leverage)]))


EXPLAINED = [
    ("student", False, {}, 60),
    ("student", True, {}, 60),
    ("asymmetric", False, {}, 50),
    ("normal", True, {"rv": False, "vix": True}, 50),
]
"""The errors' law, leverage, which measures there are, and have a free psi, and replicates."""
EXPLAINED_IDS = ["student", "student-True", "asymmetric", "normal-True-two measures"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distribution", "leverage", "measures", "replicates"), EXPLAINED, ids=EXPLAINED_IDS
)
def test_volatility_with_regressors(distribution, leverage, measures, replicates):
    """A dummy in the mean and a walk in both, with every ninth return missing."""
    n_times = 40
    priors = VolatilityPriors(
        scale=SCALE, mu_sd=2.0, sigma_sd=0.5, mean_coefficient_sd=0.5, variance_coefficient_sd=0.7,
        xi_sd=2.0,
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
            model = RealizedVolatilityBayes(distribution, leverage, priors=priors, free_psi=free)
        else:
            model = StochasticVolatilityModel(distribution, leverage, priors=priors)
        model.fit(
            returns, 400, 200, missing="skip", chains=2, cores=1, random_seed=seed,
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


@pytest.mark.filterwarnings("ignore::puffin.models.bayesian.UnsupportedRegimesWarning")
def test_regime_switching():
    """With so few returns that regimes are often empty: the prior's part of the posterior too."""
    priors = RegimePriors(sd_spread=0.7, stay=5.0, switch=1.5, scale=SCALE)

    def simulate(stream):
        mean = stream.normal(0.0, priors.mean_sd, 2)
        sd = np.sort(np.exp(stream.normal(0.0, priors.sd_spread, 2)))
        staying = stream.beta(priors.stay, priors.switch, 2)
        regimes = [int(stream.random() > (1 - staying[1]) / (2 - staying.sum()))]
        while len(regimes) < 30:
            before = regimes[-1]
            regimes.append(before if stream.random() < staying[before] else 1 - before)
        returns = SCALE * (mean[regimes] + sd[regimes] * stream.standard_normal(30))
        names = ("mean[1]", "mean[2]", "sd[1]", "sd[2]", "stay[1]", "stay[2]")
        values = [*SCALE * mean, *SCALE * sd, *staying]
        return {
            **dict(zip(names, values, strict=True)),
            "last": regimes[-1] + stream.random() - 0.5,
        }, returns

    def sample(returns, seed):
        model = BayesianRegimeSwitching(2, "normal", priors=priors)
        model.fit(returns, 100, chains=2, cores=1, random_seed=seed)
        scalars = model.fitted.draws.scalars()
        staying = {f"stay[{j}]": scalars[f"transition[{j},{j}]"] for j in (1, 2)}
        # Of a regime that is 0 or 1 the rank needs what tells equal ones apart.
        last = model.draw_regimes(200)[:, -1] - 1 + np.random.default_rng(seed).random(200) - 0.5
        return {**scalars, **staying, "last": last}

    assert_uniform(ranks(simulate, sample, replicates=100, seed=7), bins=10)
