"""Screening: what is found where there is something, and where there is nothing."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import puffin as pf
from puffin.strategies import find_pairs
from puffin.strategies.screening import Screening, screen_pairs
from tests.strategies.random_walks import cointegrated, random_walks

pytestmark = pytest.mark.filterwarnings("ignore:.*revert by themselves:UserWarning")


def test_it_finds_the_pair():
    """The truth: hedge ratio 0.8, half-life -ln 2 / ln 0.9 = 6.6 rows.

    The ratio's standard error is 0.03: the error's sd of 0.023 over that of x, 0.11, and the root
    of 800 / 19, its rows less their autocorrelation. That of the AR coefficient is 0.015.
    """
    table = find_pairs(cointegrated(1), cores=1)
    assert list(table) == [
        "y", "x", "p_value", "q_value", "hedge_ratio", "half_life", "hedge_variation",
    ]  # fmt: skip
    assert len(table) == 21
    best = table.iloc[0]
    assert {best["y"], best["x"]} == {"pair", "w2"}
    assert best["q_value"] < 1e-4
    assert (table["q_value"].iloc[1:] > 0.05).all()
    expected = 0.8 if best["y"] == "pair" else 1.25
    assert best["hedge_ratio"] == pytest.approx(expected, rel=0.2)
    assert 4.0 < best["half_life"] < 12.0
    assert best["hedge_variation"] < 0.3
    assert table["q_value"].is_monotonic_increasing
    assert (table["q_value"] >= table["p_value"]).all()
    assert not table.isna().any().any()


@pytest.mark.slow
def test_on_random_walks_it_finds_almost_nothing():
    """Of twelve universes fewer than one is expected to have a q-value below 0.05.

    Their number is at most Binomial(12, 0.05), and less: BY's q-values of ten independent tests are
    2.9 times larger than they need to be. More than five would be a false alarm of 1.1e-5.
    """
    assert stats.binom.sf(5, 12, 0.05) < 2e-5
    found = [find_pairs(random_walks(seed, 250, 5), cores=1) for seed in range(12)]
    assert sum((table["q_value"] < 0.05).any() for table in found) <= 5
    assert sum((table["p_value"] < 0.05).sum() for table in found) > 0  # what q-values are for


def test_q_values_are_those_of_benjamini_and_yekutieli():
    table = find_pairs(random_walks(3, 250, 5), cores=1)
    p, m = np.sort(table["p_value"]), len(table)
    scale = m * np.sum(1.0 / np.arange(1, m + 1)) / np.arange(1, m + 1)
    by_hand = np.minimum.accumulate((p * scale)[::-1])[::-1].clip(max=1.0)
    np.testing.assert_allclose(table["q_value"], by_hand)


def test_p_value_is_twice_the_smaller_of_both_directions():
    from statsmodels.tsa.stattools import coint

    prices = random_walks(4, 300, 2)
    row = find_pairs(prices, cores=1, max_lag=3).iloc[0]
    logs = np.log(prices)
    both = {
        (y, x): coint(logs[y], logs[x], maxlag=3, autolag="aic")[1]
        for y, x in (("w0", "w1"), ("w1", "w0"))
    }
    chosen = min(both, key=both.get)
    assert (row["y"], row["x"]) == chosen
    assert row["p_value"] == pytest.approx(min(1.0, 2.0 * both[chosen]))
    least_squares = stats.linregress(logs[chosen[1]], logs[chosen[0]])
    assert row["hedge_ratio"] == pytest.approx(least_squares.slope)


def test_raw_prices_give_a_ratio_of_shares():
    prices = cointegrated(5)[["w2", "w3"]]
    stream = np.random.default_rng(5)
    prices["shares"] = 3.0 + 2.0 * prices["w2"] + 0.3 * stream.standard_normal(len(prices))
    best = find_pairs(prices, log_prices=False, cores=1).iloc[0]
    expected = 2.0 if best["y"] == "shares" else 0.5
    assert best["hedge_ratio"] == pytest.approx(expected, rel=0.02)
    below = prices.assign(w3=prices["w3"] - 100.0)
    assert len(find_pairs(below, log_prices=False, cores=1)) == 3  # a spread may be negative
    with pytest.warns(UserWarning, match=r"w3: its prices are not all above zero, .* found -"):
        assert len(find_pairs(below, cores=1)) == 1


def test_missing_prices_are_left_out_pair_by_pair():
    prices = cointegrated(6)
    gaps = prices.copy()
    gaps.iloc[::5, 0] = np.nan
    gaps.iloc[:300, 2] = np.nan
    table = find_pairs(gaps, cores=1).set_index(["y", "x"])
    for y, x in [("pair", "w2"), ("w0", "w1"), ("w3", "w4")]:
        both = gaps[[y, x]].dropna()
        alone = find_pairs(both, cores=1).iloc[0]
        row = table.loc[(alone["y"], alone["x"])]
        assert row["p_value"] == pytest.approx(alone["p_value"])
        assert row["half_life"] == pytest.approx(alone["half_life"])


def test_cores_and_kinds_of_input_do_not_matter():
    import polars as pl

    prices = cointegrated(7, rows=300)[["w2", "w3", "pair"]]
    known = find_pairs(prices, cores=1)
    assert find_pairs(prices, cores=2, progressbar=True).equals(known)
    frame = pl.from_pandas(prices.rename_axis("day").reset_index())
    assert find_pairs(frame, date="day", cores=1).equals(known)
    arrays = find_pairs(prices.to_numpy(), cores=1)
    np.testing.assert_array_equal(arrays["p_value"], known["p_value"])
    assert arrays["y"].str.startswith("asset").all()


def test_a_column_that_reverts_by_itself_is_named():
    prices = random_walks(8, 500, 3)
    stream = np.random.default_rng(8)
    prices["noise"] = np.exp(0.01 * stream.standard_normal(500))
    with pytest.warns(UserWarning, match="'noise' revert by themselves"):
        table = find_pairs(prices, cores=1)
    assert {"noise"} <= set(table.iloc[0][["y", "x"]])


def test_what_ships_has_no_pair_in_five_years():
    """What pairs traders would have found in 2010 to 2014: five of 190 below 5%, and no pair."""
    prices = pf.datasets.load_equities().loc["2010":"2014"]
    table = find_pairs(prices[["KO", "PEP", "XOM", "CVX", "JPM", "BAC"]], cores=1)
    assert len(table) == 15
    assert (table["q_value"] > 0.05).all()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda p: p[["w0"]], {}, "one column; a pair needs two"),
        (lambda p: p.assign(w1=-1.0, w2=0.0), {}, "of w1: its prices are not all above zero"),
        (lambda p: p.iloc[:200], {}, "of w0 / w1: they share 200 dates, fewer than 250"),
        (lambda p: p.assign(w1=5.0, w2=6.0), {}, "of w1: its price does not move in 300 rows"),
        (lambda p: p[["w0"]].assign(w1=3 * p["w0"]), {}, "of w0 / w1: they move as one"),
        (lambda p: p * 1e80, {"log_prices": False}, "whose squares overflow"),
        (lambda p: p, {"max_lag": -1}, "max_lag must be"),
        (lambda p: p, {"max_lag": 120}, "min_overlap must be at least 2 max_lag"),
        (lambda p: p, {"cores": 0}, "cores must be"),
    ],
)
def test_errors_say_what_is_wrong(change, options, message):
    with pytest.raises(ValueError, match=message):
        find_pairs(change(random_walks(9, 300, 3)), **({"cores": 1} | options))


LEFT_OUT = {
    "clone": (lambda p, g: p["w0"] * np.exp(g.normal(0.0, 1e-5, 500)), "move as one"),
    "in cents": (lambda p, g: (0.1 * p["w0"]).round(2), "move as one"),
    "young": (lambda p, g: p["w1"].iloc[300:] * 1.1, "share 200 dates"),
    "still": (lambda p, g: 7.0, "does not move"),
    "still of late": (lambda p, g: p["w1"].where(p["w1"].notna(), 3.0), "move as one"),
    "empty": (lambda p, g: np.nan, "no price at all"),
    "zero": (lambda p, g: p["w1"].where(p.index > p.index[5], 0.0), "not all above zero"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_cannot_be_tested_is_left_out_and_named(name):
    """The others are tested as if it were not there; q-values are of those tested."""
    prices = random_walks(10, 500, 3)
    make, reason = LEFT_OUT[name]
    more = prices.assign(**{name: make(prices, np.random.default_rng(10))})
    found = screen_pairs(more, cores=1)
    assert all(name in which for which in found.left_out)
    assert any(reason in why for why in found.left_out.values())
    tested = {frozenset(pair) for pair in found.table[["y", "x"]].itertuples(index=False)}
    names = {frozenset(pair) for pair in itertools.combinations(more.columns, 2)}
    left_out = [frozenset(which.split(" / ")) for which in found.left_out]
    assert tested == {pair for pair in names if not any(which <= pair for which in left_out)}
    known = find_pairs(prices, cores=1).set_index(["y", "x"])
    both = found.table.set_index(["y", "x"]).reindex(known.index)
    assert both["p_value"].equals(known["p_value"])
    with pytest.warns(UserWarning, match=r"left out, as they cannot be tested: .*" + reason):
        find_pairs(more, cores=1)


def test_many_that_are_left_out_are_not_all_listed():
    names = [f"c{i}" for i in range(12)]
    found = Screening(pd.DataFrame(), dict.fromkeys(names, "why"))
    assert len(found.left_out_words) == 11
    assert found.left_out_words[-1] == "and 2 more"


def test_it_needs_statsmodels(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.stats.multitest", None)
    with pytest.raises(ImportError, match=r"pip install '\.\[pairs\]'"):
        find_pairs(random_walks(9, 300, 2))


@given(st.data())
@settings(max_examples=25)
def test_anything_gives_a_table_or_a_clear_error(data):
    prices = random_walks(data.draw(st.integers(0, 999)), data.draw(st.integers(0, 90)), 3)
    values = prices.to_numpy(copy=True)
    kinds = st.sampled_from([np.nan, np.inf, 0.0, -1.0, 1e-300, 1e300, 50.0])
    for _ in range(data.draw(st.integers(0, 4))):
        if values.size:
            row = data.draw(st.integers(0, len(values) - 1))
            values[row:, data.draw(st.integers(0, 2))] = data.draw(kinds)
    log = data.draw(st.booleans())
    try:
        table = find_pairs(values, log_prices=log, cores=1, min_overlap=60, max_lag=2)
    except ValueError as error:
        assert len(str(error)) > 10
        return
    assert 1 <= len(table) <= 3
    assert not table.isna().any().any()
    assert table["p_value"].between(0, 1).all()
