"""`fit_each`: the same model for each of many assets."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import puffin as pf
from tests.panel.panels import DAYS, FACTOR, assert_same, long, regressed, wide
from tests.slowly import slowly

FEW = {"samples": 100, "chains": 2}
RETURNS = wide(3)
PRICES = 50.0 * np.exp(RETURNS.cumsum())
SQUARES = RETURNS**2 + 1e-6
KNOWN = FACTOR.shift(fill_value=0)

pytestmark = pytest.mark.filterwarnings("ignore:.*could not be fitted:UserWarning")

CASES = {
    "sharpe": (pf.bayesian_sharpe, RETURNS, {}),
    "regression": (pf.BayesianLinearRegression(), RETURNS, {"X": FACTOR}),
    "volatility": (pf.StochasticVolatilityModel(), RETURNS, {}),
    "regimes": (pf.BayesianRegimeSwitching(2, "normal"), RETURNS, {}),
    "pairs": (
        pf.BayesianPairsTrading(), PRICES, {"pairs": [("asset 0", "asset 1")], "window": 30},
    ),
    "realized": (pf.RealizedVolatilityBayes(), RETURNS, {"measures": {"square": SQUARES}}),
    "jumps": (pf.SVWithJumps(), RETURNS, {}),
    "regressors": (
        pf.StochasticVolatilityModel(), RETURNS, {"variance_regressors": KNOWN},
    ),
}  # fmt: skip


QUICK = ["sharpe", "regression", "volatility", "pairs"]


def fitted(case, **arguments):
    model, table, options = CASES[case]
    return pf.fit_each(model, table, **(FEW | options | {"n_jobs": 1, "seed": 3} | arguments))


def alone(case, asset, seed):
    """Return the summary of a fit that knows nothing of panels."""
    model, table, options = CASES[case]
    if case == "sharpe":
        found = pf.bayesian_sharpe(table[asset], **FEW, random_seed=seed)
        return {"sharpe": {"mean": found["mean"], "hdi_low": found["hdi_low"]}}
    if case == "regression":
        return model.fit(FACTOR, table[asset], **FEW, random_seed=seed).summary()
    if case == "pairs":
        y, x = asset.split(" / ")
        model.fit_dynamic_hedge(table[y], table[x], 30, random_seed=seed)
        return {
            "hedge_ratio": {"mean": model.next_hedge["hedge_ratio_mean"]},
            "mean_reversion": {"prob_positive": model.prob_mean_reverting},
            "half_life": {"median": model.half_life},
            "zscore": {"value": model.zscore().iloc[-1]},
        }
    if "measures" in options:
        options = {"measures": SQUARES[asset].rename("square")}
    with warnings.catch_warnings():  # a panel has them among its doubts
        warnings.simplefilter("ignore", UserWarning)
        found = model.unfitted().fit(table[asset], **FEW, random_seed=seed, **options)
    if case == "regimes":
        coming = {f"next_regime[{j}]": {"mean": one} for j, one in found.next_regime.items()}
        return found.summary().drop(columns="median").T.to_dict() | coming
    return found.summary().T.to_dict()


@pytest.mark.parametrize("case", QUICK + slowly("regimes", "jumps", "realized", "regressors"))
def test_an_asset_has_what_a_fit_of_it_alone_has_with_its_seed(case):
    panel = fitted(case)
    asset = panel.assets.index[-1]
    expected = alone(case, asset, int(panel.assets["seed"][asset]))
    for parameter, row in expected.items():
        for name, value in row.items():
            assert panel.summary.loc[(asset, parameter), name] == value
    assert panel.failures.empty


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_processes_say_the_same(case):
    assert_same(fitted(case, n_jobs=2), fitted(case))


def test_order_and_company_do_not_matter():
    table = wide(5)
    panel = regressed(table)
    backwards = regressed(table[table.columns[::-1]])
    few = regressed(table[["asset 3"]])
    pd.testing.assert_frame_equal(backwards.summary.loc[panel.summary.index], panel.summary)
    pd.testing.assert_frame_equal(few.summary, panel.summary.loc[["asset 3"]])


def test_another_seed_or_name_has_other_draws():
    table = wide(2)
    table["asset 1"] = table["asset 0"]
    panel = regressed(table)
    assert panel.parameter("alpha")["mean"].nunique() == 2
    other = regressed(table, seed=2).parameter("alpha")["mean"]
    assert not (other == panel.parameter("alpha")["mean"]).any()


def test_without_a_seed_there_is_one_that_is_said():
    panel = regressed(wide(2), seed=None)
    assert_same(regressed(wide(2), seed=panel.seed), panel)
    assert regressed(wide(2), seed=None).seed != panel.seed


@pytest.mark.parametrize(
    "given",
    [
        lambda table: dict(table.items()),
        lambda table: pl.from_pandas(table.reset_index()),
    ],
    ids=["dict", "polars"],
)
def test_wide_tables_of_all_kinds(given):
    table = wide()
    date = "ds" if isinstance(given(table), pl.DataFrame) else None
    X = FACTOR if date is None else pl.from_pandas(FACTOR.reset_index())
    assert_same(regressed(given(table), date=date, X=X), regressed(table))


def test_long_tables_of_all_kinds():
    expected = regressed(wide())
    table = long(wide()).merge(FACTOR, left_on="ds", right_index=True)
    assert_same(regressed(table, X="market"), expected)
    assert_same(regressed(pl.from_pandas(table), X=["market"]), expected)
    renamed = table.rename(columns={"unique_id": "ticker", "ds": "day", "y": "return"})
    assert_same(regressed(renamed, by="ticker", date="day", X="market"), expected)


def test_long_pairs_and_measures():
    prices = {"y": PRICES["asset 0"], "asset 1": PRICES["asset 1"]}
    legs = pd.DataFrame(prices).reset_index().assign(unique_id="asset 0 / asset 1")
    panel = pf.fit_each(pf.BayesianPairsTrading(), legs, x="asset 1", window=30, n_jobs=1, seed=3)
    pd.testing.assert_frame_equal(panel.summary, fitted("pairs").summary, check_exact=True)
    table = long(RETURNS).assign(square=long(SQUARES)["y"])
    panel = pf.fit_each(
        pf.RealizedVolatilityBayes(), table, measures="square", n_jobs=1, seed=3, **FEW
    )
    pd.testing.assert_frame_equal(panel.summary, fitted("realized").summary, check_exact=True)


def test_one_asset_s_failure_is_a_row():
    table = wide(3).astype(object)
    table["constant"], table["text"], table["empty"] = 0.0, "x", np.nan
    with pytest.warns(UserWarning, match=r"3 of 6 assets could not be fitted \(.failures\)"):
        panel = pf.fit_each(pf.bayesian_sharpe, table.infer_objects(), n_jobs=1, **FEW)
    assert set(panel.failures.index) == {"constant", "text", "empty"}
    assert "hold numbers" in panel.failures["message"]["text"]
    assert list(panel.assets.index) == [f"asset {n}" for n in range(3)]
    assert "3 could not be fitted" in repr(panel)
    for name in ("constant", "text", "empty"):
        with pytest.raises((ValueError, TypeError)):
            panel.fit(name)


def test_assets_that_begin_later_or_end_early():
    table = wide(3)
    table.iloc[:20, 0] = np.nan
    table.iloc[50:, 1] = np.nan
    panel = pf.fit_each(pf.StochasticVolatilityModel(), table, n_jobs=1, seed=1, **FEW)
    assert list(panel.assets["n_observations"]) == [40, 50, 60]
    assert panel.assets["first"]["asset 0"] == "2021-01-29"
    assert panel.assets["last"]["asset 1"] == "2021-03-11"


def test_gaps_are_no_observations():
    table = wide(2)
    table.iloc[20:30, 0] = np.nan
    panel = pf.fit_each(
        pf.StochasticVolatilityModel(), table, n_jobs=1, seed=1, missing="skip", **FEW
    )
    assert list(panel.assets["n_observations"]) == [50, 60]


def test_what_is_shared_need_not_be_older_than_the_assets():
    table = wide(2)
    table.iloc[:20, 0] = table.iloc[:10, 1] = table.iloc[55:, 1] = np.nan
    panel = regressed(table, X=FACTOR.iloc[10:55])
    assert list(panel.failures.index) == ["asset 0"]
    assert (
        "X lacks 5 of the 40 dates of the returns, first 2021-03-19"
        in (panel.failures["message"]["asset 0"])
    )
    pd.testing.assert_frame_equal(
        panel.summary, regressed(table[["asset 1"]]).summary, check_exact=True
    )


def test_measures_of_another_clock_are_refused():
    squares = SQUARES.tz_localize("UTC")
    with pytest.raises(ValueError, match="both have dates with a time zone, or both without"):
        fitted("realized", measures=squares)
    panel = fitted("realized")
    later = DAYS[-1:] + pd.Timedelta(days=3)
    row = RETURNS.iloc[-1:].set_axis(later)
    with pytest.raises(ValueError, match="with a time zone"):
        panel.update(row, measures={"square": row.tz_localize("UTC") ** 2 + 1e-6})


def test_a_model_again_has_the_draws_of_the_summary():
    panel = fitted("volatility")
    model = panel.fit("asset 1")
    assert model.summary()["mean"].equals(panel.summary.loc["asset 1"]["mean"])
    assert len(model.volatility()) == len(DAYS)
    with pytest.raises(KeyError, match="there is no asset 'nobody'"):
        panel.fit("nobody")


@pytest.mark.parametrize(
    "case", ["sharpe", "volatility", *slowly("regression", "regressors", "realized", "pairs")]
)
def test_update_is_a_fit_of_all(case):
    model, table, options = CASES[case]
    by_row = ("X", "variance_regressors", "measures")

    def cut(value, rows):
        if isinstance(value, dict):
            return {key: one[rows] for key, one in value.items()}
        return value[rows]

    def part(rows):
        beside = {
            name: cut(value, rows) if name in by_row else value for name, value in options.items()
        }
        return table[rows], beside

    before, beside = part(slice(None, -1))
    row, beside_row = part(slice(-1, None))
    panel = pf.fit_each(model, before, **(FEW | beside), n_jobs=1, seed=3)
    again = panel.update(row, **{key: one for key, one in beside_row.items() if key in by_row})
    assert_same(again, fitted(case))
    assert not again.summary.equals(panel.summary)


def test_update_takes_a_row_a_long_table_and_new_assets():
    table = wide(4)
    expected = regressed(table)
    before = regressed(table.iloc[:-1, :3])
    later = table.iloc[-1:].copy()
    with_new = regressed(table.iloc[:, :3])
    X = FACTOR.iloc[-1:]
    assert_same(before.update(later.iloc[0, :3], X=X), with_new)
    rows = long(later.iloc[:, :3].rename_axis("ds")).assign(market=X["market"].iloc[0])
    assert_same(before.update(rows, X="market"), with_new)
    first = regressed(table.iloc[:-1, :3], X=FACTOR)
    both = regressed(table.iloc[:-1]).update(later, X=X)
    assert_same(both, expected)
    with pytest.warns(UserWarning, match="'asset 3'"):
        assert list(first.update(later, X=X).failures.index) == ["asset 3"]


def test_update_takes_a_row_of_a_table_without_dates():
    table = wide(2).reset_index(drop=True)
    whole = pf.fit_each(pf.bayesian_sharpe, table, **FEW, n_jobs=1, seed=3)
    before = pf.fit_each(pf.bayesian_sharpe, table.iloc[:-1], **FEW, n_jobs=1, seed=3)
    assert_same(before.update(table.iloc[-1]), whole)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (wide(2).iloc[-1:], "'asset 0' goes on at 2021-03-25"),
        (wide(2).iloc[-1:].tz_localize("UTC").shift(5, "D"), "the same kind of dates"),
        (wide(2).iloc[-1:].reset_index(drop=True), "dates in one of the two only"),
        (wide(2).iloc[-1:].astype(str).shift(9, "D"), "new_returns of 'asset 0'"),
    ],
)
def test_update_refuses_what_does_not_go_on(rows, message):
    panel = pf.fit_each(pf.bayesian_sharpe, wide(2), n_jobs=1, **FEW)
    with pytest.raises(ValueError, match=message):
        panel.update(rows)


def test_update_without_what_stands_beside():
    with pytest.raises(ValueError, match="X= is missing"):
        regressed(wide(2).iloc[:-1]).update(wide(2).iloc[-1:])


def test_ctrl_c_keeps_what_was_fitted(monkeypatch, tmp_path):
    from puffin.panel import run

    table, fit, calls = wide(8), run.fit_batch, []

    def fit_two(batch):
        calls.append(batch)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return fit(batch)

    for store in (None, tmp_path / "store"):
        calls.clear()
        monkeypatch.setattr(run, "fit_batch", fit_two)
        with pytest.raises(KeyboardInterrupt, match="of 8 assets were fitted") as caught:
            regressed(table, store=store)
        monkeypatch.setattr(run, "fit_batch", fit)
        panel = caught.value.panel
        assert len(panel.assets) == 4
        expected = regressed(table).summary.loc[list(panel.assets.index)]
        pd.testing.assert_frame_equal(panel.summary, expected, check_exact=True)
    assert len(pf.panel.read(tmp_path / "store").assets) == 4


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": pf.StochasticVolatilityModel}, TypeError, "call it"),
        ({"model": "sharpe"}, TypeError, "model must be bayesian_sharpe, or one of"),
        ({"model": pf.AveragedVolatilityModel()}, TypeError, "model must be"),
        ({"returns": 3}, TypeError, "returns must be a DataFrame"),
        ({"returns": {}}, ValueError, "returns holds no assets"),
        ({"returns": None}, ValueError, "returns=None takes the data of a store"),
        ({"returns": pd.concat([RETURNS, RETURNS], axis=1)}, ValueError, "more than one asset"),
        ({"returns": {"\ud800": RETURNS["asset 0"]}}, ValueError, "no file can hold as text"),
        ({"by": "ticker"}, ValueError, "has no column by='ticker'; it has asset 0"),
        ({"n_jobs": 0}, ValueError, "n_jobs must be"),
        ({"backend": "slurm"}, ValueError, "backend must be one of 'joblib', 'dask', 'ray'"),
        ({"seed": -1}, ValueError, "whole number of at least 0"),
        ({"seed": "x"}, TypeError, "seed must be"),
        ({"store": ""}, ValueError, "store is an empty path"),
        ({"store": 3}, TypeError, "store must be the path"),
        ({"progressbar": "yes"}, TypeError, "progressbar must be"),
        ({"hdi_prob": 2}, ValueError, "hdi_prob must be"),
        ({"samples": 0}, ValueError, "samples must be"),
        ({"sample": 9}, TypeError, "sample is not an argument of bayesian_sharpe's fit; it has"),
        ({"cores": 2}, TypeError, "n_jobs says how many"),
        ({"random_seed": 2}, TypeError, "each asset has its own"),
        ({"pairs": [("a", "b")]}, TypeError, "pairs is for BayesianPairsTrading"),
        ({"returns": RETURNS * np.nan}, ValueError, "none of 3 assets could be fitted; the first"),
        ({"model": pf.BayesianLinearRegression()}, ValueError, "X= is missing; give a frame"),
        ({"model": pf.BayesianPairsTrading()}, ValueError, "x= is missing; say which columns"),
        ({"model": pf.StochasticVolatilityModel().given(variance_regressors=KNOWN)}, TypeError,
         "give them to it, as mean_regressors="),
        ({"model": pf.BayesianLinearRegression(), "X": pd.concat([FACTOR, FACTOR], axis=1)},
         ValueError, "X has more than one column named 'market'"),
        ({"model": pf.RealizedVolatilityBayes()}, ValueError, "measures= is missing"),
        ({"model": pf.BayesianLinearRegression(), "X": "market"}, TypeError, "as of a long frame"),
        ({"model": pf.BayesianPairsTrading(), "pairs": []}, ValueError, "pairs is empty"),
        ({"model": pf.BayesianPairsTrading(), "pairs": "KO"}, TypeError, "list of"),
        ({"model": pf.BayesianPairsTrading(), "pairs": ["KO"]}, TypeError, "found 'KO' in it"),
        ({"model": pf.BayesianPairsTrading(), "pairs": [("a", "a")]}, ValueError, "other assets"),
        ({"returns": long(RETURNS).rename(columns={"y": "r"}).assign(z=1.0), "by": "unique_id",
          "date": "ds"}, ValueError, "found r, z"),
        ({"returns": long(RETURNS).assign(unique_id=None)}, ValueError, "is missing in row 0"),
    ],
)  # fmt: skip
def test_errors_name_the_argument(arguments, error, message):
    given = {"model": pf.bayesian_sharpe, "returns": RETURNS, "n_jobs": 1} | arguments
    with pytest.raises(error, match=message):
        pf.fit_each(given.pop("model"), given.pop("returns"), **given)


def test_a_row_of_factors_that_is_missing():
    with pytest.raises(ValueError, match="X lacks 1 of the 60 dates of the returns, first 2021-01"):
        regressed(wide(2), X=FACTOR.iloc[1:])


def test_legs_may_be_named_as_pairs_are():
    """Such as a cross rate: its name is the leg's, and no other one's."""
    prices = PRICES.set_axis(["EUR / USD", "GBP", *PRICES.columns[2:]], axis="columns")
    panel = pf.fit_each(
        pf.BayesianPairsTrading(), prices, pairs=[("EUR / USD", "GBP")], window=30, n_jobs=1, seed=1
    )
    assert list(panel.outcomes) == ["EUR / USD / GBP"]
    assert "EUR / USD after " in repr(panel.fit("EUR / USD / GBP"))


def test_pairs_that_would_have_one_name_are_refused():
    prices = pd.DataFrame(dict.fromkeys(("a / b", "c", "a", "b / c"), PRICES["asset 0"]))
    with pytest.raises(ValueError, match="two that would both be named 'a / b / c'; rename"):
        pf.fit_each(
            pf.BayesianPairsTrading(), prices, pairs=[("a / b", "c"), ("a", "b / c")], n_jobs=1
        )


def test_pairs_from_a_screen_and_baskets():
    screened = pd.DataFrame({"y": ["asset 0", "nobody"], "x": ["asset 2", "asset 1"]})
    panel = pf.fit_each(pf.BayesianPairsTrading(), PRICES, pairs=screened, window=30, n_jobs=1)
    assert list(panel.assets.index) == ["asset 0 / asset 2"]
    assert panel.failures["message"]["nobody / asset 1"] == "prices have no column 'nobody'."
    basket = [("asset 0", ("asset 1", "asset 2"))]
    panel = pf.fit_each(pf.BayesianPairsTrading(), PRICES, pairs=basket, window=30, n_jobs=1)
    assert set(panel.parameter("hedge_ratio_asset 2").index) == {"asset 0 / asset 1, asset 2"}
    with pytest.raises(ValueError, match="no asset has a parameter 'beta'; there are hedge_ratio"):
        panel.parameter("beta")


def test_the_model_given_is_left_alone():
    model = pf.StochasticVolatilityModel()
    pf.fit_each(model, RETURNS, n_jobs=1, **FEW)
    with pytest.raises(pf.NotFittedError):
        _ = model.fitted


def test_progress_says_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    regressed(wide(), progressbar=True)
    assert "Fitting BayesianLinearRegression" in capsys.readouterr().err


numbers = st.one_of(
    st.floats(-0.2, 0.2), st.sampled_from([0.0, np.nan, np.inf, -1.0, 1e300, 1e-320, 0.01])
)
columns = st.one_of(
    st.lists(numbers, min_size=0, max_size=12),
    st.just(["x"] * 8),
    st.lists(st.integers(-3, 3), min_size=8, max_size=8),
    st.just([None] * 8),
    st.just([True, False] * 4),
)
names = st.one_of(st.text(max_size=4), st.integers(), st.none())


@functools.cache
def index_of(kind, size):
    days = pd.date_range("2024-01-01", periods=size)
    return {
        "none": None, "dates": days, "zone": days.tz_localize("Europe/Paris"),
        "backwards": days[::-1], "same": days[[0] * size],
        "text": pd.Index(list("ab" * size)[:size]),
    }[kind]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(names, columns, max_size=4),
    st.sampled_from(["none", "dates", "zone", "backwards", "same", "text"]),
)
@pytest.mark.filterwarnings("ignore")
def test_any_table_gives_a_panel_or_a_clear_error(data, kind):
    table = {key: pd.Series(one, index_of(kind, len(one))) for key, one in data.items()}
    try:
        panel = pf.fit_each(pf.bayesian_sharpe, table, samples=8, chains=1, n_jobs=1, seed=1)
    except (ValueError, TypeError) as error:
        assert len(str(error)) > 20
        return
    assert {*panel.assets.index, *panel.failures.index} == {str(name) for name in data}
    known = panel.summary[["mean", "sd", "hdi_low", "hdi_high"]]
    assert np.isfinite(known.to_numpy(float)).all()
    assert (panel.failures["message"].str.len() > 10).all()
    assert set(panel.failures["error"]) <= {"ValueError", "TypeError"}
