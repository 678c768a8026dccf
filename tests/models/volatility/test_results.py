"""What a fitted volatility model says: paths, residuals, containers.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np

from puffin.laws import LAWS
from puffin.posterior import highest_density_interval
from tests.models.volatility.kinds import ALL_AT_LENGTH, DATES, returns_of


@ALL_AT_LENGTH
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


@ALL_AT_LENGTH
def test_residuals_are_of_the_draws(fits, distribution, leverage):
    model = fits[distribution, leverage]
    h, mean = model.posterior.flat("h").astype(np.float64), model.posterior.flat("mean")
    exact = ((returns_of().to_numpy() - mean[:, None]) * np.exp(-0.5 * h)).mean(axis=0)
    np.testing.assert_allclose(model.residuals(), exact, rtol=1e-6, atol=1e-9)
    assert model.residuals().index.equals(DATES)
    assert 0.7 < model.residuals().std() < 1.2


@ALL_AT_LENGTH
def test_idata(fits, distribution, leverage):
    model = fits[distribution, leverage]
    posterior = model.idata["posterior"]
    names = {"mean", "mu", "phi", "sigma", "h", "h_last", "h_next"}
    names |= set(LAWS[distribution].shape_names)
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
    assert 400 < diagnostics["ess_squares"] < diagnostics["ess_bulk"]
    assert 0 < diagnostics["acceptance"] <= 1
    assert diagnostics["states_kept_every"] == 1
    assert set(summary.index) == names - {"h", "h_last", "h_next"} | {"volatility_forecast"}
    limits = [(summary["mean"] > summary["hdi_low"]), (summary["mean"] < summary["hdi_high"])]
    assert np.all(limits)
