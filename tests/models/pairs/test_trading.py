"""`BayesianPairsTrading`: what it promises of hedge ratios, whatever prices it is given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.rolling_regression import rolling_regression
from puffin.models.bayesian import BayesianPairsTrading, PairsPriors
from tests.models.pairs.simulated_pair import METHODS, WINDOW, fitted, pair
from tests.slowly import slowly

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


def test_rolling_by_the_regression_of_its_window():
    """Row 70 is what `rolling_regression` says of rows 50 to 69."""
    y, x = pair()
    prior = RegressionPrior(1.0, 1.0, 1.0, 1e-6, np.inf)
    for errors in ("iid", "ar1"):
        _, table = fitted(y, x, errors=errors)
        found = rolling_regression(
            x.to_numpy()[50:71, None], y.to_numpy()[50:71], 20, prior,
            scale=None, autoregressive=errors == "ar1",
        )  # fmt: skip
        row = table.iloc[70]
        assert row["hedge_ratio_mean"] == found.mean[0, 1]
        assert row["hedge_ratio_std"] == found.sd[0, 1]
        assert row["intercept_mean"] == found.mean[0, 0]
        assert row["forecast_mean"] == found.forecast_mean[0]
        assert row["forecast_sd"] == found.forecast_sd[0]


@pytest.mark.slow
@pytest.mark.parametrize("options", METHODS)
@given(cut=st.integers(WINDOW + 1, 119), log_prices=st.booleans(), hedges=st.integers(1, 2))
@settings(max_examples=12)
def test_the_future_changes_nothing_bit_for_bit(options, cut, log_prices, hedges):
    """Hedge ratios, spreads, z-scores of both kinds, signals; filtered paths after the warm-up."""
    y, x = pair(hedges=hedges)
    y = y.copy()
    y.iloc[[5, 40]] = np.nan
    options = options | {"log_prices": log_prices}
    if y.iloc[:cut].notna().sum() <= WINDOW:
        cut = WINDOW + 3
    whole, table = fitted(y, x, **options)
    part, early = fitted(y.iloc[:cut], x.iloc[:cut], **options)
    pd.testing.assert_frame_equal(early, table.iloc[:cut], check_exact=True, check_freq=False)
    for zscore in ("rolling", "forecast"):
        choice = {"zscore": zscore, "zscore_window": 5}
        pd.testing.assert_series_equal(
            part.zscore(**choice), whole.zscore(**choice).iloc[:cut], check_exact=True,
            check_freq=False,
        )  # fmt: skip
        signals = [one.generate_signals(None, 1.0, 0.3, **choice) for one in (part, whole)]
        np.testing.assert_array_equal(signals[0], signals[1].iloc[:cut])
    if options["method"] == "state-space":
        np.testing.assert_array_equal(part.hedge_path(), whole.hedge_path().iloc[:cut])


@pytest.mark.parametrize("options", METHODS)
@pytest.mark.parametrize("factor", [*slowly(1e-8, 100.0), 1e8])
def test_units_change_the_hedge_ratio_and_nothing_else(options, factor):
    y, x = pair()
    one, table = fitted(y, x, **options)
    other, of_y = fitted(y * factor, x, **options)
    _, of_x = fitted(y, x * factor, **options)
    for name in ("hedge_ratio_mean", "hedge_ratio_std"):
        np.testing.assert_allclose(of_y[name], table[name] * factor, rtol=1e-6)
        np.testing.assert_allclose(of_x[name], table[name] / factor, rtol=1e-6)
    for name in ("spread", "intercept_mean", "forecast_mean", "forecast_sd"):
        np.testing.assert_allclose(of_y[name], table[name] * factor, rtol=1e-5)
        np.testing.assert_allclose(of_x[name], table[name], rtol=1e-5)
    assert other.prob_mean_reverting == pytest.approx(one.prob_mean_reverting, abs=1e-5)
    assert other.generate_signals().equals(one.generate_signals())


def test_logarithms():
    y, x = pair()
    one, table = fitted(np.log(y), np.log(x))
    other, logged = fitted(y, x, log_prices=True)
    pd.testing.assert_frame_equal(logged, table)
    assert other.prob_mean_reverting == one.prob_mean_reverting


@pytest.mark.parametrize("options", METHODS)
def test_prior_scale_as_a_number(options):
    """The same model in other units: prices and scale by 7, and the answers by 7 and by 1."""
    y, x = pair()
    _, table = fitted(y, x, priors=PairsPriors(scale=50.0), **options)
    _, other = fitted(y * 7, x * 7, priors=PairsPriors(scale=350.0), **options)
    assert np.isfinite(table.iloc[WINDOW:]).all().all()
    for name in ("hedge_ratio_mean", "hedge_ratio_std", "forecast_error"):
        np.testing.assert_allclose(other[name], table[name], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(other["spread"], table["spread"] * 7, rtol=1e-5)


def test_arrays_polars_and_frames():
    y, x = pair(hedges=2)
    _, table = fitted(y, x)
    arrays = fitted(y.to_numpy(), x.to_numpy())[1]
    assert list(arrays.filter(like="mean_")) == ["hedge_ratio_mean_x0", "hedge_ratio_mean_x1"]
    assert arrays.index.equals(pd.RangeIndex(120))
    np.testing.assert_array_equal(arrays, table)
    pd.testing.assert_frame_equal(fitted(y.to_frame(), x)[1], table)
    np.testing.assert_array_equal(fitted(y.to_list(), x.to_numpy().tolist())[1], table)
    polars = pytest.importorskip("polars")
    frames = [polars.from_pandas(part.reset_index()) for part in (y.to_frame(), x)]
    model = BayesianPairsTrading()
    found = model.fit_dynamic_hedge(*frames, WINDOW, date="date")
    np.testing.assert_array_equal(found, table)
    assert list(found) == list(table)
    assert found.index.equals(table.index)


def test_x_is_put_on_the_dates_of_y():
    y, x = pair()
    longer = pd.concat([x, pd.Series([1e6], x.index[-1:] + pd.Timedelta(days=30), name="PEP")])
    _, table = fitted(y.iloc[10:], longer)
    pd.testing.assert_frame_equal(table, fitted(y.iloc[10:], x.iloc[10:])[1], check_freq=False)
    _, gap = fitted(y, x.drop(x.index[70]))
    assert np.flatnonzero(gap.isna().all(axis=1)).tolist() == [*range(WINDOW), 70]
    _, zoned = fitted(
        y.tz_localize("America/New_York"), x.tz_localize("America/New_York").tz_convert("UTC")
    )
    np.testing.assert_array_equal(zoned, fitted(y, x)[1])
    assert str(zoned.index.tz) == "America/New_York"


def test_rows_of_a_slice_keep_their_numbers():
    y, x = (part.reset_index(drop=True) for part in pair())
    _, table = fitted(y.iloc[10:], x.iloc[10:])
    assert table.index.equals(pd.RangeIndex(10, 120))
    with pytest.raises(ValueError, match="y has the rows 10 to 119 and x 0 to 109"):
        fitted(y.iloc[10:], x.iloc[:-10])


class TestErrors:
    """Each names the argument, what was found, and what to do."""

    @pytest.mark.parametrize("options", METHODS)
    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            (lambda y, x: (y, x, 120), ValueError,
             "window is 120, and y .KO. and x .PEP. have 120 rows .* there must be more"),
            (lambda y, x: (y, x, 3), ValueError, r"window must be at least 4 with 1 h.*found 3"),
            (lambda y, x: (y, x, 20.0), TypeError, "window must be a whole number"),
            (lambda y, x: (y.iloc[:-1].to_numpy(), x.to_numpy(), 20), ValueError,
             "y has 119 rows and x has 120; without dates on both they must match"),
            (lambda y, x: (y, x.shift(freq="3650D"), 20), ValueError,
             "share no dates: y runs from 2020-01-01 to .* x from 20"),
            (lambda y, x: (y, x.tz_localize("UTC"), 20), ValueError, "with a time zone or without"),
            (lambda y, x: (y.iloc[::-1], x, 20), ValueError, "y is not in order of time"),
            (lambda y, x: (y, pd.concat([x, x]), 20), ValueError, "x repeats 120 of its dates"),
            (lambda y, x: (y, x.where(x.index != x.index[7], np.inf), 20), ValueError,
             "x has 1 infinite value, first at row 7"),
            (lambda y, x: (y.astype(str), x, 20), TypeError, "y must hold numbers"),
            (lambda y, x: ("KO", x, 20), TypeError, "y must hold numbers; found text"),
            (lambda y, x: (pd.concat([y, y], axis=1), x, 20), ValueError, "y must be one series"),
            (lambda y, x: (y, pd.concat([x, x], axis=1), 20), ValueError,
             "x has more than one column named 'PEP'; rename one"),
            (lambda y, x: (y, x[:0], 20), ValueError, "share no dates: one of them is empty"),
            (lambda y, x: (y * np.nan, x, 20), ValueError, "have 0 rows in which no"),
        ],
    )  # fmt: skip
    def test_prices(self, options, change, error, message):
        with pytest.raises(error, match=message):
            fitted(*change(*pair()), **options)

    @pytest.mark.parametrize("errors", ["iid", "ar1"])
    @pytest.mark.parametrize("which", ["y", "x"])
    def test_a_halted_stock(self, which, errors):
        y, x = pair()
        halted = y if which == "y" else x
        halted.iloc[50:75] = 61.5
        message = (
            rf"{which} \({halted.name}\) stands still at 61\.5 in the 20 rows from 2020-03-11 to "
            r"2020-04-07; a hedge ratio needs prices that move. Use a longer window, or put NaN"
        )
        with pytest.raises(ValueError, match=message):
            fitted(y, x, errors=errors)
        assert np.isfinite(fitted(y, x, 30, errors=errors)[1].iloc[30:]).all().all()
        assert np.isfinite(fitted(y, x, method="state-space")[1].iloc[20:]).all().all()
        halted.iloc[:20] = 61.5
        with pytest.raises(ValueError, match=r"still at 61\.5 in the 20 rows from 2020-01-01"):
            fitted(y, x, method="state-space")

    @pytest.mark.parametrize("value", [0.0, -3.0])
    def test_logarithms(self, value):
        y, x = pair()
        x.iloc[30] = value
        message = rf"x has 1 prices? that (is|are) not above zero, first {value:g} at 2020-02-12"
        with pytest.raises(ValueError, match=message):
            fitted(y, x, log_prices=True)
        assert np.isfinite(fitted(y, x)[1].iloc[20:]).all().all()

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"method": "kalman"}, ValueError, "method must be one of 'rolling', 'state-space'"),
            ({"engine": "stan"}, ValueError, "engine must be one of"),
            ({"errors": "ar2"}, ValueError, "errors must be one of 'iid', 'ar1'"),
            ({"method": "state-space", "errors": "ar1"}, ValueError, "errors='ar1' is for method"),
            ({"log_prices": 1}, TypeError, "log_prices must be True or False; found 1"),
            ({"priors": {}}, TypeError, "priors must be PairsPriors"),
        ],
    )
    def test_arguments_of_the_model(self, options, error, message):
        with pytest.raises(error, match=message):
            BayesianPairsTrading(**options)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"alpha_sd": 0.0}, "alpha_sd must be above zero"),
            ({"sigma_freedom": 2.0}, "sigma_freedom must be above 2"),
            ({"alpha_walk": (1.0, 0.1)}, "alpha_walk must be the least and the greatest"),
            ({"beta_walk": (0.0, 0.1)}, "beta_walk must be the least and the greatest"),
            ({"n_walks": 1}, "n_walks must be a whole number of at least 2"),
            ({"scale": -1.0}, "scale must be above zero"),
        ],
    )
    def test_priors(self, options, message):
        with pytest.raises(ValueError, match=message):
            PairsPriors(**options)

    def test_a_failed_fit_leaves_the_one_before(self):
        y, x = pair()
        model, table = fitted(y, x)
        with pytest.raises(ValueError, match="window is 500"):
            model.fit_dynamic_hedge(y, x, 500)
        pd.testing.assert_frame_equal(model.hedge, table)

    def test_what_belongs_to_the_other_method(self):
        model, _ = fitted(*pair())
        with pytest.raises(ValueError, match="hedge_path is of method='state-space'"):
            model.hedge_path()
        with pytest.raises(ValueError, match="posterior is of method='state-space'"):
            _ = model.posterior
        short, _ = fitted(*pair(50))
        assert not short.has_stability
        with pytest.raises(ValueError, match="at least 3 disjoint windows; found 2 of 20 rows"):
            short.hedge_stability()
