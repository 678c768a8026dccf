"""The particle filter against its plain twin and a grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.inference.measures import Measure
from puffin.inference.particle_filter import filter_states, taken
from puffin.laws import Normal, StudentT

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


def plain_filter(y, theta, stream, n, each, x=None, measures=()):
    """The bootstrap filter with systematic resampling, drawing in the same order.

    Particles are drawn given the measures x of their time, and weighed by the density of these.
    """
    mean, mu, phi, sigma, nu, rho = theta
    centres, sd = np.full(n, mu), np.full(n, sigma / math.sqrt(1 - phi**2))
    kept = np.empty((each, y.size))
    for t in range(y.size):
        present = not np.isnan(y[t])
        log_weights = np.zeros(n)
        for (xi, psi, tau), value in zip(measures, [] if x is None else x[t], strict=True):
            if np.isnan(value):
                continue
            log_weights += stats.norm.logpdf(value, xi + psi * centres, np.hypot(tau, psi * sd))
            precision = 1 / sd**2 + psi**2 / tau**2
            centres = (centres / sd**2 + psi * (value - xi) / tau**2) / precision
            sd = precision**-0.5
        h = centres + sd * np.array([stream.standard_normal() for _ in range(n)])
        if present:
            log_weights += log_likelihood(y[t], h, mean, nu)
        weights = np.exp(log_weights - log_weights.max())
        places = (stream.random() + np.arange(n)) / n
        h = h[np.minimum(np.searchsorted(np.cumsum(weights) / weights.sum(), places), n - 1)]
        kept[:, t] = h[int(stream.integers(n // each)) :: n // each][:each]
        centres, sd = mu + phi * (h - mu), np.full(n, sigma)
        if present and rho != 0.0:
            sd *= math.sqrt(1 - rho**2)
            for i in range(n):
                error = (y[t] - mean) * math.exp(-0.5 * h[i])
                if np.isfinite(nu):
                    rate = 0.5 * (nu - 2 + error**2)
                    error *= math.sqrt(stream.standard_gamma(0.5 * (nu + 1)) / rate)
                centres[i] += sigma * rho * error
    return kept


def filtered(y, theta, filters, stream, x=None, measures=()):
    """Draws of several filters with the same parameters, those that the model has."""
    mean, mu, phi, sigma, nu, rho = theta
    present = {"mean": mean, "mu": mu, "phi": phi, "sigma": sigma}
    present |= {"nu": nu} if np.isfinite(nu) else {}
    present |= {"rho": rho} if rho else {}
    parameters = {name: np.full(filters, value) for name, value in present.items()}
    law = StudentT() if np.isfinite(nu) else Normal()
    specs = tuple(Measure(f"m{j}", True) for j in range(len(measures)))
    for spec, values in zip(specs, measures, strict=True):
        parameters |= dict(zip(spec.names, np.array(values)[:, None], strict=True))
    return filter_states(y, parameters, law, stream, log_measures=x, measures=specs)


X = np.array([[0.1, 2.0], [0.9, np.nan], [np.nan, np.nan], [-1.0, 1.0], [1.5, 2.2], [0.0, np.nan]])
MEASURES = ((0.3, 1.0, 0.4), (2.0, 0.5, 0.05))


@pytest.mark.parametrize("given", [{}, {"x": X, "measures": MEASURES}], ids=["alone", "measured"])
@PARAMETERS
def test_filter_is_its_plain_twin(theta, given):
    kept = filtered(Y, theta, 1, np.random.Generator(np.random.SFC64(1)), **given)
    twin = plain_filter(Y, theta, np.random.Generator(np.random.SFC64(1)), 256, 16, **given)
    np.testing.assert_allclose(kept, twin, rtol=1e-5, atol=1e-6)


def test_particles_are_taken_as_often_as_their_weights_say():
    """Each but for rounding up or down, also where one has all the weight."""
    stream = np.random.default_rng(1)
    log_weights = 3.0 * stream.normal(size=(200, 40)) - 800.0
    log_weights[:5], log_weights[:5, 7] = -np.inf, 0.0
    values = np.tile(np.arange(40.0), (200, 1))
    for start in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        found = taken(values, log_weights, np.full((200, 1), start))
        assert (np.diff(found, axis=1) >= 0).all()
        shares = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        expected = 40.0 * shares / shares.sum(axis=1, keepdims=True)
        counts = (found[:, :, None] == np.arange(40.0)).sum(axis=1)
        assert (np.abs(counts - expected) < 1.0 + 1e-9).all()
        assert (found[:5] == 7.0).all()


def grid_filter(y, theta, n=1201):
    """Distribution of h given returns up to its own, on a grid: a row for each time."""
    mean, mu, phi, sigma, nu, rho = theta
    sd = sigma / math.sqrt(1 - phi**2)
    h = np.linspace(mu - 9 * sd, mu + 9 * sd, n)
    prior = stats.norm.pdf(h, mu, sd)
    rows = []
    for value in y:
        present = not np.isnan(value)
        rows.append(prior * (np.exp(log_likelihood(value, h, mean, nu)) if present else 1.0))
        rows[-1] = rows[-1] / rows[-1].sum()
        centre, spread = (mu + phi * (h - mu))[:, None], sigma
        moved = np.zeros((n, n))
        # tau given the return is inverse gamma: at the middles of 101 equally likely pieces.
        pieces = (np.arange(101) + 0.5) / 101 if np.isfinite(nu) and rho and present else [0.5]
        for piece in pieces:
            if present and rho:
                error = (value - mean) * np.exp(-0.5 * h)
                if np.isfinite(nu):
                    rate = 0.5 * (nu - 2 + error**2)
                    error = error * np.sqrt(stats.gamma.ppf(piece, 0.5 * (nu + 1)) / rate)
                centre = (mu + phi * (h - mu) + sigma * rho * error)[:, None]
                spread = sigma * math.sqrt(1 - rho**2)
            moved += stats.norm.pdf(h[None, :], centre, spread) / len(pieces)
        prior = rows[-1] @ moved
    return h, np.array(rows)


@pytest.mark.slow
@PARAMETERS
def test_filter_has_the_distribution_of_a_grid(theta):
    """Mean and three probabilities, 600 filters; a false alarm has probability 1e-5.

    With 256 particles a filter is biased by some parts in a thousand, which are allowed for.
    """
    h, exact = grid_filter(Y, theta, 601 if theta == BOTH else 1201)
    filters = 600
    stream = np.random.Generator(np.random.SFC64(2))
    draws = filtered(Y, theta, filters, stream).reshape(filters, 16, Y.size)
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

    def draws(y):
        return filtered(y, theta, 3, np.random.Generator(np.random.SFC64(3)))

    whole, other = draws(Y), draws(np.concatenate([Y[:4], future]))
    np.testing.assert_array_equal(whole[:, :4], other[:, :4])
