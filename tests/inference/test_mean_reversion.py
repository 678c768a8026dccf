from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from puffin.inference.mean_reversion import reversion_posterior


def ar1(phi, size, seed=1, sd=1.0, level=0.0):
    stream = np.random.default_rng([size, seed])
    s = np.zeros(size)
    s[0] = stream.normal() / np.sqrt(1 - phi**2) if phi < 1 else 0.0
    for t in range(1, size):
        s[t] = phi * s[t - 1] + stream.normal()
    return level + sd * s


def by_brute_force(s):
    """Probability of mean reversion, mean and median of phi: sums over (m, sigma, phi).

    The densities are those of the steps given the first value, and of m and phi, as they stand;
    sigma has 1 / sigma in both models, a sum over log sigma.
    """
    now, before = s[1:], s[:-1]
    N, unit = now.size, np.sqrt(np.mean(np.diff(s) ** 2))
    log_sigma = np.log(unit) + np.linspace(-3, 3, 161)
    sigma = np.exp(log_sigma)
    step = log_sigma[1] - log_sigma[0]
    shift = N * np.log(unit)
    walk = np.exp(-N * log_sigma - 0.5 * np.sum(np.diff(s) ** 2) / sigma**2 + shift).sum() * step

    def given_phi(phi):
        # m has a scale of its own at each (sigma, phi): far out as phi nears 1.
        spread = 1 / np.sqrt((1 - phi**2) + N * (1 - phi) ** 2)
        middle = ((1 - phi**2) * s[0] + (1 - phi) * np.sum(now - phi * before)) * spread**2
        z = np.linspace(-10, 10, 161)
        m = middle + sigma[:, None] * spread * z
        residual = now - phi * before - m[..., None] * (1 - phi)
        prior = (
            np.sqrt((1 - phi**2) / (2 * np.pi))
            / sigma[:, None]
            * np.exp(-0.5 * (1 - phi**2) * (m - s[0]) ** 2 / sigma[:, None] ** 2)
        )
        likelihood = np.exp(
            -N * log_sigma[:, None]
            - 0.5 * np.sum(residual**2, axis=2) / sigma[:, None] ** 2
            + shift
        )
        inside = (likelihood * prior).sum(axis=1) * (z[1] - z[0]) * sigma * spread
        return inside.sum() * step

    points, weights = np.polynomial.legendre.leggauss(120)
    # Nodes crowd towards 1, where the mass of a near walk is.
    phi = np.sin(0.25 * np.pi * (points + 1))
    density = np.array([given_phi(one) for one in phi])
    mass = weights * 0.25 * np.pi * np.cos(0.25 * np.pi * (points + 1)) * density
    reverting = mass.sum()
    return reverting / (reverting + walk), mass @ phi / reverting


@pytest.mark.parametrize(
    ("phi", "size", "sd", "level"),
    [(0.0, 12, 1.0, 0.0), (0.6, 30, 0.01, 5.0), (0.9, 60, 100.0, -1e4), (1.0, 40, 1.0, 50.0)],
)
def test_against_brute_force(phi, size, sd, level):
    s = ar1(phi, size, sd=sd, level=level)
    found = reversion_posterior(s)
    probability, mean = by_brute_force(s)
    assert found.probability == pytest.approx(probability, abs=1e-6)
    assert found.phi.mean() == pytest.approx(mean, abs=1e-4)  # of 4,000 quantiles


def test_by_hand():
    """s = 0, 1, 0: steps 1 and -1. With v = (1, -phi), N = 2 and k = (1 - phi) / (1 + phi):

    sum v^2 = 1 + phi^2, (sum v)^2 = (1 - phi)^2, against 2 for the walk, all to the power -1.
    """

    def ratio(phi):
        k = (1 - phi) / (1 + phi)
        squares = 1 + phi**2 - k / (1 + 2 * k) * (1 - phi) ** 2
        return 2.0 / squares / np.sqrt(1 + 2 * k)

    factor = integrate.quad(ratio, 0, 1)[0]
    found = reversion_posterior(np.array([0.0, 1.0, 0.0]))
    assert found.probability == pytest.approx(factor / (1 + factor), rel=1e-6)


def test_units_and_level_change_nothing():
    s = ar1(0.7, 100)
    one, other = reversion_posterior(s), reversion_posterior(3.0 + 1e-4 * s)
    assert other.probability == pytest.approx(one.probability, rel=1e-9)
    np.testing.assert_allclose(other.phi, one.phi, rtol=1e-9)
    mirrored = reversion_posterior(-s)
    assert mirrored.probability == one.probability


def test_extremes_are_finite():
    """What a spread may be: a line, an alternation, one jump, a decay, a late start."""
    t = np.arange(50.0)
    for s in (t, (-1.0) ** t, 1.0 * (t > 25), 0.5**t, np.where(t < 40, 0.0, t), 1e9 + t % 2):
        found = reversion_posterior(s)
        assert 0.0 <= found.probability <= 1.0
        assert np.isfinite(found.phi).all()
        assert ((found.phi > 0) & (found.phi < 1)).all()
        assert np.all(np.diff(found.phi) >= 0)
    assert reversion_posterior(t).probability < 0.2
    assert reversion_posterior((-1.0) ** t).probability > 0.99


def test_it_finds_what_reverts_and_what_does_not():
    assert reversion_posterior(ar1(0.8, 500)).probability > 0.999
    assert reversion_posterior(ar1(1.0, 2_000)).probability < 0.2
    phi = reversion_posterior(ar1(0.8, 2_000)).phi
    assert abs(np.median(phi) - 0.8) < 5 * np.sqrt((1 - 0.8**2) / 2_000)
