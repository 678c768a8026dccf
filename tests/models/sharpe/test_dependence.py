"""The posterior of how much more a sum varies than one of independent terms."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.settings import Settings
from puffin.models.sharpe.dependence import long_run_ratio

SETTINGS = Settings(5000, 0, 4, None, 1, False)


def moving_average(size, weights, seed):
    return np.convolve(
        np.random.default_rng(seed).normal(size=size + len(weights) - 1), weights, "valid"
    )


def autoregression(size, rho, seed):
    shocks, values = np.random.default_rng(seed).normal(size=size), np.empty(size)
    values[0] = shocks[0] / np.sqrt(1.0 - rho**2)
    for t in range(1, size):
        values[t] = rho * values[t - 1] + shocks[t]
    return values


@pytest.mark.parametrize(
    ("series", "truth"),
    [
        (lambda size, seed: np.random.default_rng(seed).normal(size=size), 1.0),
        (lambda size, seed: moving_average(size, np.ones(3), seed), 3.0),
        (lambda size, seed: moving_average(size, np.array([0.5, 0.3, 0.2]), seed), 1.0 / 0.38),
        (lambda size, seed: autoregression(size, 0.4, seed), 1.4 / 0.6),
        (lambda size, seed: autoregression(size, -0.2, seed), 0.8 / 1.2),
    ],
    ids=["independent", "MA(3)", "smoothed", "AR(0.4)", "AR(-0.2)"],
)
def test_kappa_is_found(series, truth):
    """Its median is within 15% of the truth on average over 40 series of 2,000."""
    medians = []
    for seed in range(40):
        ratio = long_run_ratio(series(2000, seed))
        medians.append(np.interp(0.5, ratio.cumulative, ratio.log_ratios))
    assert np.mean(medians) == pytest.approx(np.log(truth), abs=0.15)


def test_posterior_is_the_prior_times_chi_square_on_a_grid():
    influence = moving_average(150, np.ones(2), 3)
    ratio = long_run_ratio(influence)
    density = np.diff(ratio.cumulative, prepend=0.0)
    assert density.sum() == pytest.approx(1.0)
    # The likelihood that is left when the prior is taken out: -B/2 (log k + estimate / k).
    prior = long_run_ratio(np.zeros(150))
    inside = density > 1e-12
    left = np.log(density[inside]) - np.log(np.diff(prior.cumulative, prepend=0.0)[inside])
    log_ratios = ratio.log_ratios[inside]
    design = np.column_stack([np.ones(inside.sum()), log_ratios, np.exp(-log_ratios)])
    _, slope, weight = np.linalg.lstsq(design, left)[0]
    assert slope == pytest.approx(-0.5 * int(0.6 * 150 ** (2 / 3)), rel=1e-6)
    assert 1.3 < weight / slope < 3.0


def test_draws_follow_the_posterior_and_the_seed():
    ratio = long_run_ratio(autoregression(300, 0.3, 1))
    draws = ratio.draw(SETTINGS)
    assert draws.shape == (4, 5000)
    np.testing.assert_array_equal(draws, ratio.draw(SETTINGS))
    # Five standard errors of 20,000 draws of a probability.
    for prob in (0.1, 0.5, 0.9):
        at = np.exp(np.interp(prob, ratio.cumulative, ratio.log_ratios))
        assert abs(np.mean(draws < at) - prob) < 5 * 0.5 / np.sqrt(20_000)
    assert ratio.factor == pytest.approx(np.sqrt(draws.mean()), rel=0.02)


def test_scale_and_sign_do_not_matter():
    influence = autoregression(200, 0.3, 2)
    one, other = long_run_ratio(influence), long_run_ratio(-1e6 * influence)
    np.testing.assert_allclose(one.cumulative, other.cumulative, atol=1e-9)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 9])
def test_few_returns_leave_the_prior(size):
    ratio = long_run_ratio(np.random.default_rng(4).normal(size=size))
    assert np.isfinite(ratio.factor)
    assert 1.0 < ratio.factor < 2.0
