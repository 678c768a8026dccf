"""`BayesianPairsTrading`: what it promises of hedge ratios, whatever prices it is given."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.rolling_regression import rolling_regression
from puffin.models.bayesian import AutocorrelationWarning, BayesianPairsTrading, PairsPriors
from puffin.models.pairs import hedging
from puffin.models.pairs.hedge_stability import variation_between_windows
from puffin.posterior import FallbackWarning
from tests.calibration import DRAWS, assert_uniform

METHODS = [
    {"method": "rolling"},
    {"method": "rolling", "errors": "ar1"},
    {"method": "state-space"},
]
QUICK = {"samples": 200, "chains": 2, "random_seed": 1}
WINDOW = 20

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


def pair(rows=120, *, hedges=1, phi=0.5, seed=1):
    """Prices near 50, named and dated; y follows the hedges with an AR(1) error."""
    stream = np.random.default_rng([rows, hedges, seed])
    dates = pd.bdate_range("2020-01-01", periods=rows, name="date")
    names = ["PEP", "MNST", "KDP"][:hedges]
    x = pd.DataFrame(50 + np.cumsum(stream.normal(size=(rows, hedges)), axis=0), dates, names)
    error = np.zeros(rows)
    for t in range(1, rows):
        error[t] = phi * error[t - 1] + 0.5 * stream.normal()
    y = pd.Series(10 + x.to_numpy().sum(axis=1) * 0.8 + error, dates, name="KO")
    return y, x if hedges > 1 else x["PEP"]


def fitted(y, x, window=WINDOW, **options):
    model = BayesianPairsTrading(**options)
    return model, model.fit_dynamic_hedge(y, x, window, **QUICK)


@pytest.mark.parametrize("options", METHODS)
@pytest.mark.parametrize("hedges", [1, 3])
def test_the_table(options, hedges):
    y, x = pair(hedges=hedges)
    model, table = fitted(y, x, **options)
    names = ["PEP", "MNST", "KDP"]
    suffixes = [""] if hedges == 1 else [f"_{name}" for name in names]
    ratios = [f"hedge_ratio_{kind}{suffix}" for suffix in suffixes for kind in ("mean", "std")]
    assert list(table) == [
        *ratios, "spread", "intercept_mean", "forecast_mean", "forecast_sd", "forecast_error",
    ]  # fmt: skip
    assert table.index.equals(y.index)
    assert table.index.name == "date"
    assert table.iloc[:WINDOW].isna().all().all()
    assert np.isfinite(table.iloc[WINDOW:]).all().all()
    assert (table.filter(like="_std").iloc[WINDOW:] > 0).all().all()
    X = x.to_frame() if hedges == 1 else x
    hedge = table[[f"hedge_ratio_mean{suffix}" for suffix in suffixes]].to_numpy()
    np.testing.assert_allclose(table["spread"], y - (hedge * X.to_numpy()).sum(axis=1))
    np.testing.assert_allclose(
        table["forecast_error"], (y - table["forecast_mean"]) / table["forecast_sd"]
    )
    pd.testing.assert_frame_equal(model.hedge, table)
    table.iloc[:] = 0.0
    assert not (model.hedge.iloc[WINDOW:] == 0.0).all().all()
    assert list(model.next_hedge.index) == [*ratios, "intercept_mean"]
    pd.testing.assert_series_equal(model.spread, model.hedge["spread"])
    assert "rolling" in repr(model) or "state-space" in repr(model)


@pytest.mark.parametrize("options", METHODS)
def test_next_hedge_is_that_of_the_row_to_come(options):
    y, x = pair()
    model, _ = fitted(y.iloc[:-1], x.iloc[:-1], **options)
    _, longer = fitted(y, x, **options)
    pd.testing.assert_series_equal(
        model.next_hedge, longer.iloc[-1][model.next_hedge.index], check_names=False, rtol=1e-12
    )


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
def test_a_row_does_not_know_itself(options):
    """Another price of the row moves its spread, and neither its hedge ratio nor its forecast."""
    y, x = pair()
    changed = y.copy()
    changed.iloc[60] += 100.0
    _, one = fitted(y, x, **options)
    _, other = fitted(changed, x, **options)
    known = ["hedge_ratio_mean", "hedge_ratio_std", "intercept_mean", "forecast_mean"]
    pd.testing.assert_series_equal(one.iloc[60][known], other.iloc[60][known], check_exact=True)
    assert other.iloc[60]["spread"] == pytest.approx(one.iloc[60]["spread"] + 100.0)
    assert other.iloc[61]["hedge_ratio_mean"] != one.iloc[61]["hedge_ratio_mean"]


@pytest.mark.parametrize("options", METHODS)
def test_rows_with_a_gap_are_as_if_deleted(options):
    y, x = pair(hedges=2)
    y, x = y.copy(), x.copy()
    y.iloc[[3, 50]] = np.nan
    x.iloc[[50, 51, 119], 0] = np.nan
    _, table = fitted(y, x, **options)
    gaps = y.isna() | x.isna().any(axis=1)
    _, deleted = fitted(y[~gaps], x[~gaps], **options)
    assert table[gaps].isna().all().all()
    pd.testing.assert_frame_equal(table[~gaps], deleted, check_exact=True, check_freq=False)


@pytest.mark.parametrize("options", METHODS)
@pytest.mark.parametrize("factor", [1e-8, 100.0, 1e8])
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
             "window is 120, and y and x have 120 rows .* there must be more"),
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
            (lambda y, x: (y * np.nan, x, 20), ValueError, "y and x have 0 rows in which no"),
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


class TestStateSpace:
    def test_posterior(self):
        y, x = pair(hedges=2)
        y = y.copy()
        y.iloc[30] = np.nan
        model, _ = fitted(y, x, method="state-space")
        posterior = model.posterior
        assert posterior is model.posterior
        assert posterior.variables["hedge_ratio"].shape == (2, 200, 119, 2)
        assert posterior.variables["intercept"].shape == (2, 200, 119)
        assert posterior.variables["sigma"].shape == (2, 200)
        data = posterior.idata["posterior"]
        assert list(data["hedge_ratio"].dims) == ["chain", "draw", "time", "hedge"]
        assert list(data["hedge"].values) == ["PEP", "MNST"]
        assert data["time"].to_index().equals(y.drop(y.index[30]).index)
        again = BayesianPairsTrading("state-space")
        again.fit_dynamic_hedge(y, x, WINDOW, **QUICK, cores=1)
        np.testing.assert_array_equal(
            again.posterior.flat("hedge_ratio"), posterior.flat("hedge_ratio")
        )

    def test_paths_fit_the_prices(self):
        """In the user's units: residuals of the draws have their sigma."""
        y, x = pair(200)
        model, _ = fitted(y, x, method="state-space")
        draws = {name: model.posterior.flat(name) for name in ("intercept", "hedge_ratio", "sigma")}
        residual = y.to_numpy() - draws["intercept"] - draws["hedge_ratio"][..., 0] * x.to_numpy()
        # 200 residuals a draw: their root mean square is sigma within 30%, beyond 6 sds.
        ratio = np.sqrt(np.mean(residual**2, axis=1)) / draws["sigma"]
        assert ratio.min() > 0.7
        assert ratio.max() < 1.3

    def test_filtered_and_smoothed(self):
        """The same at the last row; the smoothed one knows more before it."""
        y, x = pair(150, hedges=2)
        y = y.copy()
        y.iloc[70] = np.nan
        model = BayesianPairsTrading("state-space")
        table = model.fit_dynamic_hedge(y, x, WINDOW, samples=4000, chains=2, random_seed=1)
        filtered, smoothed = model.hedge_path(), model.hedge_path("smoothed")
        assert list(filtered) == list(smoothed) == list(table.filter(like="hedge_ratio"))
        assert filtered.index.equals(y.index)
        assert filtered.iloc[70].isna().all()
        assert filtered.drop(y.index[70]).notna().all().all()
        last = "hedge_ratio_mean_PEP", "hedge_ratio_std_PEP"
        mean, sd = filtered.iloc[-1][list(last)]
        assert abs(smoothed.iloc[-1][last[0]] - mean) < 5.5 * sd / np.sqrt(8000)
        assert smoothed.iloc[-1][last[1]] == pytest.approx(sd, rel=0.1)
        middle = slice(40, 110)
        assert smoothed[last[1]].iloc[middle].mean() < filtered[last[1]].iloc[middle].mean()
        # A row's prediction is the filtered state of the row before, with a step's variance more.
        assert table["hedge_ratio_mean_PEP"].iloc[100] == pytest.approx(
            filtered["hedge_ratio_mean_PEP"].iloc[99]
        )
        assert table["hedge_ratio_std_PEP"].iloc[100] > filtered["hedge_ratio_std_PEP"].iloc[99]

    def test_the_warm_up_gives_the_units_and_nothing_after_it(self):
        """The documented exception: filtered rows of the warm-up know all its prices."""
        y, x = pair()
        one, _ = fitted(y, x, method="state-space")
        changed = y.copy()
        changed.iloc[WINDOW - 1] += 5.0
        other, _ = fitted(changed, x, method="state-space")
        early = one.hedge_path().iloc[5] - other.hedge_path().iloc[5]
        assert (early != 0).all()
        scaled = {"method": "state-space", "priors": PairsPriors(scale=50.0)}
        one, other = fitted(y, x, **scaled)[0], fitted(changed, x, **scaled)[0]
        np.testing.assert_array_equal(
            one.hedge_path().iloc[: WINDOW - 1], other.hedge_path().iloc[: WINDOW - 1]
        )


class TestFallback:
    @pytest.mark.parametrize(
        ("method", "broken"),
        [("rolling", "rolling_regression"), ("state-space", "filter_coefficients")],
    )
    def test_rolling_least_squares(self, method, broken, monkeypatch):
        """Slope, and the sd of t with n - 2 degrees of freedom, by `linregress`."""

        def fail(*_, **__):
            raise SamplingError("injected")

        monkeypatch.setattr(hedging, broken, fail)
        y, x = pair()
        model = BayesianPairsTrading(method)
        with pytest.warns(FallbackWarning, match="injected.*least squares") as caught:
            table = model.fit_dynamic_hedge(y, x, WINDOW)
        assert caught[0].filename == __file__
        assert model.fitted_by == "rolling least squares"
        assert np.isfinite(table.iloc[WINDOW:]).all().all()
        known = stats.linregress(x.iloc[30:50], y.iloc[30:50])
        assert table["hedge_ratio_mean"].iloc[50] == pytest.approx(known.slope)
        assert table["hedge_ratio_std"].iloc[50] == pytest.approx(known.stderr * np.sqrt(18 / 16))
        assert table["intercept_mean"].iloc[50] == pytest.approx(known.intercept)
        assert set(model.generate_signals()) <= {-1, 0, 1}
        assert model.has_stability
        assert np.isfinite(model.hedge_stability()).all().all()
        if method == "state-space":
            with pytest.raises(ValueError, match="this fit is rolling least squares"):
                model.hedge_path()

    def test_a_filter_that_overflows_is_a_failure(self, monkeypatch):
        found = hedging.filter_coefficients

        def overflow(*arguments):
            filtered, grid = found(*arguments)
            filtered.forecast_variance[-1] = np.nan
            return filtered, grid

        monkeypatch.setattr(hedging, "filter_coefficients", overflow)
        with pytest.warns(FallbackWarning, match="overflowed"):
            BayesianPairsTrading("state-space").fit_dynamic_hedge(*pair(), WINDOW)

    def test_bad_input_is_not_a_failure(self, monkeypatch):
        y, x = pair()
        with pytest.raises(ValueError, match="y has 1 infinite"):
            fitted(y.where(y.index != y.index[3], np.inf), x)


class TestAutocorrelation:
    def test_it_warns_where_residuals_say_so(self):
        y, x = pair(400, phi=0.9)
        model = BayesianPairsTrading()
        with pytest.warns(AutocorrelationWarning, match=r"errors='ar1', or method") as caught:
            model.fit_dynamic_hedge(y, x, 60)
        assert caught[0].filename == __file__

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("options", METHODS)
    def test_it_does_not_of_white_residuals(self, options, seed):
        """White noise: a median over windows above 2 / sqrt(60) has not been seen in 2,000."""
        y, x = pair(400, phi=0.0, seed=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("error", AutocorrelationWarning)
            BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, 60)
        if options != {"method": "rolling"}:
            y, x = pair(400, phi=0.9)
            with warnings.catch_warnings():
                warnings.simplefilter("error", AutocorrelationWarning)
                BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, 60)

    def test_coverage(self):
        """Errors AR(1) at 0.8, x a random walk, a window of 60: how many 94% intervals hold.

        iid: 55%; ar1: 94%. Binomial bounds of 600 windows, false alarms below 1e-4 each.
        """
        windows = 600
        held = {False: 0, True: 0}
        for seed in range(windows):
            stream = np.random.default_rng([11, seed])
            x = np.cumsum(stream.normal(size=60))
            error = np.empty(60)
            error[0] = stream.normal() / 0.6
            for t in range(1, 60):
                error[t] = 0.8 * error[t - 1] + stream.normal()
            y = 3.0 + 0.8 * x + error
            for ar1 in held:
                found = rolling_regression(
                    x[:, None], y, 60, PairsPriors().rolling, scale=None, autoregressive=ar1
                )
                held[ar1] += abs(found.mean[0, 1] - 0.8) < 1.8808 * found.sd[0, 1]
        for ar1, expected in ((False, 0.55), (True, 0.94)):
            low, high = stats.binom(windows, expected).ppf([5e-5, 1 - 5e-5])
            assert low <= held[ar1] <= high, held


class TestStability:
    def test_a_constant_ratio_and_one_that_drifts(self):
        """x moves about 50, where intercept and hedge ratio can be told apart."""
        stream = np.random.default_rng(1)
        x = np.zeros(1000)
        for t in range(1, 1000):
            x[t] = 0.95 * x[t - 1] + stream.normal()
        noise = 0.5 * stream.normal(size=1000)
        drift = 0.8 * np.exp(0.04 * np.cumsum(stream.normal(size=1000)))
        for options in METHODS:
            steady, _ = fitted(40 + 0.8 * x + noise, 50 + x, 60, **options)
            moving, _ = fitted(40 + drift * x + noise, 50 + x, 60, **options)
            one, other = steady.hedge_stability(), moving.hedge_stability()
            assert list(one) == ["variation", "hdi_low", "hdi_high", "prob_stable"]
            assert list(one.index) == ["x"]
            assert one.loc["x", "prob_stable"] > 0.9
            assert other.loc["x", "prob_stable"] < 0.5
            assert one.loc["x", "variation"] < other.loc["x", "variation"]
            assert (one["hdi_low"] < one["variation"]).all()
            assert (one["variation"] < one["hdi_high"]).all()
            strict = steady.hedge_stability(tolerance=1e-6)
            assert strict.loc["x", "prob_stable"] < one.loc["x", "prob_stable"]

    @pytest.mark.calibration
    @pytest.mark.parametrize("windows", [3, 12])
    def test_calibrated_under_its_own_model(self, windows):
        """v from its prior, hedge ratios around a mean of one: ranks of v are uniform.

        With equal sds the mean of the estimates is independent of how they differ, and is what v
        is relative to: it is set to one. False alarms 1e-5.
        """
        ranks = []
        for seed in range(1000):
            stream = np.random.default_rng([12, windows, seed])
            v, sd = abs(stream.normal(0, 0.5)), 0.1
            estimates = np.sqrt(sd**2 + v**2) * stream.normal(size=windows)
            estimates += 1.0 - estimates.mean()
            drawn = variation_between_windows(estimates, np.full(windows, sd))
            ranks.append(min(int(np.mean(drawn < v) * (DRAWS + 1)), DRAWS))
        assert_uniform({"v": np.array(ranks)})

    def test_against_a_sum_over_the_grid(self):
        """Unequal sds, B integrated out by brute force."""
        mean, sd = np.array([0.7, 1.2, 0.9, 1.0]), np.array([0.05, 0.3, 0.1, 0.2])
        size = np.average(mean, weights=sd**-2.0)
        v = (np.arange(4000) + 0.5) / 4000 * 2.5
        B = np.linspace(-2, 4, 1501)
        total = sd**2 + (size * v[:, None]) ** 2
        logs = -0.5 * (
            np.log(total).sum(axis=1)[:, None]
            + sum((m - B) ** 2 / total[:, i, None] for i, m in enumerate(mean))
        )
        density = np.exp(logs).sum(axis=1) * np.exp(-0.5 * (v / 0.5) ** 2)
        cumulative = np.cumsum(density) / density.sum()
        drawn = variation_between_windows(mean, sd)
        for level in (0.05, 0.5, 0.95):
            expected = v[np.searchsorted(cumulative, level)]
            assert np.quantile(drawn, level) == pytest.approx(expected, abs=2e-3)


def test_plot():
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot

    for hedges, options in ((1, {}), (2, {"log_prices": True, "method": "state-space"})):
        model, _ = fitted(*pair(hedges=hedges), **options)
        figure = model.plot(1.0, 0.2, zscore_window=10)
        prices, ratios, scores = figure.axes
        assert prices.get_ylabel() == ("log price" if options else "price")
        assert "KO hedged with PEP" in prices.get_title(loc="left")
        assert ratios.get_ylabel() == "hedge ratio"
        assert scores.get_ylabel() == "z-score"
        figure.canvas.draw()
    assert pyplot.get_fignums() == []
    arrays, _ = fitted(*(part.to_numpy() for part in pair()))
    assert arrays.plot().axes[2].get_xlabel() == "row"


def test_plot_takes_what_signals_take():
    ours = inspect.signature(BayesianPairsTrading.plot).parameters
    theirs = inspect.signature(BayesianPairsTrading.generate_signals).parameters
    assert [*ours] == [name for name in theirs if name != "spread"]
    assert all(ours[name].default == theirs[name].default for name in ours)


def test_priors_print_themselves():
    text = str(PairsPriors())
    for part in ("standardised prices", "Normal(0, 1)", "Uniform(-1, 1)", "LogUniform"):
        assert part in text
    assert "prices over 50" in str(PairsPriors(scale=50.0))
