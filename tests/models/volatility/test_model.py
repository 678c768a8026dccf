"""The posterior of the volatility models: reference runs, hard series, exact limits, units, seeds.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arviz_stats.base import array_stats
from scipy import stats

from puffin.laws import LAWS
from puffin.models.stochastic_vol import StochasticVolatilityModel, VolatilityPriors, simulate
from tests.agreement import assert_agree
from tests.models.volatility.fitting import SAMPLERS, fit, force_local_moves, simulated, skip
from tests.models.volatility.kinds import MODELS, QUICK_MODELS
from tests.slowly import slowly

DATA = Path(__file__).parent / "data"
FALSE_ALARM = 1e-4
FIXED = VolatilityPriors(scale=0.01)


def draws_of(model, times=(0, 0.5, 1)):
    """Parameters, the next state, and states at these shares of the way."""
    variables = dict(model.posterior.variables)
    h = variables.pop("h")
    del variables["h_last"]
    for share in times:
        t = round(share * (h.shape[2] - 1))
        variables[f"h[{t}]"] = h[..., t].astype(np.float64)
    return variables


# Reference runs


@pytest.mark.parametrize(
    ("name", "distribution", "leverage"),
    [
        ("sv", "normal", False),
        *slowly(("svt", "student", False), ("svl", "normal", True), ("svtl", "student", True)),
    ],
)
def test_agrees_with_stochvol(name, distribution, leverage):
    """1,000 S&P 500 returns, R's stochvol (exact sampler), without a mean.

    Means and standard deviations within the error of both, which 4 x 16,000 draws make small. That
    of the table's means comes from four chains, and is taken to be up to 1.5 times what it says;
    that of its standard deviations follows from the effective draws that it implies and from the
    kurtosis of our draws.
    """
    y = pd.read_csv(DATA / "sp500_1000.csv")["y"].to_numpy()
    table = pd.read_csv(DATA / "reference_sp500_1000.csv").query("model == @name")
    priors = VolatilityPriors(scale=1.0)
    model = fit(y, distribution, leverage, 16_000, mean="zero", priors=priors, keep_states="all")
    variables = model.posterior.variables
    limit = stats.norm.isf(FALSE_ALARM / 2 / (2 * len(table)))
    for row in table.itertuples():
        if row.name.startswith("vol["):
            draws = np.exp(0.5 * variables["h"][..., int(row.name[4:-1])].astype(np.float64))
        elif row.name == "vol_forecast":
            draws = np.exp(0.5 * variables["h_next"])
        else:
            draws = variables[row.name]
        error = np.hypot(1.5 * row.mcse, float(array_stats.mcse(draws, method="mean")))
        assert abs(draws.mean() - row.mean) < limit * error, row.name
        excess = stats.kurtosis(draws.ravel(), fisher=False) - 1.0
        table_error = 1.5 * row.mcse * np.sqrt(excess / 4.0)
        error = np.hypot(table_error, float(array_stats.mcse(draws, method="sd")))
        assert abs(draws.std() - row.sd) < limit * error, row.name
        assert error < (0.1 if row.name == "nu" else 0.05) * row.sd


# Series that samplers find hard


def normals(n, seed=1):
    return np.random.default_rng(seed).standard_normal(n)


SERIES = {
    "ten observations": normals(10),
    "thirty zeros": np.r_[normals(50), np.zeros(30), normals(50, 2)],
    "one of forty sd": np.r_[normals(60), 40.0, normals(60, 2)],
    "tenfold jump": np.r_[normals(60), 10.0 * normals(60, 2)],
    "phi 0.999": simulated(150, 1, mu=0.0, phi=0.999, sigma=0.1),
    "hardly persistent": simulated(150, 2, mu=0.0, phi=0.1, sigma=1.2),
    "crypto": simulated(150, 3, mu=-6.0, phi=0.9, sigma=0.6, nu=4.0, rho=-0.2),
}


def assert_finite(model):
    assert np.isfinite(model.summary()).all().all()
    assert np.isfinite(model.volatility()).all().all()
    assert np.isfinite(model.volatility("filtered")).all().all()
    assert np.isfinite(model.forecast(5).returns).all().all()
    assert np.isfinite(model.posterior.variables["h"]).all()
    assert np.isfinite(model.residuals()).all()
    assert model.volatility_forecast > 0.0


@pytest.mark.parametrize("series", list(SERIES))
@pytest.mark.parametrize(
    ("distribution", "leverage"),
    [("normal", False), *slowly(*(one for one in MODELS if one != ("normal", False)))],
)
@pytest.mark.filterwarnings("default::puffin.posterior.ConvergenceWarning")
def test_hard_series_give_finite_answers(series, distribution, leverage):
    """In percent and in 1e-8, and never by the fallback, whose warning is an error here."""
    paths = []
    for unit in (1.0, 1e-8):
        model = fit(unit * SERIES[series], distribution, leverage, 300, tune=200)
        assert model.method in SAMPLERS
        assert_finite(model)
        paths.append(model.volatility_path / unit)
    assert abs(np.log(np.mean(paths[1] / paths[0]))) < 0.25


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distribution", "leverage", "size"),
    [("normal", False, 20_000), ("student", True, 10_000)],
)
def test_long_series(distribution, leverage, size):
    truth = simulate(size, mu=0.0, phi=0.98, sigma=0.15, random_seed=4)
    model = fit(truth["returns"].to_numpy(), distribution, leverage, 250, keep_states="all")
    assert_finite(model)
    table = model.summary()
    for name, value in {"mu": 0.0, "phi": 0.98, "sigma": 0.15}.items():
        assert abs(table.loc[name, "mean"] - value) < 5 * table.loc[name, "sd"]
    path = model.volatility()
    covered = (path["hdi_low"] < truth["volatility"]) & (truth["volatility"] < path["hdi_high"])
    # Errors are correlated over some 50 periods: 400 intervals at 94%, or half as many.
    assert abs(covered.mean() - 0.94) < 4.5 * np.sqrt(0.94 * 0.06 / (size / 50))


@pytest.mark.slow
def test_short_series_hardly_need_more_than_independent_proposals():
    """In nine of ten fits to sixty returns, which say little of the tails; the seeds are fixed.

    Of one path or of eight: that weights must have a variance asks for eight in one of ten.
    """
    series = [simulated(60, seed, phi=0.95, sigma=0.3, nu=5.0) for seed in range(30)]
    fits = [fit(y, "student", samples=1000, random_seed=seed) for seed, y in enumerate(series)]
    methods = [model.method for model in fits]
    assert methods.count(SAMPLERS[0]) >= 24
    assert methods.count(SAMPLERS[-1]) <= 3


AGREEING = [
    ("one of forty sd", "student", False),
    ("tenfold jump", "normal", False),
    ("phi 0.999", "normal", True),
    ("hardly persistent", "normal", False),
    ("crypto", "student", True),
    ("crypto", "asymmetric", True),
]
"""With asymmetric errors, one return of forty sd has a second explanation, a heavy tail and a calm
state, which chains visit so rarely that so few draws do not know their own error."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
@pytest.mark.parametrize(("series", "distribution", "leverage"), AGREEING)
def test_samplers_agree(series, distribution, leverage, monkeypatch):
    """One path or eight for each proposal, proposals fitted to earlier ones, and local moves."""
    last, independent = len(SAMPLERS) - 1, []
    for number in range(len(SAMPLERS)):
        with monkeypatch.context() as patch:
            skip(patch, number)
            options = {"chains": 8, "tune": 500} if number == last else {}
            model = fit(SERIES[series], distribution, leverage, 1500, **options)
        if model.method != SAMPLERS[last]:
            independent.append(draws_of(model))
    assert number == last
    assert independent
    for draws in independent:
        assert_agree(draws, draws_of(model), false_alarm=FALSE_ALARM / len(independent))


# Exact limits


def constant_volatility(y, mu_sd, mean_sd, size, seed=9):
    """Draw mean and mu of normal returns with variance exp(mu), from their exact posterior."""
    stream, n = np.random.default_rng(seed), y.size
    grid = np.linspace(-8.0, 8.0, 40_001)
    precision = n * np.exp(-grid) + 1.0 / mean_sd**2
    centre = y.sum() * np.exp(-grid) / precision
    log_density = (
        -0.5 * (grid / mu_sd) ** 2 - 0.5 * n * grid - 0.5 * np.exp(-grid) * np.sum(y**2)
        - 0.5 * np.log(precision) + 0.5 * precision * centre**2
    )  # fmt: skip
    cumulated = np.cumsum(np.exp(log_density - log_density.max()))
    places = np.interp(stream.random(size), cumulated / cumulated[-1], np.arange(grid.size))
    mu = np.interp(places, np.arange(grid.size), grid)
    mean, sd = np.interp(mu, grid, centre), np.interp(mu, grid, precision) ** -0.5
    return {"mu": mu, "mean": mean + sd * stream.standard_normal(size)}


def test_no_volatility_of_volatility_is_constant_volatility():
    y = 0.3 + 0.8 * normals(40)
    priors = VolatilityPriors(scale=1.0, sigma_sd=1e-4, phi_a=3.0, phi_b=3.0)
    model = fit(y, samples=4000, priors=priors)
    exact = constant_volatility(y, priors.mu_sd, priors.mean_sd, (4, 10_000))
    ours = draws_of(model)
    exact |= {"h_next": exact["mu"], "h[20]": exact["mu"]}
    assert_agree(ours, exact, false_alarm=FALSE_ALARM)
    assert np.ptp(model.volatility_path) < 1e-3 * model.volatility_path.mean()


@pytest.mark.parametrize("leverage", [False, True])
@pytest.mark.parametrize("distribution", ["student", "asymmetric"])
def test_light_tails_are_normal_errors(distribution, leverage):
    y = simulated(80, 5, mu=0.0, phi=0.9, sigma=0.4, rho=-0.5 if leverage else 0.0)
    priors = VolatilityPriors(nu_mean=1500.0, asymmetry_sd=1e-4)
    light = draws_of(fit(y, distribution, leverage, 2000, priors=priors))
    for name in LAWS[distribution].shape_names:
        assert np.median(light.pop(name)) > 500 or name == "asymmetry"
    plain = draws_of(fit(y, "normal", leverage, 2000, random_seed=2))
    assert_agree(light, plain, false_alarm=FALSE_ALARM / 2)


@pytest.mark.parametrize("distribution", ["normal", "student", "asymmetric"])
def test_no_correlation_is_no_leverage(distribution):
    y = simulated(80, 6, mu=0.0, phi=0.9, sigma=0.4, nu=6.0)
    tight = VolatilityPriors(rho_a=1e6, rho_b=1e6)
    ours = draws_of(fit(y, distribution, True, 3000, priors=tight))
    assert np.abs(ours.pop("rho")).max() < 0.005
    plain = draws_of(fit(y, distribution, False, 3000, random_seed=2))
    assert_agree(ours, plain, false_alarm=FALSE_ALARM / 2)


@pytest.mark.slow
@pytest.mark.parametrize("leverage", [False, True])
def test_mirrored_returns_have_the_mirror_image_of_the_posterior(leverage):
    """Then the sides change places, and the mean and the leverage their signs."""
    y = simulated(
        150, 12, mu=0.0, phi=0.9, sigma=0.4, rho=-0.5 if leverage else 0.0,
        asymmetry=0.6, nu_left=4.0, nu_right=15.0, mean=0.1,
    )  # fmt: skip
    one = draws_of(fit(y, "asymmetric", leverage, 3000))
    mirrored = draws_of(fit(-y, "asymmetric", leverage, 3000, random_seed=2))
    other = {name: mirrored[name] for name in one}
    other["nu_left"], other["nu_right"] = mirrored["nu_right"], mirrored["nu_left"]
    for name in {"asymmetry", "mean", "rho"} & set(other):
        other[name] = -other[name]
    assert_agree(one, other, false_alarm=FALSE_ALARM / 2)


@pytest.mark.parametrize(
    ("distribution", "leverage", "where"),
    [
        *((*one, where) for one in QUICK_MODELS for where in ("before", "after")),
        *slowly(
            ("normal", True, "before"),
            ("student", False, "after"),
            ("asymmetric", False, "before"),
            ("asymmetric", True, "after"),
        ),
    ],
)
def test_missing_stretch_says_nothing(distribution, leverage, where):
    """Missing returns before the first, or after the last, leave the posterior as it was.

    The chain is stationary. What follows the last return is the forecast.
    """
    y = simulated(60, 10, mu=-9.0, phi=0.9, sigma=0.4, nu=6.0, rho=-0.4)
    gap = np.full(6, np.nan)
    longer = np.r_[gap, y] if where == "before" else np.r_[y, gap]
    known = fit(y, distribution, leverage, 3000, priors=FIXED)
    padded = fit(longer, distribution, leverage, 3000, priors=FIXED, missing="skip", random_seed=2)
    ours, plain = dict(padded.posterior.variables), dict(known.posterior.variables)
    h, known_h = (v.pop("h").astype(np.float64) for v in (ours, plain))
    first = 6 if where == "before" else 0
    for t in (0, 30, 59):
        ours[f"h[{t}]"], plain[f"h[{t}]"] = h[..., first + t], known_h[..., t]
    if where == "after":
        ahead = 2 * np.log(known.forecast(7).volatility_draws).reshape(4, 3000, 7)
        plain |= {"h_next": ahead[..., 6], "h_last": ahead[..., 5], "h[61]": ahead[..., 1]}
        ours["h[61]"] = h[..., 61]
    assert_agree(ours, plain, false_alarm=FALSE_ALARM / 8)
    a, b = padded.log_marginal_likelihood, known.log_marginal_likelihood
    assert abs(a.value - b.value) < 4.9 * np.hypot(a.error, b.error)
    assert np.isnan(padded.residuals()).sum() == 6


def test_every_other_return_is_a_chain_of_its_own():
    """With every other return missing, those known have log-variances with phi squared.

    sigma is that of two steps: sigma sqrt(1 + phi^2). Given a prior concentrated at one (phi,
    sigma), the two posteriors of mu, of the states and of the evidence are the same.
    """
    y = simulated(40, 8, mu=0.0, phi=0.8, sigma=0.5)
    spread = np.full(79, np.nan)
    spread[::2] = y
    options = {"scale": 1.0, "mu_sd": 2.0, "sigma_sd": 0.5}
    dense = StochasticVolatilityModel(priors=VolatilityPriors(**options, phi_a=1e5, phi_b=2e4))
    phi = 2 * 1e5 / 1.2e5 - 1
    thinned = VolatilityPriors(
        **{**options, "sigma_sd": 0.5 * np.sqrt(1 + phi**2)},
        phi_a=1e5 * (phi**2 + 1) / 2, phi_b=1e5 * (1 - phi**2) / 2,
    )  # fmt: skip
    dense.fit(spread, 4000, missing="skip", random_seed=1)
    sparse = StochasticVolatilityModel(priors=thinned).fit(y, 4000, random_seed=2)
    ours, plain = draws_of(dense), draws_of(sparse)
    ours["sigma"] = ours["sigma"] * np.sqrt(1 + phi**2)
    ours |= {"h[20]": dense.posterior.variables["h"][..., 40].astype(np.float64)}
    plain |= {"h[20]": sparse.posterior.variables["h"][..., 20].astype(np.float64)}
    names = ["mean", "mu", "sigma", "h[0]", "h[20]"]
    assert_agree({n: ours[n] for n in names}, {n: plain[n] for n in names}, false_alarm=FALSE_ALARM)
    a, b = dense.log_marginal_likelihood, sparse.log_marginal_likelihood
    # Both priors of phi are 0.002 wide at most.
    assert abs(a.value - b.value) < 4.5 * np.hypot(a.error, b.error) + 0.01


# Units, seeds, cores


@pytest.mark.parametrize(
    ("distribution", "leverage", "factor"),
    [
        ("normal", False, 1e-8),
        ("student", True, 100.0),
        *slowly(*((*one, 1e-8) for one in MODELS if one != ("normal", False))),
    ],
)
def test_units_change_units_only(distribution, leverage, factor):
    y = simulated(120, 12, mu=-9.0, phi=0.95, sigma=0.3, nu=6.0, rho=-0.3)
    one, other = (
        fit(unit * y, distribution, leverage, 500) for unit in (1.0, factor)
    )  # fmt: skip
    assert one.method == other.method
    shift = 2 * np.log(factor)
    a, b = dict(one.posterior.variables), dict(other.posterior.variables)
    for name, draws in a.items():
        moved = shift if name in {"mu", "h", "h_last", "h_next"} else 0.0
        times = factor if name == "mean" else 1.0
        assert np.abs(b[name] - times * draws - moved).max() < 1e-4 * np.abs(b[name]).max(), name
    np.testing.assert_allclose(other.volatility_path, factor * one.volatility_path, rtol=1e-4)
    for level in ("volatility", "returns"):
        ours, theirs = getattr(other.forecast(3), level), getattr(one.forecast(3), level)
        np.testing.assert_allclose(ours, factor * theirs, rtol=1e-3, atol=1e-4 * factor * y.std())
    difference = other.log_marginal_likelihood.value - one.log_marginal_likelihood.value
    assert difference == pytest.approx(-120 * np.log(factor), abs=1e-3)


def test_scale_that_is_the_datas_own_changes_nothing():
    y = simulated(60, 13, mu=0.0)
    own = fit(y, samples=300)
    same = fit(y, samples=300, priors=VolatilityPriors(scale=float(y.std())))
    np.testing.assert_array_equal(own.volatility_path, same.volatility_path)
    other = fit(y, samples=300, priors=VolatilityPriors(scale=float(10 * y.std())))
    assert not np.allclose(own.volatility_path, other.volatility_path, rtol=1e-3)


ALL_AND_LOCAL_MOVES = pytest.mark.parametrize(
    ("distribution", "leverage", "local"),
    [
        *(("normal", False, False), ("student", True, False)),
        *slowly(*((*one, False) for one in MODELS if one not in QUICK_MODELS)),
        *slowly(("student", False, True), ("normal", True, True)),
    ],
)
"""Whether local moves make the fit, whose streams of random numbers no law changes: twice."""


@ALL_AND_LOCAL_MOVES
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_seed_gives_draws_on_any_number_of_cores(distribution, leverage, local, monkeypatch):
    if local:
        force_local_moves(monkeypatch)
    y = simulated(60, 14, mu=-9.0, phi=0.95, sigma=0.3)
    options = {"samples": 40, "tune": 40, "chains": 9 if local else 3}
    first, again, other = (
        fit(y, distribution, leverage, cores=cores, random_seed=seed, **options)
        for cores, seed in ((1, 7), (2, 7), (2, 8))
    )
    for name, draws in first.posterior.variables.items():
        np.testing.assert_array_equal(draws, again.posterior.variables[name], name)
        assert not np.array_equal(draws, other.posterior.variables[name])
    np.testing.assert_array_equal(first.forecast(3).returns, again.forecast(3).returns)
    np.testing.assert_array_equal(first.volatility("filtered"), again.volatility("filtered"))


@pytest.mark.parametrize(
    "seed", [[1, 2], np.random.SeedSequence(3), np.int64(4), np.random.SeedSequence(5).spawn(2)[1]]
)
def test_seeds_of_every_kind_repeat(seed):
    y = simulated(40, 15)
    first, again = (fit(y, samples=100, chains=2, random_seed=seed) for _ in range(2))
    np.testing.assert_array_equal(first.volatility_path, again.volatility_path)


def test_generator_moves_on():
    y, stream = simulated(40, 15), np.random.default_rng(6)
    first, second = (fit(y, samples=100, chains=2, random_seed=stream) for _ in range(2))
    assert not np.array_equal(first.volatility_path, second.volatility_path)


def test_chains_do_not_share_draws():
    draws = fit(simulated(40, 15), samples=50).posterior.variables["mu"]
    assert np.unique(draws).size > 0.4 * draws.size
    assert not np.isin(draws[0], draws[1:]).any()


@ALL_AND_LOCAL_MOVES
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_thinned_states_are_those_of_their_draws(distribution, leverage, local, monkeypatch):
    """States of every seventh draw are bit for bit those of a fit that keeps all."""
    if local:
        force_local_moves(monkeypatch)
    y = simulated(50, 16, mu=-9.0, phi=0.95, sigma=0.3)
    every = fit(y, distribution, leverage, 100, tune=20)
    some = fit(y, distribution, leverage, 100, tune=20, keep_states=7)
    assert some.fitted.states.shape == (4, 15, 50)
    np.testing.assert_array_equal(some.fitted.states, every.fitted.states[:, ::7])
    for name, draws in some.posterior.variables.items():
        np.testing.assert_array_equal(draws, every.posterior.variables[name])
    last = every.posterior.variables["h_last"]
    np.testing.assert_allclose(every.fitted.states[..., -1], last, rtol=1e-6, atol=1e-6)


def test_a_forecast_behind_a_long_gap_is_said_to_be_a_guess():
    index = pd.bdate_range("2020-01-01", periods=300)
    returns = pd.Series(0.01 * normals(300), index)
    returns.iloc[-180:] = np.nan
    model = StochasticVolatilityModel()
    said = r"the last 180 returns are missing, after 2020-06-16: what comes next is a guess"
    with pytest.warns(UserWarning, match=said):
        model.fit(returns, 100, random_seed=1, missing="skip")
    returns.iloc[-180:-3] = 0.01 * normals(177, seed=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model.fit(returns, 400, random_seed=1, missing="skip")
