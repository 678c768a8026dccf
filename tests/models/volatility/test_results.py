"""What a fitted volatility model answers: paths, forecasts, regimes, containers; and simulation.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import gammaln

from puffin.inference.next_state import draw_next_state
from puffin.inference.settings import Settings
from puffin.laws import LAWS
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    VolatilityPriors,
    estimate_volatility_regime,
    simulate,
)
from puffin.models.volatility import engines, filtering
from puffin.models.volatility import model as model_module
from puffin.models.volatility.forecast import simulate_forward
from puffin.models.volatility.ties import dither_ties, resolution
from puffin.posterior import highest_density_interval

FALSE_ALARM = 1e-4
MODELS = [("normal", False), ("student", False), ("normal", True), ("student", True)]
ALL_MODELS = pytest.mark.parametrize(("distribution", "leverage"), MODELS)
DATES = pd.date_range("2021-01-01", periods=120, freq="B", name="date")


def returns_of(n=120, seed=1, **parameters):
    settings = {"mu": -9.0, "phi": 0.95, "sigma": 0.3, "nu": 6.0, "rho": -0.5} | parameters
    return simulate(n, random_seed=seed, index=DATES[:n], **settings)["returns"]


@pytest.fixture(scope="module")
def fits():
    """A fit of each model, by (distribution, leverage)."""
    return {
        one: StochasticVolatilityModel(*one).fit(returns_of(), 1000, random_seed=1)
        for one in MODELS
    }


# Paths


@ALL_MODELS
def test_smoothed_path_is_of_the_draws(fits, distribution, leverage):
    model = fits[distribution, leverage]
    volatility = np.exp(0.5 * model.posterior.flat("h").astype(np.float64))
    table = model.volatility(hdi_prob=0.8)
    assert table.index.equals(DATES)
    assert table.index.name == "date"
    np.testing.assert_allclose(model.volatility_path, volatility.mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(table["mean"], model.volatility_path)
    np.testing.assert_allclose(table["median"], np.median(volatility, axis=0), rtol=1e-5)
    low, high = highest_density_interval(np.sort(volatility.T, axis=1), 0.8)
    np.testing.assert_allclose(table["hdi_low"], low, rtol=1e-5)
    np.testing.assert_allclose(table["hdi_high"], high, rtol=1e-5)
    inside = ((volatility >= low) & (volatility <= high)).mean(axis=0)
    np.testing.assert_allclose(inside, 0.8, atol=0.002)


@ALL_MODELS
def test_residuals_are_of_the_draws(fits, distribution, leverage):
    model = fits[distribution, leverage]
    h, mean = model.posterior.flat("h").astype(np.float64), model.posterior.flat("mean")
    exact = ((returns_of().to_numpy() - mean[:, None]) * np.exp(-0.5 * h)).mean(axis=0)
    np.testing.assert_allclose(model.residuals(), exact, rtol=1e-6, atol=1e-9)
    assert model.residuals().index.equals(DATES)
    assert 0.7 < model.residuals().std() < 1.2


@ALL_MODELS
def test_filtered_path_ends_where_the_smoothed_does(fits, distribution, leverage):
    """At the last period both know all returns; the filter uses 64 draws of the parameters."""
    model = fits[distribution, leverage]
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    sd = np.exp(0.5 * model.posterior.flat("h")[:, -1]).std()
    error = sd / np.sqrt(64)
    assert abs(filtered["mean"].iloc[-1] - smoothed["mean"].iloc[-1]) < 4.0 * error


@ALL_MODELS
def test_filtered_path_knows_less_before(fits, distribution, leverage, monkeypatch):
    """The filter is late, its intervals are wider. By 64 draws of the parameters that is noisy."""
    monkeypatch.setattr(filtering, "_PARAMETERS_USED", 512)
    model = fits[distribution, leverage]
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    width = np.log(filtered["hdi_high"] / filtered["hdi_low"])
    smooth_width = np.log(smoothed["hdi_high"] / smoothed["hdi_low"])
    assert width.iloc[10:-10].mean() > 1.1 * smooth_width.iloc[10:-10].mean()


def test_filtered_path_knows_the_past_only(fits):
    """The same parameters and another future: what came before keeps its distribution."""
    model = fits["normal", False]
    before = model.volatility("filtered")
    returns = returns_of()
    returns.iloc[80:] *= 10.0
    object.__setattr__(model.fitted.series, "values", returns.to_numpy())
    try:
        after = model.volatility("filtered")
    finally:
        object.__setattr__(model.fitted.series, "values", returns_of().to_numpy())
    sd = np.exp(0.5 * model.posterior.flat("h")).std(axis=0)
    # From there on the streams differ: two Monte Carlo errors of 64 filters each.
    shift = (after["mean"] - before["mean"]).to_numpy() / (sd * np.sqrt(2.0 / 64))
    assert np.abs(shift[:80]).max() < 4.0
    assert shift[85:].min() > 4.0


# Forecasts


@ALL_MODELS
def test_next_volatility_is_h_next(fits, distribution, leverage):
    model = fits[distribution, leverage]
    h_next = model.posterior.flat("h_next")
    forecast = model.forecast(3, quantiles=[0.1, 0.5])
    assert forecast.horizon == 3
    assert forecast.volatility_draws.shape == forecast.return_draws.shape == (4000, 3)
    np.testing.assert_allclose(forecast.volatility_draws[:, 0], np.exp(0.5 * h_next), rtol=1e-12)
    for table, draws in (
        (forecast.volatility, forecast.volatility_draws),
        (forecast.returns, forecast.return_draws),
    ):
        assert list(table.index) == [1, 2, 3]
        assert list(table.columns) == [0.1, 0.5]
        np.testing.assert_allclose(table, np.quantile(draws, [0.1, 0.5], axis=0).T, rtol=1e-12)
    assert model.volatility_forecast == pytest.approx(np.exp(0.5 * h_next).mean())
    variance = np.exp(h_next).mean() + model.posterior.flat("mean").var()
    assert model.return_sd_forecast == pytest.approx(np.sqrt(variance))
    again = model.forecast(3, quantiles=[0.1, 0.5])
    np.testing.assert_array_equal(forecast.return_draws, again.return_draws)


@pytest.mark.filterwarnings("ignore:returns looks like prices")
def test_quantiles_are_probabilities_of_the_next_returns():
    """The share of returns below each quantile, over 60 series of a known truth.

    The priors are those that the truths come from, and so each share is binomial.
    """
    priors, levels = VolatilityPriors(scale=0.01, mu_sd=0.5, sigma_sd=0.3), [0.05, 0.5, 0.95]
    below = np.zeros((2, 3))
    replicates = 60
    for replicate in range(replicates):
        stream = np.random.default_rng([1, replicate])
        truth = {
            "mean": 0.01 * stream.normal(), "mu": 0.5 * stream.normal() + 2 * np.log(0.01),
            "phi": 2 * stream.beta(20, 1.5) - 1, "sigma": 0.3 * abs(stream.normal()),
            "rho": 2 * stream.beta(4, 4) - 1, "random_seed": replicate,
        }  # fmt: skip
        y = simulate(43, **truth)["returns"].to_numpy()
        model = StochasticVolatilityModel(leverage=True, priors=priors)
        model.fit(y[:40], 250, chains=2, cores=1, random_seed=replicate)
        table = model.forecast(3, levels).returns
        below += y[[40, 42], None] < table.loc[[1, 3]].to_numpy()
    for row in below:
        for count, level in zip(row, levels, strict=True):
            assert stats.binomtest(int(count), replicates, level).pvalue > FALSE_ALARM / 6


PARAMETERS = {"mean": 0.1, "mu": -0.5, "phi": 0.9, "sigma": 0.4}


@ALL_MODELS
def test_forecast_is_a_direct_simulation(distribution, leverage):
    """At fixed parameters, from one present state, three steps: distributions of both.

    The direct simulation draws the two shocks jointly, from their covariance.
    """
    size, rho, nu = 50_000, -0.7 if leverage else 0.0, 5.0
    fixed = PARAMETERS | ({"nu": nu} if distribution == "student" else {})
    fixed |= {"rho": rho} if leverage else {}
    parameters = {name: np.full(size, value) for name, value in fixed.items()}
    states, returns = simulate_forward(
        parameters | {"h_next": np.full(size, 1.0)},
        LAWS[distribution],
        3,
        np.random.default_rng(1),
    )
    stream, h = np.random.default_rng(2), np.full(size, 1.0)
    p_values = []
    for step in range(3):
        eps, eta = stream.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size).T
        tau = stats.invgamma(nu / 2, scale=(nu - 2) / 2).rvs(size, random_state=stream)
        size_of = np.sqrt(tau) if distribution == "student" else 1.0
        y = 0.1 + np.exp(h / 2) * size_of * eps
        if step:
            p_values.append(stats.ks_2samp(states[:, step], h).pvalue)
        p_values.append(stats.ks_2samp(returns[:, step], y).pvalue)
        # Joint with what comes next: a state and the return before it.
        h = -0.5 + 0.9 * (h + 0.5) + 0.4 * eta
        if step < 2:
            joint = states[:, step + 1] - 0.3 * returns[:, step]
            p_values.append(stats.ks_2samp(joint, h - 0.3 * y).pvalue)
    assert min(p_values) > FALSE_ALARM / len(p_values)


@ALL_MODELS
def test_next_state_given_the_last_return(distribution, leverage):
    """Against its exact distribution: a normal, or a mixture of normals over tau given the return.

    At fixed parameters, last state and return.
    """
    size, rho, nu, y, h = 50_000, -0.7, 5.0, 2.0, 0.3
    fixed = PARAMETERS | {"h_last": h}
    fixed |= {"nu": nu} if distribution == "student" else {}
    fixed |= {"rho": rho} if leverage else {}
    parameters = {name: np.full(size, value) for name, value in fixed.items()}
    centre, error = -0.5 + 0.9 * (h + 0.5), (y - 0.1) * np.exp(-h / 2)

    def exact(x):
        x = np.asarray(x)
        if not leverage:
            return stats.norm.cdf(x, centre, 0.4)
        taus = np.ones(1)
        if distribution == "student":
            middle = (np.arange(2000) + 0.5) / 2000
            taus = stats.invgamma((nu + 1) / 2, scale=(nu - 2 + error**2) / 2).ppf(middle)
        shifts = 0.4 * rho * error / np.sqrt(taus)
        spread = 0.4 * np.sqrt(1 - rho**2)
        grid = np.linspace(-4, 4, 2001)
        values = stats.norm.cdf(grid[:, None], centre + shifts, spread).mean(axis=1)
        return np.interp(x, grid, values)

    draws = draw_next_state(
        parameters["h_last"], parameters, LAWS[distribution], y, np.random.default_rng(3)
    )
    assert stats.kstest(draws, exact).pvalue > FALSE_ALARM / 8
    unknown = draw_next_state(
        parameters["h_last"], parameters, LAWS[distribution], np.nan, np.random.default_rng(4)
    )
    assert stats.kstest(unknown, stats.norm(centre, 0.4).cdf).pvalue > FALSE_ALARM / 8


@pytest.mark.parametrize("last", [-0.03, 0.03])
def test_fit_moves_on_with_the_last_return(last):
    """Given the parameters, the last state and the last return, the shock is standard normal."""
    returns = returns_of(nu=None)
    returns.iloc[-1] = last
    model = StochasticVolatilityModel(leverage=True).fit(returns, 2000, random_seed=1)
    draws = {name: model.posterior.flat(name) for name in model.posterior.variables}
    error = (last - draws["mean"]) * np.exp(-0.5 * draws["h_last"])
    moved = draws["h_next"] - draws["mu"] - draws["phi"] * (draws["h_last"] - draws["mu"])
    shock = (moved / draws["sigma"] - draws["rho"] * error) / np.sqrt(1 - draws["rho"] ** 2)
    assert stats.kstest(shock, "norm").pvalue > FALSE_ALARM / 2
    assert np.sign(moved.mean()) == np.sign(np.mean(draws["rho"] * error))


def test_forecast_of_a_fit_without_a_mean():
    model = StochasticVolatilityModel(mean="zero").fit(returns_of(), 500, random_seed=1)
    assert "mean" not in model.posterior.variables
    h_next = model.posterior.flat("h_next")
    assert model.return_sd_forecast == pytest.approx(np.sqrt(np.exp(h_next).mean()))
    assert np.isfinite(model.forecast(4).returns).all().all()
    assert np.isfinite(model.residuals()).all()


# Regimes


@pytest.mark.parametrize(("low", "high"), [(0.75, 1.5), (0.9, 1.1)])
def test_regimes_follow_their_rules(low, high):
    returns = returns_of()
    table = estimate_volatility_regime(
        returns, 500, low=low, high=high, hdi_prob=0.9, random_seed=1
    )
    model = StochasticVolatilityModel().fit(returns, 500, random_seed=1)
    h = model.posterior.flat("h").astype(np.float64)
    ratio = np.exp(0.5 * (h - model.posterior.flat("mu")[:, None]))
    shares = {
        "low": (ratio < low).mean(axis=0),
        "normal": ((ratio >= low) & (ratio <= high)).mean(axis=0),
        "high": (ratio > high).mean(axis=0),
    }
    for name, share in shares.items():
        # One draw in 2,000 may lie on a bound, in single precision.
        np.testing.assert_allclose(table[f"prob_{name}"], share, atol=0.0011)
    best = table.filter(like="prob_").to_numpy().argmax(axis=1)
    assert list(table["regime"]) == list(np.array(["low", "normal", "high"])[best])
    assert table["regime"].cat.ordered
    np.testing.assert_array_equal(table["volatility"], model.volatility_path)
    intervals = model.volatility(hdi_prob=0.9)
    np.testing.assert_array_equal(table["vol_lower"], intervals["hdi_low"])
    np.testing.assert_array_equal(table["vol_upper"], intervals["hdi_high"])
    assert table.attrs["method"] == model.method


def test_regimes_find_what_there_is():
    stream = np.random.default_rng(5)
    calm, wild = 0.005 * stream.standard_normal(150), 0.04 * stream.standard_normal(60)
    table = estimate_volatility_regime(np.r_[calm, wild, calm], 400, random_seed=1)
    assert (table["regime"].iloc[170:195] == "high").all()
    assert (table["regime"].iloc[20:130] != "high").all()


def test_regimes_of_a_given_model_leave_it_alone(fits):
    model = fits["student", True]
    path = model.volatility_path.copy()
    table = estimate_volatility_regime(returns_of(60, 9), 200, model=model, random_seed=1)
    fresh = StochasticVolatilityModel("student", True).fit(returns_of(60, 9), 200, random_seed=1)
    np.testing.assert_array_equal(table["volatility"], fresh.volatility_path)
    np.testing.assert_array_equal(model.volatility_path, path)


# Containers, and states that are kept of some draws


@ALL_MODELS
def test_idata(fits, distribution, leverage):
    model = fits[distribution, leverage]
    posterior = model.idata["posterior"]
    names = {"mean", "mu", "phi", "sigma", "h", "h_last", "h_next"}
    names |= {"nu"} if distribution == "student" else set()
    names |= {"rho"} if leverage else set()
    assert set(posterior.data_vars) == names
    assert posterior["h"].dims == ("chain", "draw", "time")
    assert posterior["h"].dtype == np.float32
    assert posterior["time"].to_index().equals(DATES.rename("time"))
    np.testing.assert_array_equal(model.idata["observed_data"]["returns"], returns_of())
    assert model.idata["sample_stats"]["accepted"].shape == (4, 1000)
    assert posterior.attrs["method"] == model.method
    assert model.idata is model.idata
    summary, diagnostics = model.summary(), model.diagnostics
    assert diagnostics["ess_bulk"] == summary["ess_bulk"].min()
    assert diagnostics["r_hat"] == summary["r_hat"].max()
    assert 0 < diagnostics["acceptance"] <= 1
    assert diagnostics["states_kept_every"] == 1
    assert set(summary.index) == names - {"h", "h_last", "h_next"} | {"volatility_forecast"}
    limits = [(summary["mean"] > summary["hdi_low"]), (summary["mean"] < summary["hdi_high"])]
    assert np.all(limits)


def test_states_of_some_draws():
    returns = returns_of()
    every = StochasticVolatilityModel().fit(returns, 1000, random_seed=1)
    some = StochasticVolatilityModel().fit(returns, 1000, random_seed=1, keep_states=7)
    assert "h" not in some.idata["posterior"].data_vars
    states = some.idata["states"]["h"]
    assert states.shape == (4, 143, 120)
    assert list(states["draw"].to_numpy()[:3]) == [0, 7, 14]
    assert states["time"].to_index().equals(DATES.rename("time"))
    assert some.diagnostics["states_kept_every"] == 7
    h = every.posterior.variables["h"].astype(np.float64)[:, ::7]
    mean = every.posterior.variables["mean"][:, ::7]
    np.testing.assert_allclose(some.volatility_path, np.exp(0.5 * h).mean(axis=(0, 1)), rtol=1e-5)
    exact = (returns.to_numpy() - mean[..., None]) * np.exp(-0.5 * h)
    np.testing.assert_allclose(some.residuals(), exact.mean(axis=(0, 1)), rtol=1e-6, atol=1e-9)
    assert some.volatility_forecast == every.volatility_forecast
    pd.testing.assert_frame_equal(some.volatility("filtered"), every.volatility("filtered"))
    pd.testing.assert_frame_equal(some.forecast(3).returns, every.forecast(3).returns)
    some.plot_volatility()
    # Of as many draws as there are, no more.
    assert StochasticVolatilityModel().fit(
        returns, 60, random_seed=1, keep_states=10**9
    ).fitted.states.shape == (4, 1, 120)


def test_regimes_from_states_of_some_draws(monkeypatch):
    monkeypatch.setattr(model_module, "_MOST_STATES", 4 * 100 * 120)
    returns = returns_of()
    table = estimate_volatility_regime(returns, 1000, random_seed=1)
    model = StochasticVolatilityModel().fit(returns, 1000, random_seed=1)
    assert model.fitted.thin == 10
    level = model.posterior.variables["mu"][:, ::10].ravel()[:, None]
    high = (model.fitted.flat_states - level > 2 * np.log(1.5)).mean(axis=0)
    np.testing.assert_allclose(table["prob_high"], high, atol=0.003)


@pytest.mark.parametrize(
    ("draws", "n_times"), [(2000, 5030), (2000, 100_000), (10, 10), (1, 10**8)]
)
def test_states_stay_below_200_mb(draws, n_times):
    settings = Settings(draws, 0, 4, 1, 1, False)
    thin = model_module._thinning("auto", settings, n_times)
    assert 1 <= thin <= draws
    kept = 4 * (-(-draws // thin)) * n_times * 4
    assert kept <= 200e6 or thin == draws
    assert model_module._thinning("all", settings, n_times) == 1


def test_fallback_keeps_no_more_states_than_asked(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("injected")

    monkeypatch.setattr(engines, "sample_stochastic_volatility", fail)
    with pytest.warns(UserWarning, match="injected"):
        model = StochasticVolatilityModel().fit(returns_of(), 100, random_seed=1, keep_states=10)
    assert model.fitted.states.shape == (4, 10, 120)
    assert np.isfinite(model.volatility()).all().all()
    assert np.isfinite(model.residuals()).all()
    assert model.idata["states"]["h"].shape == (4, 10, 120)


# Ties


def test_ties_are_dithered_within_their_resolution():
    y = np.array([0.0, 1.0, 0.0, np.nan, 0.0, -1.0, 2.0, 2.0])
    moved = dither_ties(y, resolution(y))
    assert np.isnan(moved[3])
    known = np.isfinite(y)
    untied = known & (y != 0.0)
    np.testing.assert_array_equal(moved[untied], y[untied])
    assert np.abs(moved - y)[known].max() <= 0.0101 * np.nanstd(y)
    assert np.unique(moved[y == 0.0]).size == 3
    np.testing.assert_array_equal(dither_ties(y[:3], resolution(y)), y[:3])
    # Those that tie already stay where they are when one more does.
    longer = np.append(y, 0.0)
    np.testing.assert_array_equal(dither_ties(longer, resolution(y))[:-1], moved)


def test_dates_without_trade_do_not_break_the_fit():
    returns = returns_of()
    returns.iloc[30:60] = 0.0
    model = StochasticVolatilityModel().fit(returns, 500, random_seed=1)
    assert np.isfinite(model.summary()).all().all()
    path = model.volatility_path
    assert path[40:50].max() < path[:20].min()


# Simulation


@pytest.mark.parametrize("nu", [None, 5.0])
@pytest.mark.parametrize("rho", [0.0, -0.6])
def test_simulation_has_stationary_moments(nu, rho):
    """z-scores that allow for the chain's correlation; twelve of them in each case."""
    n, mu, phi, sigma, mean = 40_000, -1.0, 0.8, 0.5, 0.2
    data = simulate(n, mu=mu, phi=phi, sigma=sigma, nu=nu, rho=rho, mean=mean, random_seed=6)
    h = 2 * np.log(data["volatility"].to_numpy())
    sd, slowness = sigma / np.sqrt(1 - phi**2), (1 + phi) / (1 - phi)
    centred = (h - mu) / sd
    eta = (h[1:] - mu - phi * (h[:-1] - mu)) / sigma
    error = (data["returns"].to_numpy() - mean) / data["volatility"].to_numpy()
    tilt = rho if nu is None else rho * mean_root_tau(nu)
    scores = [
        centred.mean() / np.sqrt(slowness / n),
        (np.mean(centred**2) - 1) / np.sqrt(2 * (1 + phi**2) / (1 - phi**2) / n),
        eta.mean() * np.sqrt(n),
        (np.mean(eta**2) - 1) * np.sqrt(n / 2),
        np.mean(eta[1:] * eta[:-1]) * np.sqrt(n),
        np.mean(error[1:] * error[:-1]) * np.sqrt(n),
        np.mean(error[1:] * eta) * np.sqrt(n),
    ]
    products = error[:-1] * eta
    scores.append((products.mean() - tilt) / (products.std() / np.sqrt(n)))
    assert np.max(np.abs(scores)) < stats.norm.isf(FALSE_ALARM / 2 / 4 / len(scores))
    law = stats.norm() if nu is None else stats.t(nu, scale=np.sqrt((nu - 2) / nu))
    assert stats.kstest(error, law.cdf).pvalue > FALSE_ALARM / 16
    assert stats.kstest(eta, "norm").pvalue > FALSE_ALARM / 16


def mean_root_tau(nu):
    """Return E sqrt(tau) where tau is inverse gamma (nu / 2, (nu - 2) / 2)."""
    return np.sqrt(0.5 * (nu - 2)) * np.exp(gammaln(0.5 * (nu - 1)) - gammaln(0.5 * nu))


def test_simulations_start_in_the_stationary_distribution():
    first = [
        2 * np.log(simulate(1, mu=0.5, phi=0.95, sigma=0.4, random_seed=s)["volatility"].iloc[0])
        for s in range(2000)
    ]
    law = stats.norm(0.5, 0.4 / np.sqrt(1 - 0.95**2))
    assert stats.kstest(first, law.cdf).pvalue > FALSE_ALARM


def test_simulation_has_its_index_and_its_seed():
    data = simulate(120, index=DATES, random_seed=7)
    assert data.index.equals(DATES)
    assert list(data.columns) == ["returns", "volatility"]
    pd.testing.assert_frame_equal(data, simulate(120, index=DATES, random_seed=7))
    assert not data.equals(simulate(120, index=DATES, random_seed=8))
    assert isinstance(simulate(3).index, pd.RangeIndex)
    # A longer one begins with the shorter.
    shorter = simulate(50, random_seed=7)
    np.testing.assert_array_equal(data["returns"].to_numpy()[:50], shorter["returns"])


# Figures


def test_figures(fits):
    model = fits["student", True]
    [axes] = model.plot_volatility(hdi_prob=0.5).axes
    assert model.method in axes.get_title(loc="left")
    lines = {line.get_label(): line for line in axes.get_lines()}
    path = lines["volatility (posterior mean)"].get_ydata()
    np.testing.assert_allclose(path, model.volatility_path)
    assert "50% interval" in [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(model.plot_posterior("rho").axes) == 1
    assert len([a for a in model.plot_posterior().axes if a.has_data()]) == 7
