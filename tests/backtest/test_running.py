"""The engine: by hand, against a ledger, against bt, and by what must be true of any backtest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from puffin import backtest, datasets
from tests.backtest.random_market import NAN, random_market

DATES = pd.bdate_range("2020-01-01", periods=10)


def test_ten_bars_by_hand():
    """Trades cost 1% (60 + 40 basis points), shorts 1% a period, cash earns 1% a period.

    Equity is in thousandths.
    """
    prices = pd.DataFrame(
        {
            "A": [100.0, 100, 110, 110, 100, 100, 100, 120, 114, 114],
            "B": [50.0, 50, 50, 45, 45, 45, 45, 45, 45, 45],
        },
        DATES,
    )
    weights = pd.DataFrame(NAN, DATES, ["A", "B"])
    weights.iloc[0] = [0.5, -0.5]
    weights.iloc[3] = [0.0, 0.0]
    weights.iloc[5] = [1.0, 0.0]
    weights.iloc[6] = [2.0, 0.0]
    weights.iloc[8] = [0.5, -0.25]
    result = backtest.run(
        weights, prices, commission_bps=60, slippage_bps=40, borrow_rate=2.52,
        risk_free_rate=1.01**252 - 1.0, periods_per_year=252,
    )  # fmt: skip

    equity = [1000.0]
    # Bar 1. Cash earned 10. Bought 500 of A, sold 500 of B short, for 10: 6 and 4.
    equity.append(1000.0)
    # Bar 2. A earned 50, cash of 1000 earned 10, the short of 500 cost 5.
    equity.append(1055.0)
    # Bar 3. B fell from 500 to 450: 50. Cash of 1005 earned 10.05, the short cost 5.
    equity.append(1110.05)
    # Bar 4. A fell from 550 to 500. Cash of 1010.05 earned 10.1005, the short of 450 cost 4.5.
    #        That leaves 1065.6505. Both are closed: 950 traded, for 9.5.
    equity.append(1056.1505)
    # Bar 5. Cash earned 1%.
    equity.append(1066.712005)
    # Bar 6. Cash earned 1%: 1077.37912505. All of it went into A, 1066.712005 after costs of 1%.
    equity.append(1066.712005)
    # Bar 7. A rose by a fifth: 1280.054406. Doubled: f + 0.01 (2 f - 1) = 1, so f = 1.01 / 1.02.
    equity.append(1280.054406 * 1.01 / 1.02)  # 1267.50485...
    # Bar 8. Twice that in A lost 5%; as much was borrowed, and paid 1%.
    equity.append(equity[7] * (1.0 - 0.10 - 0.01))  # 1128.07931...
    # Bar 9. Nothing moved; cash of -(1 + 0.01) times bar 7's paid 1%. A is sold down to half,
    #        B sold short by a quarter: f = 1 - 0.01 (u - 0.5 f + 0.25 f), with u of A before.
    before = equity[8] - 0.0101 * equity[7]
    u = 2.0 * 0.95 * equity[7] / before
    equity.append(before * (1.0 - 0.01 * u) / (1.0 - 0.0025))
    np.testing.assert_allclose(1000.0 * result.equity, equity, rtol=1e-12)

    costs = 1000.0 * result.costs.mul(result.equity.shift().iloc[1:], axis=0)
    traded_7 = 2.0 * equity[7] - 1280.054406
    traded_9 = before - equity[9]
    np.testing.assert_allclose(
        costs["commission"],
        [6, 0, 0, 5.7, 0, 6.40027203, 0.006 * traded_7, 0, 0.6 * traded_9],
        atol=1e-9,
    )
    np.testing.assert_allclose(costs["slippage"], costs["commission"] / 1.5, atol=1e-12)
    np.testing.assert_allclose(costs["borrow"], [0, 5, 5, 4.5, 0, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(
        result.turnover,
        [1000 / 1010, 0, 0, 950 / 1065.6505, 0, 1 / 1.01, traded_7 / 1280.054406, 0,
         100.0 * traded_9 / before],
        atol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(
        result.weights["A"],
        [0, 0.5, 550 / 1055, 550 / 1110.05, 0, 0, 1, 2, 1.9 / 0.89, 0.5],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        result.weights["B"],
        [0, -0.5, -500 / 1055, -450 / 1110.05, 0, 0, 0, 0, 0, -0.25],
        rtol=1e-12,
    )
    gross = np.array([0.01, 0.06, 60.05 / 1055, -39.8995 / 1110.05, 0.01, 0.01, 0.2, -0.11])
    np.testing.assert_allclose(result.gross_returns.iloc[:8], gross, rtol=1e-9)


def bt_equity(weights, prices):
    """Equity of bt, from 1, whose trades are at the close of the row that they are given in."""
    import bt

    fills = weights.shift().dropna()
    strategy = bt.Strategy("s", [bt.algos.WeighTarget(fills), bt.algos.Rebalance()])
    run = bt.Backtest(strategy, prices, integer_positions=False, initial_capital=1e6)
    run.run()
    return run.strategy.values.reindex(prices.index) / 1e6


@pytest.mark.parametrize("seed", range(4))
def test_bt_agrees_at_no_cost(seed):
    weights, prices = random_market(seed)
    result = backtest.run(weights, prices)
    np.testing.assert_allclose(result.equity, bt_equity(weights, prices), rtol=1e-9)


def test_bt_agrees_on_real_prices():
    prices = datasets.load_equities().loc["2007":"2010"]
    momentum = np.sign(prices / prices.shift(120) - 1.0) / 20
    weights = momentum.where(prices.index.to_series().dt.day_of_week == 0).dropna(how="all")
    result = backtest.run(weights, prices)
    expected = bt_equity(weights.reindex(prices.index), prices).loc[result.equity.index]
    np.testing.assert_allclose(result.equity, expected, rtol=1e-9)


def test_bt_agrees_with_a_proportional_commission_on_a_trade_of_one_asset():
    """Leg by leg and all at once are the same where there is one leg."""
    import bt

    weights, prices = random_market(7, assets=1)
    weights = weights.where(weights.isna(), weights.abs().clip(upper=0.9))
    fills = weights.shift().dropna()
    strategy = bt.Strategy("s", [bt.algos.WeighTarget(fills), bt.algos.Rebalance()])
    run = bt.Backtest(
        strategy, prices, integer_positions=False, initial_capital=1e6,
        commissions=lambda quantity, price: 0.001 * abs(quantity) * price,
    )  # fmt: skip
    run.run()
    theirs = run.strategy.values.reindex(prices.index) / 1e6
    ours = backtest.run(weights, prices, commission_bps=10).equity
    # bt sizes a trade on equity before its cost: they differ by a cost of a cost.
    np.testing.assert_allclose(ours, theirs, rtol=2e-4)
    assert abs(theirs.iloc[-1] - 1.0) > 0.01


@given(st.integers(0, 2**32), st.integers(3, 59))
@settings(max_examples=60)
def test_the_future_changes_nothing(seed, rows):
    weights, prices = random_market(seed, rows=60)
    # Two dates do not tell how many a year has: that number is given.
    costs = {"commission_bps": 9, "slippage_bps": 3, "borrow_rate": 0.02, "risk_free_rate": 0.01}
    costs["periods_per_year"] = 252
    whole = backtest.run(weights, prices, **costs)
    cut = backtest.run(weights.iloc[:rows], prices.iloc[:rows], **costs)
    for name in ("returns", "gross_returns", "equity", "weights", "targets", "turnover", "costs"):
        theirs = getattr(cut, name)
        assert getattr(whole, name).iloc[: len(theirs)].equals(theirs)


@pytest.mark.parametrize(("row", "earned"), [(0, 1), (1, 2), (2, 1), (3, 1.5), (4, 1), (5, 1)])
def test_decided_at_t_filled_at_the_close_of_the_next_bar_earns_from_there(row, earned):
    """The price doubles into bar 3 and rises by half into bar 5."""
    prices = pd.Series([1.0, 1, 1, 2, 2, 3, 3, 3], name="A")
    weights = pd.Series(0.0, prices.index, name="A")
    weights.iloc[row] = 1.0
    assert backtest.run(weights, prices).equity.iloc[-1] == pytest.approx(earned)


@given(st.integers(0, 2**32), st.floats(1e-3, 1e3))
@settings(max_examples=40)
def test_units_of_prices_do_not_matter(seed, unit):
    weights, prices = random_market(seed, rows=40)
    one = backtest.run(weights, prices, commission_bps=5, borrow_rate=0.01)
    other = backtest.run(
        weights, prices * [unit, 1.0, 1 / unit], commission_bps=5, borrow_rate=0.01
    )
    np.testing.assert_allclose(one.returns, other.returns, atol=1e-13)


@given(st.integers(0, 2**32), st.sampled_from(["commission_bps", "slippage_bps", "borrow_rate"]))
@settings(max_examples=60)
def test_costs_only_cost(seed, kind):
    weights, prices = random_market(seed, rows=60)
    free, cheap, dear = (
        backtest.run(weights, prices, **{kind: rate}).equity for rate in (0.0, 0.5, 1.5)
    )
    assert (cheap <= free * (1 + 1e-12)).all()
    assert (dear <= cheap * (1 + 1e-12)).all()
    assert dear.iloc[-1] < cheap.iloc[-1] < free.iloc[-1]


@given(st.integers(0, 2**32))
@settings(max_examples=40)
def test_accounts_add_up(seed):
    weights, prices = random_market(seed, rows=60)
    result = backtest.run(
        weights, prices, commission_bps=9, slippage_bps=3, borrow_rate=0.02, risk_free_rate=0.01
    )
    equity = result.equity.to_numpy()
    np.testing.assert_allclose(equity[1:] / equity[:-1] - 1.0, result.returns, atol=1e-14)
    np.testing.assert_allclose(
        result.gross_returns - result.costs.sum(axis=1), result.returns, atol=1e-15
    )
    filled = weights.shift().dropna()
    np.testing.assert_array_equal(result.weights.loc[filled.index], filled)
    idle = result.turnover.index.difference(filled.index)
    assert (result.turnover.loc[idle] == 0.0).all()
    # Held weights earn: the next gross return is that of the weights held now.
    cash = 1.0 - result.weights.sum(axis=1)
    earned = (result.weights.shift() * prices.pct_change()).sum(axis=1) + cash.shift() * (
        1.01 ** (1 / 252) - 1.0
    )
    np.testing.assert_allclose(result.gross_returns, earned.iloc[1:], atol=1e-14)


@given(st.floats(0, 100), st.integers(0, 2**32))
@settings(max_examples=30)
def test_buy_and_hold_is_the_price_relative(commission, seed):
    _, prices = random_market(seed, assets=1)
    result = backtest.run(pd.DataFrame({"A": [1.0]}, prices.index[:1]), prices,
                          commission_bps=commission)  # fmt: skip
    relative = prices["A"] / prices["A"].iloc[1] / (1.0 + commission * 1e-4)
    np.testing.assert_allclose(result.equity.iloc[1:], relative.iloc[1:], rtol=1e-12)


def test_it_begins_with_the_first_decision():
    weights, prices = random_market(1, rows=30)
    late = weights.copy()
    late.iloc[:12] = NAN
    late.iloc[12] = [0.1, 0.2, 0.3]
    result = backtest.run(late, prices)
    assert result.equity.index[0] == prices.index[12]
    assert result.equity.iloc[0] == 1.0
    assert result.returns.index[0] == prices.index[13]
    assert result.returns.iloc[0] == 0.0
    same = backtest.run(late.iloc[12:], prices.iloc[12:])
    assert same.equity.equals(result.equity)


def test_inputs_of_every_kind_agree():
    import polars as pl

    weights, prices = random_market(3, rows=40)
    known = backtest.run(weights, prices).returns
    arrays = backtest.run(weights.to_numpy(), prices.to_numpy(), periods_per_year=252)
    np.testing.assert_array_equal(arrays.returns, known)
    assert list(arrays.weights.columns) == ["asset0", "asset1", "asset2"]
    frames = [pl.from_pandas(one.rename_axis("day").reset_index()) for one in (weights, prices)]
    frames[0] = frames[0].with_columns(pl.col(list("ABC")).fill_null(NAN))
    polars = backtest.run(*frames, date="day")
    np.testing.assert_array_equal(polars.returns, known)
    assert list(polars.returns.index) == list(known.index)
    aware = prices.tz_localize("America/New_York")
    there = backtest.run(weights.tz_localize("America/New_York"), aware)
    assert str(there.returns.index.tz) == "America/New_York"
    shuffled = backtest.run(weights[["C", "A", "B"]], prices)
    np.testing.assert_allclose(shuffled.returns, known, atol=1e-15)
    some = backtest.run(weights[["A"]], prices)
    np.testing.assert_allclose(some.returns, backtest.run(weights[["A"]], prices[["A"]]).returns)
    sparse = backtest.run(weights.dropna(), prices)
    assert sparse.returns.equals(known)
    series = backtest.run(weights["A"], prices["A"])
    assert series.weights.columns[0] == "A"


def test_what_is_not_held_needs_no_price():
    weights, prices = random_market(2, rows=30)
    prices.iloc[:8, 2] = NAN  # not listed yet
    prices.iloc[20:, 2] = NAN  # and delisted
    weights.iloc[:] = NAN
    weights.iloc[0] = [0.5, 0.5, 0.0]
    weights.iloc[7] = [0.2, 0.2, 0.2]  # traded at 8, its first price
    weights.iloc[18] = [0.5, 0.5, 0.0]  # sold at 19, its last
    result = backtest.run(weights, prices)
    assert np.isfinite(result.equity).all()
    early = weights.copy()
    early.iloc[6], early.iloc[7] = weights.iloc[7], NAN
    with pytest.raises(ValueError, match=r"no value for 'C' at .* where it is to be traded"):
        backtest.run(early, prices)


def test_ruin_stops_it():
    prices = pd.DataFrame({"A": [100.0, 100, 100, 210, 100]}, DATES[:5])
    weights = pd.DataFrame({"A": -1.0}, DATES[:1])
    with pytest.raises(backtest.BankruptcyError, match=r"gone at 2020-01-06.*-110.0%.*1 times"):
        backtest.run(weights, prices)
    dear = prices.assign(A=[100.0, 100, 199, 199, 199])
    weights = pd.DataFrame({"A": [-1.0, NAN, 0.0]}, DATES[:3])
    assert backtest.run(weights, dear).equity.iloc[-1] == pytest.approx(0.01)
    with pytest.raises(backtest.BankruptcyError, match="2020-01-06"):
        backtest.run(weights, dear, commission_bps=100)
    with pytest.raises(ValueError, match="cost all equity at weights whose sizes add up to 1"):
        backtest.run(weights, dear, commission_bps=10_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w, p: (w.rename(columns={"A": "Z"}), p), "assets that prices lacks: 'Z'"),
        (lambda w, p: (w.shift(freq="7D"), p), "prices has no row"),
        (lambda w, p: (w.iloc[::-1], p), "not in order of time"),
        (lambda w, p: (w * NAN, p), "decides nothing"),
        (lambda w, p: (w.iloc[:1].set_axis(p.index[-1:]), p), "only in the last row"),
        (lambda w, p: (w.assign(A=NAN).fillna({"B": 0, "C": 0}), p), "NaN for 'A' at 2021-01-01"),
        (lambda w, p: (w.replace(0.5, np.inf), p), "1 infinite values, first 'A' at 2021-01-01"),
        (lambda w, p: (w.to_numpy()[1:], p), "29 rows and prices 30"),
        (lambda w, p: (w.to_numpy()[:, 1:], p.to_numpy()), "2 columns and prices 3"),
        (lambda w, p: (w, -p), "prices must be above zero for returns to exist; found -"),
        (lambda w, p: (w, p.replace(p.iloc[3, 1], np.inf)), "infinite values, first 'B'"),
        (lambda w, p: (w, p.assign(A=NAN)), "no price at all of 'A'"),
        (lambda w, p: (w, p.iloc[:1]), "at least 2 rows"),
        (lambda w, p: (w, p.astype(str)), "must hold numbers"),
        (lambda w, p: (w, p.set_axis(["A", "A", "C"], axis=1)), "more than one column named 'A'"),
    ],
)
def test_errors_say_what_is_wrong(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        backtest.run(*change(*random_market(5, rows=30)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"commission_bps": -1}, "commission_bps must be at least zero; found -1"),
        ({"slippage_bps": NAN}, "slippage_bps must be finite"),
        ({"borrow_rate": "1%"}, "borrow_rate must be a number"),
        ({"risk_free_rate": -1}, "risk_free_rate must be above -1"),
        ({"periods_per_year": 0}, "periods_per_year must be above zero"),
    ],
)
def test_errors_of_options(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        backtest.run(*random_market(5, rows=30), **options)


VALUES = st.one_of(
    st.floats(-2, 2), st.sampled_from([0.0, NAN, np.inf, 1e300, -1e300, 1e-300, 5e-324])
)


PRICES = st.one_of(st.floats(0.5, 2), st.sampled_from([NAN, 0.0, -1.0, 1e300, 1e-300, np.inf]))


@given(st.data())
@settings(max_examples=150)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_anything_gives_a_result_or_a_clear_error(data):
    shape = data.draw(st.tuples(st.integers(0, 8), st.integers(0, 3)))
    kinds = [st.floats(0.5, 2), PRICES]
    prices = data.draw(st.one_of([hnp.arrays(float, shape, elements=k) for k in kinds]))
    kinds = [st.floats(-1, 1), st.floats(-1, 1) | st.just(0.0), VALUES]
    weights = data.draw(st.one_of([hnp.arrays(float, shape, elements=k) for k in kinds]))
    if data.draw(st.booleans()):
        weights[data.draw(hnp.arrays(bool, shape[0]))] = NAN
    rates = {
        name: data.draw(st.sampled_from([0.0, 1e-9, 1.0, 50.0, 9999.0, 1e300]))
        for name in ("commission_bps", "slippage_bps", "borrow_rate", "risk_free_rate")
    }
    try:
        result = backtest.run(weights, prices, **rates)
    except (ValueError, TypeError) as error:
        assert len(str(error)) > 10
        return
    assert np.isfinite(result.equity).all()
    assert (result.equity > 0.0).all()
    assert np.isfinite(result.weights.to_numpy()).all()
    assert (result.costs.to_numpy() >= -1e-15).all()
    assume(len(result.returns) > 1)
    assert list(result.summary().columns) == ["gross", "net"]
