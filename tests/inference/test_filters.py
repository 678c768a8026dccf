"""Smoothing, filtering and draws by weight against plain twins, and the filter against a grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.lanes import LANES
from puffin.inference.ewma import DECAY, sample_ewma
from puffin.inference.latent_ar1.independence import Chain, _gather, _pick
from puffin.inference.latent_ar1.sampler import _longest_run, _report
from puffin.inference.latent_ar1.smoothing import smooth
from puffin.inference.particle_filter import _filter, filter_states
from puffin.inference.resampling import systematic
from puffin.inference.settings import Settings


@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_smoothing_is_a_dense_inverse(n):
    stream = np.random.default_rng(n)
    coupling = stream.normal(size=n - 1)
    diagonal = 2.5 + np.abs(np.append(coupling, 0.0)) + np.abs(np.append(0.0, coupling))
    P = np.diag(diagonal) - np.diag(coupling, 1) - np.diag(coupling, -1)
    shifts = stream.normal(size=(3, n))
    means, variance, covariance = smooth(diagonal, coupling, shifts)
    inverse = np.linalg.inv(P)
    np.testing.assert_allclose(means, shifts @ inverse, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(variance, np.diag(inverse), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.diag(inverse, 1), rtol=1e-10, atol=1e-14)


def test_draws_are_taken_by_weight():
    """Each as often as its weight says, but for rounding up or down, and in order."""
    stream = np.random.default_rng(1)
    log_weights = 1.5 * stream.normal(size=40) + 900.0
    log_weights[7] = -np.inf
    shares = np.exp(log_weights - log_weights.max())
    shares /= shares.sum()
    counts = np.zeros((2000, 40))
    for row in counts:
        taken = systematic(log_weights, 30, stream)
        row[:] = np.bincount(taken, minlength=40)
        assert taken.shape == (30,)
        assert np.count_nonzero(np.diff(taken) < 0) <= 1
    assert (counts >= np.floor(30 * shares)).all()
    assert (counts <= np.ceil(30 * shares)).all()
    # Rounding is unbiased: means of 2,000, and 1e-5 is the probability of a false alarm.
    errors = np.sqrt(np.maximum((30 * shares % 1) * (1 - 30 * shares % 1), 1e-12) / 2000)
    scores = (counts.mean(axis=0) - 30 * shares) / np.maximum(errors, 1e-9)
    assert np.abs(scores).max() < stats.norm.isf(1e-5 / 2 / 40)
    np.testing.assert_array_equal(systematic(np.full(3, -np.inf), 4, stream), np.zeros(4))


def test_each_draw_is_taken_by_weight():
    """States may be kept of every so many draws: each alone must have the right distribution.

    The probability of a false alarm is 1e-5.
    """
    stream, log_weights = np.random.default_rng(2), np.log(np.arange(1.0, 9.0))
    taken = np.array([systematic(log_weights, 8, stream) for _ in range(20_000)])
    for position in (0, 3, 7):
        counts = np.bincount(taken[:, position], minlength=8)
        assert stats.chisquare(counts, 20_000 * np.arange(1, 9) / 36).pvalue > 1e-5 / 3


@pytest.mark.parametrize("n_times", [1, 7, 8, 9, 33])
@pytest.mark.parametrize(
    "lanes", [[0, 5, 7, 9, 16, 23], range(24), [3, *range(8, 16), 17], range(8, 16), range(1, 9)]
)
def test_states_are_gathered_from_their_lanes(n_times, lanes):
    """Whole groups of lanes and single ones, as each second row."""
    stream, lanes = np.random.default_rng(n_times), np.array(lanes)
    states = stream.normal(size=(3, n_times, LANES))
    out = np.full((2 * lanes.size + 3, n_times), np.nan, np.float32)
    _gather(states, lanes, 3, out)
    twin = states.transpose(0, 2, 1).reshape(-1, n_times)[lanes]
    np.testing.assert_array_equal(out[3::2], twin.astype(np.float32))
    assert np.isnan(out[:3]).all()
    assert np.isnan(out[4::2]).all()


def test_paths_are_picked_by_weight_and_averaged():
    stream = np.random.default_rng(3)
    weights = np.array([0.1, 0.0, 2.0, 0.5])
    with np.errstate(divide="ignore"):
        rows = np.tile(np.log(weights), (50_000, 1))
    rows[0] = np.nan
    mean, lanes = _pick(rows, stream.gumbel(size=rows.shape))
    np.testing.assert_allclose(mean[1:], math.log(weights.mean()), rtol=1e-12)
    assert mean[0] < -1e200
    counts = np.bincount(lanes[1:] % 4, minlength=4)
    assert counts[1] == 0
    shares = weights[weights > 0] / weights.sum()
    assert stats.chisquare(counts[weights > 0], shares * counts.sum()).pvalue > 1e-6
    np.testing.assert_array_equal(lanes // 4, np.arange(50_000))


@pytest.mark.parametrize("correlation", [1.0, 0.0, -1.0])
def test_error_of_the_evidence_counts_pairs(correlation):
    """Weights that are the same within pairs say as much as half of them; opposite ones, all."""
    stream = np.random.default_rng(4)
    first, other = stream.normal(size=(2, 4, 5000))
    second = correlation * first + math.sqrt(1.0 - correlation**2) * other
    weights = 1.0 + 0.1 * np.stack([first, second], axis=-1).reshape(4, 10_000)
    nothing = np.zeros(10_000)
    report = _report(
        [Chain(nothing, nothing, nothing, nothing + 1.0, np.log(row)) for row in weights]
    )
    assert report["log_marginal_likelihood"] == pytest.approx(math.log(weights.mean()))
    exact = 0.1 * math.sqrt((1.0 + correlation) / 40_000)
    assert report["log_marginal_likelihood_se"] == pytest.approx(exact, rel=0.05, abs=1e-12)


def test_longest_run():
    for moved, longest in (
        ([1.0, 1.0], 0), ([0.0] * 4, 4), ([1.0, 0.0, 0.0, 0.5, 0.0], 2), ([0.0], 1),
    ):  # fmt: skip
        assert _longest_run(np.array(moved)) == longest


NORMAL = (0.1, -0.5, 0.9, 0.4, np.inf, 0.0)
STUDENT = (*NORMAL[:4], 5.0, 0.0)
LEVERAGE = (*NORMAL[:5], -0.7)
BOTH = (*NORMAL[:4], 5.0, -0.7)
PARAMETERS = pytest.mark.parametrize(
    "theta", [NORMAL, STUDENT, LEVERAGE, BOTH], ids=["normal", "student", "leverage", "both"]
)
Y = np.array([0.3, -1.9, np.nan, 0.0, 4.0, -0.6])


def log_likelihood(y, h, mean, nu):
    """Of a return whose standard deviation is exp(h / 2)."""
    scale = np.exp(0.5 * h)
    if np.isinf(nu):
        return stats.norm.logpdf(y, mean, scale)
    return stats.t.logpdf(y, nu, mean, scale * math.sqrt((nu - 2.0) / nu))


def plain_filter(y, theta, stream, n, each):
    """The bootstrap filter with systematic resampling, drawing in the same order."""
    mean, mu, phi, sigma, nu, rho = theta
    h = mu + sigma / math.sqrt(1 - phi**2) * np.array([stream.standard_normal() for _ in range(n)])
    kept = np.empty((each, y.size))
    for t in range(y.size):
        seen = not np.isnan(y[t])
        weights = np.ones(n)
        if seen:
            log_weights = log_likelihood(y[t], h, mean, nu)
            weights = np.exp(log_weights - log_weights.max())
        places = (stream.random() + np.arange(n)) / n
        h = h[np.minimum(np.searchsorted(np.cumsum(weights) / weights.sum(), places), n - 1)]
        kept[:, t] = h[int(stream.random() * (n // each)) :: n // each][:each]
        moved = np.empty(n)
        for i in range(n):
            shock = stream.standard_normal()
            if seen and rho != 0.0:
                error = (y[t] - mean) * math.exp(-0.5 * h[i])
                if np.isfinite(nu):
                    rate = 0.5 * (nu - 2 + error**2)
                    error *= math.sqrt(stream.standard_gamma(0.5 * (nu + 1)) / rate)
                shock = rho * error + math.sqrt(1 - rho**2) * shock
            moved[i] = mu + phi * (h[i] - mu) + sigma * shock
        h = moved
    return kept


@PARAMETERS
def test_filter_is_its_plain_twin(theta):
    kept = np.empty((1, 8, Y.size), np.float32)
    nu = min(theta[4], 10.0)
    constant = (
        math.lgamma(0.5 * (nu + 1)) - math.lgamma(0.5 * nu) - 0.5 * math.log((nu - 2) * math.pi)
    )
    _filter(
        np.random.Generator(np.random.SFC64(1)), Y, np.array(theta)[:, None], np.array([constant]),
        np.empty((3, 64)), kept,
    )  # fmt: skip
    twin = plain_filter(Y, theta, np.random.Generator(np.random.SFC64(1)), 64, 8)
    np.testing.assert_allclose(kept[0], twin, rtol=1e-5, atol=1e-6)


def grid_filter(y, theta, n=1201):
    """Distribution of h given returns up to its own, on a grid: a row for each time."""
    mean, mu, phi, sigma, nu, rho = theta
    sd = sigma / math.sqrt(1 - phi**2)
    h = np.linspace(mu - 9 * sd, mu + 9 * sd, n)
    prior = stats.norm.pdf(h, mu, sd)
    rows = []
    for value in y:
        seen = not np.isnan(value)
        rows.append(prior * (np.exp(log_likelihood(value, h, mean, nu)) if seen else 1.0))
        rows[-1] = rows[-1] / rows[-1].sum()
        centre, spread = (mu + phi * (h - mu))[:, None], sigma
        moved = np.zeros((n, n))
        # tau given the return is inverse gamma: at the middles of 101 equally likely pieces.
        pieces = (np.arange(101) + 0.5) / 101 if np.isfinite(nu) and rho and seen else [0.5]
        for piece in pieces:
            if seen and rho:
                error = (value - mean) * np.exp(-0.5 * h)
                if np.isfinite(nu):
                    rate = 0.5 * (nu - 2 + error**2)
                    error = error * np.sqrt(stats.gamma.ppf(piece, 0.5 * (nu + 1)) / rate)
                centre = (mu + phi * (h - mu) + sigma * rho * error)[:, None]
                spread = sigma * math.sqrt(1 - rho**2)
            moved += stats.norm.pdf(h[None, :], centre, spread) / len(pieces)
        prior = rows[-1] @ moved
    return h, np.array(rows)


@PARAMETERS
def test_filter_has_the_distribution_of_a_grid(theta):
    """Mean and three probabilities, 600 filters; a false alarm has probability 1e-5.

    With 256 particles a filter is biased by some parts in a thousand, which are allowed for.
    """
    h, exact = grid_filter(Y, theta, 601 if theta == BOTH else 1201)
    filters = 600
    draws = filter_states(
        Y, np.repeat(np.array(theta)[:, None], filters, axis=1),
        np.random.Generator(np.random.SFC64(2)),
    ).reshape(filters, 16, Y.size)  # fmt: skip
    limit = stats.norm.isf(1e-5 / 2 / (4 * Y.size))
    for t in range(Y.size):
        mean = exact[t] @ h
        sd = math.sqrt(exact[t] @ (h - mean) ** 2)
        by_filter = draws[..., t].mean(axis=1)
        error = by_filter.std() / math.sqrt(filters)
        assert abs(by_filter.mean() - mean) < limit * error + 0.01 * sd
        for prob in (0.1, 0.5, 0.9):
            cdf = np.cumsum(exact[t]) - 0.5 * exact[t]
            below = (draws[..., t] < np.interp(prob, cdf, h)).mean(axis=1)
            error = below.std() / math.sqrt(filters)
            assert abs(below.mean() - prob) < limit * error + 0.005


@PARAMETERS
@pytest.mark.parametrize("future", [[], [50.0, 0.0], [np.nan]])
def test_filter_does_not_look_ahead(theta, future):
    """Cutting off the future, or another future, changes nothing: bit for bit."""
    parameters = np.array(theta)[:, None]

    def filtered(y):
        return filter_states(y, parameters, np.random.Generator(np.random.SFC64(3)))

    whole, other = filtered(Y), filtered(np.concatenate([Y[:4], future]))
    np.testing.assert_array_equal(whole[:, :4], other[:, :4])


SETTINGS = Settings(draws=20_000, tune=0, chains=2, cores=1, seed=4, progressbar=False)


def test_ewma_is_its_plain_recursion():
    """Medians at each time; a false alarm has probability 1e-5."""
    y = np.array([0.5, -1.0, np.nan, 2.0, 0.1, -0.3])
    y = y - np.nanmean(y)
    draws = sample_ewma(y, SETTINGS)
    variances, sizes = [np.nanvar(y)], [4.0]
    squares = 1 / sizes[0]
    for value in y:
        level = variances[-1]
        if not np.isnan(value):
            level = DECAY * level + (1 - DECAY) * value**2
            squares = DECAY**2 * squares + (1 - DECAY) ** 2
        variances.append(level)
        sizes.append(1 / squares)
    assert draws.variables["h"].shape == (2, 20_000, 6)
    assert draws.variables["h"].dtype == np.float32
    h = np.concatenate(
        [draws.variables["h"].reshape(-1, 6), draws.variables["h_next"].reshape(-1, 1)], axis=1
    )
    for t, (variance, size) in enumerate(zip(variances, sizes, strict=True)):
        chi_square = size * variance / np.exp(h[:, t].astype(np.float64))
        assert stats.kstest(chi_square, stats.chi2(size).cdf).pvalue > 1e-5 / 7


def test_ewma_interval_is_that_of_its_weights():
    """The weights (1 - decay) decay^k are worth 1 / sum of squares observations."""
    weights = (1 - DECAY) * DECAY ** np.arange(5000)
    size = (1 + DECAY) / (1 - DECAY)
    assert 1 / np.sum(weights**2) == pytest.approx(size, rel=1e-9)
    h = sample_ewma(np.random.default_rng(5).normal(size=500), SETTINGS).variables["h_next"]
    assert h.std() == pytest.approx(math.sqrt(2 / size), rel=0.05)
