"""What a fitted model of many assets says, against its draws and against the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from tests.models.multivariate.worlds import NAMES, fit, quick, simulated


def test_tables_of_one_date_and_of_all_agree():
    model = fit()
    for table in (model.covariance, model.correlation):
        every, date = table("smoothed"), model.fitted.panel.index[120]
        assert every.shape == (4 * 250, 4)
        one = table(date)
        np.testing.assert_allclose(every.loc[date], one, rtol=1e-12)
        np.testing.assert_allclose(table("2022-06-20"), one, rtol=1e-12)
    moments = model.covariance_moments("2022-06-20")
    np.testing.assert_allclose(moments.mean, model.covariance("2022-06-20"), rtol=1e-6)
    np.testing.assert_allclose(moments.correlation, model.correlation("2022-06-20"), rtol=1e-6)
    np.testing.assert_array_equal(np.diag(model.correlation()), np.ones(4))


def test_one_date_is_that_of_the_draws():
    draws, model = fit().fitted.draws, fit()
    B, v = draws.loadings[..., 0, :], np.exp(draws.h[:, :, 30].astype(float))
    of_ab = (B[..., 0] * B[..., 1] * v[..., 4]).mean()
    of_a = (B[..., 0] ** 2 * v[..., 4] + v[..., 0]).mean()
    found = model.covariance(model.fitted.panel.index[30])
    np.testing.assert_allclose(found.loc["A", ["B", "A"]], [of_ab, of_a], rtol=1e-9)
    path = model.portfolio_volatility({"A": 1.0})
    expected = np.sqrt(B[..., 0] ** 2 * v[..., 4] + v[..., 0]).mean()
    assert path["mean"].iloc[30] == pytest.approx(expected, rel=1e-9)


def test_truth_is_near():
    """Correlations in time and over pairs are found to a tenth, on average (they range over 1)."""
    returns, truth = simulated()
    sd = np.sqrt(np.einsum("tii->ti", truth))
    correlations = truth / (sd[:, :, None] * sd[:, None])
    found = fit().correlation("smoothed").to_numpy().reshape(250, 4, 4)
    assert np.abs(found - correlations)[60:].mean() < 0.1
    factors = fit().factors["factor1"].to_numpy()
    assert np.corrcoef(factors, returns[NAMES[:3]].sum(axis=1))[0, 1] > 0.9
    assert (fit().loadings["factor1"] > 0).tolist() == [True, True, True, False]


def test_diagnostics_and_summary_are_of_the_same_draws():
    model = fit()
    summary = model.summary()
    assert len(summary) == 4 * (3 + 4 + 1) + 2
    identified = [name for name in summary.index if name.startswith(("var", "cov", "comm"))]
    assert model.diagnostics["r_hat"] == pytest.approx(summary.loc[identified, "r_hat"].max())
    variance = summary.loc["variance[B]", "mean"]
    assert variance == pytest.approx(model.covariance("2022-12-16").loc["B", "B"], rel=1e-5)
    forecast = model.forecast()
    np.testing.assert_allclose(forecast["sd"], np.sqrt(np.diag(model.covariance())), rtol=1e-9)
    assert (forecast["3%"] < forecast["50%"]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model.covariance("filtered", 2), "horizon is of a forecast"),
        (lambda model: model.covariance(coming=simulated()[0]), "coming is for when='filtered'"),
        (lambda model: model.covariance("filtered", coming=simulated()[0]), "give the later ones"),
        (lambda model: model.correlation("2001-01-01"), "one of the returns' 250 labels"),
        (lambda model: model.covariance("smoothed", 3), "horizon is of a forecast"),
        (lambda model: model.covariance(horizon=0), "horizon must be"),
        (lambda model: model.portfolio({"Z": 1.0}), "Z"),
        (lambda model: model.plot_correlation("smoothed"), "name one to plot"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call(fit())


@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_dates_with_a_time_zone():
    """A date without one is of the returns' own clock, and new returns are in their zone."""
    returns = simulated(40)[0].tz_localize("America/New_York")
    model, date = quick(returns[:30], 20, 10), returns.index[5]
    for when in ("2022-01-10", pd.Timestamp("2022-01-10"), date, date.tz_convert("UTC")):
        pd.testing.assert_frame_equal(model.covariance(when), model.covariance(date))
        figure = model.plot_correlation(when)
        assert figure.axes[0].get_title(loc="left") == "Correlations of 2022-01-10"
    with pytest.raises(ValueError, match="one of the returns' 30 labels"):
        model.covariance("2022-01-09")
    with pytest.raises(ValueError, match="with a time zone or without"):
        model.update(returns[30:].tz_localize(None))
    model.update(returns[30:].tz_convert("UTC"))
    assert list(model.factors.index) == list(returns.index)
    assert model.factors.index.tz is returns.index.tz


def test_not_fitted():
    with pytest.raises(pf.NotFittedError, match="call fit first"):
        pf.MultivariateSV().covariance()


def test_a_figure_of_one_date():
    figure = fit().plot_correlation(pd.Timestamp("2022-06-20"))
    assert "2022-06-20" in figure.axes[0].get_title(loc="left")
    assert "next period" in fit().plot().axes[0].get_title(loc="left")


def test_without_factors_assets_move_alone():
    model = quick(simulated(30)[0].iloc[:, :2], samples=20, tune=10, factors=0)
    for table in (model.correlation(), model.correlation("2022-01-20")):
        np.testing.assert_array_equal(table, np.eye(2))
    assert model.covariance("smoothed").shape == (60, 2)
    assert model.loadings.shape == (2, 0)
    assert model.factors.shape == (30, 0)
    assert len(model.summary()) == 2 * (2 + 4)
    assert "0 factors" in repr(model)


def test_what_too_few_factors_miss_is_said():
    """Without factors it is all that assets share; with the one there is nothing is missed."""
    returns, _ = simulated()
    [*_, doubt] = quick(returns, samples=50, tune=50, factors=0).doubts
    correlation = returns.corr().to_numpy()[np.triu_indices(4, 1)]
    assert f"{correlation[np.abs(correlation).argmax()]:.2f} in the returns, 0.00 in" in doubt
    assert doubt.endswith("which misses what they share; take more factors.")
    assert not any("factors" in doubt for doubt in fit().doubts)
