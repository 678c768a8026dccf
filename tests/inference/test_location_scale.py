from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference import independence, location_scale
from puffin.inference.location_scale import (
    SEPARATE,
    TIED,
    LocationScalePosterior,
    LocationScalePrior,
    sample_asymmetric_t,
    sample_student_t,
)
from puffin.inference.settings import Settings
from puffin.laws import LAWS
from puffin.posterior import diagnose
from tests.agreement import assert_agree

PRIOR = LocationScalePrior(2.0, 2.0, 0.5, 10.0, 2.5, 0.3)
SAMPLERS = {"asymmetric": sample_asymmetric_t, "student": sample_student_t}


def settings(draws=2000, chains=4, cores=None, seed=1):
    return Settings(draws, 0, chains, cores, seed, False)


def meaning(point, sides, median):
    """What a point means: modes and scales to moments by quadrature of the density."""
    steps, left, right, *roots = (point[place] for place in sides)
    left, right = np.exp(left), np.exp(right)
    mode = median + np.sqrt(left * right) * steps
    nus = [2.5 + root**3 for root in roots]
    areas = [scale / (2 * stats.t(nu).pdf(0)) for scale, nu in zip((left, right), nus, strict=True)]
    halves = [stats.t(nu, 0, scale) for scale, nu in zip((left, right), nus, strict=True)]
    share = areas[0] / sum(areas)
    first = [half.expect(lambda x: 2 * x, lb=0) for half in halves]
    second = [half.var() for half in halves]
    shift = (1 - share) * first[1] - share * first[0]
    variance = share * second[0] + (1 - share) * second[1] - shift**2
    return mode, shift, np.sqrt(variance), np.log(left / right), nus


def twin(point, x, sides):
    """The log-density from SciPy's distributions and the law, with its constants."""
    mode, shift, sd, asymmetry, nus = meaning(point, sides, np.median(x))
    law = LAWS["asymmetric"]
    shape = {"asymmetry": np.array(asymmetry), "nu_left": nus[0], "nu_right": nus[1]}
    tails = [point[place] for place in sorted(set(sides[3:]))]
    prior = stats.norm(0, 0.5).logpdf(asymmetry) if sides == SEPARATE else 0.0
    for root in tails:
        prior += stats.gamma(2, scale=5).logpdf(root**3) + np.log(3 * root**2)
    errors, mu = x - mode - shift, mode + shift
    if len(point) > len(set(sides)):
        rho = np.tanh(point[-1])
        mu = mode + shift / (1 - rho)
        errors = x[1:] - rho * x[:-1] - (1 - rho) * mu
        prior += stats.truncnorm(-1 / 0.3, 1 / 0.3, 0, 0.3).logpdf(rho) + np.log1p(-(rho**2))
    total = sd / np.sqrt(1 - rho**2) if len(point) > len(set(sides)) else sd
    prior += stats.norm(0, 2).logpdf(mu) + stats.halfnorm(0, 2).logpdf(total) + np.log(total)
    prior += 0.5 * (point[sides[1]] + point[sides[2]])
    return prior + np.sum(law.log_density(errors / sd, shape) - np.log(sd))


@pytest.mark.parametrize("sides", [SEPARATE, TIED], ids=["separate", "tied"])
@pytest.mark.parametrize("autoregressive", [False, True])
def test_density_matches_its_twin_up_to_a_constant(sides, autoregressive):
    stream = np.random.default_rng(1)
    x = stream.standard_t(3, 60)
    own = len(set(sides))
    points = stream.normal(size=(12, own + autoregressive)) * 0.4
    points[:, sides[3] :] += 1.5
    if autoregressive:
        points[:, -1] -= 1.5
    data = x if autoregressive else np.sort(x)
    ours = LocationScalePosterior(data, PRIOR, sides).log_density(points)
    theirs = [twin(point, x, sides) for point in points]
    np.testing.assert_allclose(np.ptp(ours - theirs), 0.0, atol=1e-7)


def test_equal_sides_have_the_density_of_the_student_t():
    x = np.sort(np.random.default_rng(2).standard_t(4, 80))
    tied = np.array([[0.1, -0.2, 1.3], [-0.3, 0.1, 2.0]])
    separate = tied[:, list(TIED)]
    ours = LocationScalePosterior(x, PRIOR, SEPARATE).log_density(separate)
    gaps = ours - LocationScalePosterior(x, PRIOR, TIED).log_density(tied)
    tail = 5 * np.log(tied[:, 2]) - 2 * tied[:, 2] ** 3 / 10
    np.testing.assert_allclose(gaps, tail, rtol=1e-10)


def test_a_root_below_zero_has_no_density():
    x = np.array([-1.0, 0.5, 1.0])
    points = np.array([[0.0, 0.0, 0.0, -0.1, 1.0], [0.0, 0.0, 0.0, 1.0, -0.1]])
    values = LocationScalePosterior(x, PRIOR, SEPARATE).log_density(points)
    np.testing.assert_array_equal(values, -np.inf)


@pytest.mark.slow
def test_posterior_of_two_observations_is_that_of_a_grid():
    """Brute force: mean and sd of mu and log sd by three-dimensional quadrature."""
    x = np.array([-1.1, 0.3])
    steps, log_scale, root = (
        np.linspace(-30, 30, 601),
        np.linspace(-6, 2.5, 90),
        np.linspace(0.02, 4, 40),
    )
    grid = np.stack(np.meshgrid(steps, log_scale, root, indexing="ij"), -1).reshape(-1, 3)
    weights = np.exp(LocationScalePosterior(x, PRIOR, TIED).log_density(grid))
    weights /= weights.sum()
    nu = 2.5 + grid[:, 2] ** 3
    log_sd = grid[:, 1] + 0.5 * np.log(nu / (nu - 2))
    draws = sample_student_t(x, PRIOR, settings(20_000), autoregressive=False).variables
    mu = np.median(x) + np.exp(grid[:, 1]) * grid[:, 0]
    for theirs, values in ((mu, draws["mu"]), (log_sd, np.log(draws["sd"]))):
        mean = weights @ theirs
        sd = np.sqrt(weights @ (theirs - mean) ** 2)
        # Effective draws are at least a quarter of 80,000: 5 standard errors, and the grid's own.
        assert abs(values.mean() - mean) < 5 * sd / np.sqrt(20_000) + 0.005
        assert abs(values.std() / sd - 1) < 0.05


@pytest.mark.parametrize("law", SAMPLERS)
@pytest.mark.parametrize("nu", [2.05, 3.0, 50.0])
@pytest.mark.parametrize("size", [5, 30, 1000])
@pytest.mark.parametrize("autoregressive", [False, True])
def test_independence_sampler_suffices(law, nu, size, autoregressive):
    x = stats.t(nu).rvs(size, random_state=int(size * nu))
    draws = SAMPLERS[law](x / x.std(), PRIOR, settings(), autoregressive=autoregressive)
    if law == "asymmetric" and autoregressive and size == 5:
        # Six parameters of four errors: the random walk may have to do it, and does.
        assert min(diagnose(draws.variables[name])["ess_bulk"] for name in ("mu", "sd")) > 400
        return
    assert draws.method == "independence Metropolis"
    assert draws.report["acceptance"] > 0.4


@pytest.mark.parametrize("law", SAMPLERS)
@pytest.mark.parametrize("seed", range(4))
def test_independence_sampler_suffices_for_an_index(law, seed, sp500_returns):
    """Its tails are close to the fattest that there are, where their posterior is cut off."""
    x = sp500_returns.to_numpy()[-1000:]
    draws = SAMPLERS[law](x / x.std(), PRIOR, settings(5000, seed=seed), autoregressive=False)
    assert draws.method == "independence Metropolis"


def test_mirrored_data_have_the_mirrored_posterior():
    x = np.random.default_rng(5).gamma(2.0, size=150)
    x = (x - x.mean()) / x.std() + 0.2
    one, other = (
        sample_asymmetric_t(sign * x, PRIOR, settings(5000, seed=2 + sign), autoregressive=False)
        for sign in (1, -1)
    )
    mirrored = {
        "mu": -other.variables["mu"],
        "sd": other.variables["sd"],
        "asymmetry": -other.variables["asymmetry"],
        "nu_left": other.variables["nu_right"],
        "nu_right": other.variables["nu_left"],
    }
    assert_agree(one.variables, mirrored)


@pytest.mark.slow
def test_random_walk_takes_over_and_agrees(monkeypatch):
    x = np.random.default_rng(3).standard_t(4, 100)
    direct = sample_student_t(x, PRIOR, settings(5000), autoregressive=False)
    monkeypatch.setattr(independence, "trustworthy", lambda *_: False)
    walked = sample_student_t(x, PRIOR, settings(5000), autoregressive=False)
    assert walked.method == "random-walk Metropolis"
    assert_agree(walked.variables, direct.variables)


def test_draws_do_not_depend_on_cores():
    x = np.random.default_rng(4).standard_t(4, 200)
    one, many = (
        sample_asymmetric_t(x, PRIOR, settings(500, cores=cores), autoregressive=False)
        for cores in (1, 4)
    )
    for name, values in one.variables.items():
        np.testing.assert_array_equal(values, many.variables[name])


@pytest.mark.parametrize("autoregressive", [False, True])
def test_density_in_pieces_is_the_same(monkeypatch, autoregressive):
    random = np.random.default_rng(2)
    x = np.sort(random.standard_t(5, 50))
    posterior = LocationScalePosterior(x, PRIOR, SEPARATE)
    points = random.normal(1.0, 0.2, (97, 6 if autoregressive else 5))
    whole = posterior.log_density(points)
    monkeypatch.setattr(location_scale, "_EVALUATIONS", 10 * x.size)
    np.testing.assert_allclose(posterior.log_density(points), whole, rtol=1e-13)
