from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.inference import rolling_regression as module
from puffin.inference.linear_regression import RegressionPrior, sample_linear_regression
from puffin.inference.rolling_regression import rolling_regression
from puffin.inference.settings import Settings
from puffin.models.pairs.priors import PairsPriors
from tests.inference.plain_rolling_regression import by_covariance, by_grid
from tests.inference.rolling_prices import prices
from tests.slowly import slowly

PRIOR = RegressionPrior(1.0, 1.0, 1.0, 1e-6, np.inf)


TIGHT = RegressionPrior(0.3, 0.5, 0.4, 1e-6, np.inf)


FIELDS = ("mean", "sd", "forecast_mean", "forecast_sd", "rho", "residual_autocorrelation")


def fit(X, y, window, prior=PRIOR, *, scale=None, autoregressive=False):
    return rolling_regression(X, y, window, prior, scale=scale, autoregressive=autoregressive)


def assert_same(found, expected, tolerance, row=0):
    """Compare means by the sds, sds by themselves; (mean, sd, forecast, its sd, rho)."""
    mean, sd, forecast, forecast_sd, rho = expected
    # The intercept's sd is less exact under AR(1), and said to be.
    assert np.max(np.abs((found.mean[row] - mean) / sd)[1:]) < tolerance
    assert np.max(np.abs(found.sd[row] / sd - 1)[1:]) < tolerance
    assert abs(found.mean[row, 0] - mean[0]) < max(tolerance, 3e-5) * sd[0]
    assert abs(found.sd[row, 0] / sd[0] - 1) < 0.02
    assert abs(found.forecast_mean[row] - forecast) < tolerance * forecast_sd
    assert abs(found.forecast_sd[row] / forecast_sd - 1) < tolerance
    assert abs(found.rho[row] - rho) < tolerance


@pytest.mark.parametrize("scale", [None, 5.0])
@pytest.mark.parametrize("noise", [0.3, 1.0, 30.0])
@pytest.mark.parametrize("window", [20, 60])
def test_posterior_is_that_of_a_sum_over_a_grid(window, noise, scale):
    """Intercept, hedge ratio and sigma on a grid; no algebra in common."""
    # At a level of 100 and a scale of 5 intercept and hedge ratio would be one long ridge.
    X, y = prices(window + 1, noise=noise, level=100.0 if scale is None else 3.0)
    found = fit(X, y, window, scale=scale)
    mean, sd = by_grid(X[:-1], y[:-1], PRIOR, scale)
    assert np.max(np.abs((found.mean[0] - mean) / sd)) < 1e-6
    assert np.max(np.abs(found.sd[0] / sd - 1)) < 1e-6


@pytest.mark.parametrize("prior", [PRIOR, TIGHT])
@pytest.mark.parametrize("scale", [None, 100.0])
@pytest.mark.parametrize(("window", "noise"), [(4, 1.0), (8, 0.1), (60, 0.01), (60, 3.0)])
def test_posterior_is_that_of_the_dense_gaussian(window, noise, scale, prior):
    X, y = prices(window + 1, noise=noise)
    expected = by_covariance(X[:-1], y[:-1], X[-1], prior, scale)
    assert_same(fit(X, y, window, prior, scale=scale), expected, 1e-6)


@pytest.mark.parametrize("scale", [None, 100.0])
@pytest.mark.parametrize("phi", [-0.8, 0.0, 0.8, 1.0])
@pytest.mark.parametrize(("window", "noise"), [(8, 1.0), (20, 0.3), (60, 1.0), (60, 0.03)])
def test_autoregressive_posterior_is_that_of_the_dense_gaussian(window, noise, phi, scale):
    X, y = prices(window + 1, noise=noise, phi=phi)
    expected = by_covariance(X[:-1], y[:-1], X[-1], PRIOR, scale, autoregressive=True)
    assert_same(fit(X, y, window, scale=scale, autoregressive=True), expected, 2e-6)


@pytest.mark.parametrize("autoregressive", [False, True])
def test_several_hedges(autoregressive):
    X, y = prices(41, hedges=3, phi=0.5)
    expected = by_covariance(X[:-1], y[:-1], X[-1], PRIOR, autoregressive=autoregressive)
    assert_same(fit(X, y, 40, autoregressive=autoregressive), expected, 2e-6)


@pytest.mark.parametrize("autoregressive", [False, True])
def test_collinear_hedges_share_their_effect(autoregressive):
    """Of x and 2 x only the sum of the standardised coefficients is known; the prior does the rest.

    In standardised units the two coefficients are exchangeable, their sum has the posterior of a
    single one with prior sd sqrt(2), and their difference that of the prior, sd sqrt(2).
    """
    X, y = prices(41, phi=0.5)
    found = fit(np.column_stack([X, 2 * X]), y, 40, autoregressive=autoregressive)
    assert found.mean[0, 1] == pytest.approx(2 * found.mean[0, 2], rel=1e-9)
    wide = RegressionPrior(1.0, np.sqrt(2.0), 1.0, 1e-6, np.inf)
    single = fit(X, y, 40, wide, autoregressive=autoregressive)
    assert found.mean[0, 1] + 2 * found.mean[0, 2] == pytest.approx(single.mean[0, 1], rel=1e-8)
    unit = y[:40].std() / X[:40, 0].std()
    half = np.sqrt(single.sd[0, 1] ** 2 / 4 + unit**2 * 2.0 / 4)
    assert found.sd[0, 1] == pytest.approx(half, rel=1e-6)
    np.testing.assert_allclose(found.forecast_mean[0], single.forecast_mean[0], rtol=1e-9)
    np.testing.assert_allclose(found.forecast_sd[0], single.forecast_sd[0], rtol=1e-6)


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("level", [1.0, 1e5])
def test_exact_fit(autoregressive, level):
    """sigma is at its floor, a millionth of y's sd; nothing is undefined."""
    X, _ = prices(61, level=level)
    y = 3.0 + 2.0 * X[:, 0]
    found = fit(X, y, 60, autoregressive=autoregressive)
    assert found.mean[0, 1] == pytest.approx(2.0, rel=1e-6)
    assert 0.0 < found.sd[0, 1] < 1e-5
    assert found.forecast_mean[0] == pytest.approx(y[60], rel=1e-8)
    assert 1e-6 < found.forecast_sd[0] / y[:60].std() < 2e-5
    for name in FIELDS:
        assert np.isfinite(getattr(found, name)[0]).all()


@pytest.mark.parametrize("prior", [PRIOR, TIGHT])
def test_moments_are_those_of_the_draws(prior):
    """`sample_linear_regression`, window by window; below 1e-5 in all by 5.5 standard errors."""
    X, y = prices(45, hedges=2, noise=2.0)
    found = fit(X, y, 40, prior, scale=50.0)
    for row in range(3):
        part = slice(row, row + 40)
        variables = sample_linear_regression(
            X[part] / 50.0, y[part] / 50.0, prior, Settings(50_000, 0, 2, None, row, False)
        ).variables
        alpha, beta = variables["alpha"].ravel() * 50.0, variables["beta"].reshape(-1, 2)
        draws = np.column_stack([alpha, beta])
        error = draws.std(axis=0) / np.sqrt(len(draws))
        assert np.all(np.abs(draws.mean(axis=0) - found.mean[row]) < 5.5 * error)
        kurtosis = stats.kurtosis(draws, axis=0) + 2
        relative = np.sqrt(kurtosis / (4 * len(draws)))
        assert np.all(np.abs(draws.std(axis=0) / found.sd[row] - 1) < 5.5 * relative)


@pytest.mark.parametrize("autoregressive", [False, *slowly(True)])
def test_nothing_is_lost_over_a_long_series_of_high_prices(autoregressive):
    """10,000 bars near 1e5 that move by 1: windows afresh, standardised in extended precision."""
    X, y = prices(2_000 if autoregressive else 10_000, level=1e5, noise=0.5, phi=0.5)
    found = fit(X, y, 60, autoregressive=autoregressive)
    for row in (0, 1, len(y) // 2, len(y) - 62, len(y) - 61):
        part = slice(row, row + 60)
        expected = by_covariance(
            X[part], y[part], X[row + 60], PRIOR, autoregressive=autoregressive
        )
        assert_same(found, expected, 2e-6, row)


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("factor", [1e-6, 7.0, 1e6])
def test_units(autoregressive, factor):
    """y in cents, x in cents: the hedge ratio is in the new units and nothing else changes."""
    X, y = prices(80, hedges=2, phi=0.6)
    one = fit(X, y, 60, autoregressive=autoregressive)
    of_y = fit(X, y * factor, 60, autoregressive=autoregressive)
    of_x = fit(X * factor, y, 60, autoregressive=autoregressive)
    ratios = slice(1, None)
    for name in ("mean", "sd"):
        known = getattr(one, name)
        np.testing.assert_allclose(getattr(of_y, name), known * factor, rtol=1e-8)
        np.testing.assert_allclose(getattr(of_x, name)[:, ratios] * factor, known[:, ratios], 1e-8)
    for name in ("forecast_mean", "forecast_sd"):
        np.testing.assert_allclose(getattr(of_y, name), getattr(one, name) * factor, rtol=1e-8)
        np.testing.assert_allclose(getattr(of_x, name), getattr(one, name), rtol=1e-8)
    np.testing.assert_allclose(of_y.rho, one.rho, atol=1e-8)
    shifted = fit(X + 50.0, y - 30.0, 60, autoregressive=autoregressive)
    np.testing.assert_allclose(shifted.mean[:, ratios], one.mean[:, ratios], rtol=1e-8)
    np.testing.assert_allclose(shifted.forecast_mean, one.forecast_mean - 30.0, rtol=1e-9)


@given(
    rows=st.integers(62, 90), window=st.integers(5, 60), hedges=st.integers(1, 2),
    autoregressive=st.booleans(), scale=st.sampled_from([None, 50.0]),
)  # fmt: skip
@settings(max_examples=30)
def test_prefixes_are_the_same_bit_for_bit(rows, window, hedges, autoregressive, scale):
    X, y = prices(90, hedges=hedges)
    options = {"scale": scale, "autoregressive": autoregressive}
    whole, part = fit(X, y, window, **options), fit(X[:rows], y[:rows], window, **options)
    count = rows - window
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(part, name)[:count], getattr(whole, name)[:count])


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("left_over", [0, 1, 2])
def test_windows_do_not_depend_on_what_is_done_at_once(autoregressive, left_over, monkeypatch):
    """Windows are worked off in chunks; one of a single window is still a chunk."""
    X, y = prices(20 + 7 * 2 + left_over - 1)
    options = {"autoregressive": autoregressive}
    at_once = fit(X, y, 20, **options)
    cost = max(20, 40 * (module._RHO_NODES if autoregressive else 1)) * 3
    monkeypatch.setattr(module, "_AT_ONCE", 7 * cost)
    chunked = fit(X, y, 20, **options)
    assert len(chunked.mean) == 14 + left_over
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(chunked, name), getattr(at_once, name))


def test_a_later_row_is_in_no_earlier_window():
    X, y = prices(80)
    changed = y.copy()
    changed[70] = 1e6
    one, other = fit(X, y, 20), fit(X, changed, 20)
    np.testing.assert_array_equal(one.mean[:51], other.mean[:51])
    assert not np.any(one.mean[51:, 1] == other.mean[51:, 1])
    assert np.isnan(one.forecast_mean[-1])


def test_residual_autocorrelation_is_that_of_the_residuals():
    X, y = prices(60, phi=0.7)
    found = fit(X, y, 60)
    residual = y - found.mean[0, 0] - X[:, 0] * found.mean[0, 1]
    expected = np.sum(residual[1:] * residual[:-1]) / np.sum(residual**2)
    assert found.residual_autocorrelation[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("rows", [30, 31, 60, 61, 62])
def test_windows_do_not_depend_on_how_many_are_computed_at_once(monkeypatch, autoregressive, rows):
    stream = np.random.default_rng(1)
    x = np.cumsum(stream.standard_normal((rows, 1)), axis=0)
    y = 2.0 * x[:, 0] + stream.standard_normal(rows)
    known = x.copy(), y.copy()

    def means():
        return module.rolling_regression(
            x, y, 30, PairsPriors().rolling, scale=None, autoregressive=autoregressive
        ).mean

    expected = means()
    assert expected.shape == (rows - 29, 2)
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    np.testing.assert_allclose(means(), expected, rtol=1e-9)
    np.testing.assert_array_equal(x, known[0])
    np.testing.assert_array_equal(y, known[1])
