"""Walking forward: what is known when, what is fitted when, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin import backtest

ROWS = 60


def random_prices(seed, rows=ROWS):
    stream = np.random.default_rng(seed)
    steps = 0.02 * stream.standard_normal((rows, 2))
    index = pd.bdate_range("2021-01-01", periods=rows)
    return pd.DataFrame(np.exp(np.cumsum(steps, axis=0)), index, ["A", "B"])


class Reversal:
    """Long what fell over five bars; on every third bar only."""

    def weights(self, prices):
        weights = -np.sign(prices / prices.shift(5) - 1.0) / 2
        weights[np.arange(len(prices)) % 3 != 0] = np.nan
        return weights


@dataclass
class Trained:
    """Holds A in proportion to the training prices' length and last value; remembers its fits."""

    level: float = 0.0

    def fit(self, prices):
        self.level += prices["A"].iloc[-1] + len(prices)
        return self

    def weights(self, prices):
        return pd.DataFrame(self.level / 1000, prices.index, prices.columns)


@given(st.integers(0, 2**32), st.integers(6, 50), st.integers(1, 30))
@settings(max_examples=25)
@pytest.mark.slow
def test_with_nothing_to_fit_it_is_one_backtest(seed, train, test):
    prices = random_prices(seed)
    costs = {"commission_bps": 10, "borrow_rate": 0.01, "periods_per_year": 252}
    walked = backtest.walk_forward(Reversal(), prices, train, test, **costs)
    weights = Reversal().weights(prices)
    piece = weights.iloc[train:].copy()
    if piece.iloc[0].isna().all():
        piece.iloc[0] = weights.iloc[:train].dropna().iloc[-1]
    expected = backtest.run(piece, prices.iloc[train:], **costs)
    assert walked.returns.index.equals(expected.returns.index)
    np.testing.assert_array_equal(walked.returns, expected.returns)
    np.testing.assert_array_equal(walked.targets, expected.targets)
    assert walked.name == "Reversal"


@given(st.integers(0, 2**32), st.integers(30, ROWS - 1))
@settings(max_examples=15)
@pytest.mark.slow
def test_the_future_changes_nothing(seed, rows):
    prices = random_prices(seed)
    options = {"train": 20, "test": 7, "commission_bps": 10, "periods_per_year": 252}
    for strategy in (Reversal(), Trained()):
        whole = backtest.walk_forward(strategy, prices, **options)
        cut = backtest.walk_forward(strategy, prices.iloc[:rows], **options)
        assert whole.returns.iloc[: len(cut.returns)].equals(cut.returns)
        assert whole.targets.iloc[: len(cut.targets)].equals(cut.targets)


def test_every_window_has_a_fresh_copy_fitted_on_the_rows_before():
    prices, strategy = random_prices(1), Trained()
    result = backtest.walk_forward(strategy, prices, train=20, test=15)
    expected = [(prices["A"].iloc[start - 1] + 20) / 1000 for start in (20, 35, 50)]
    asked = result.targets["A"].to_numpy()
    np.testing.assert_array_equal(asked, np.repeat(expected, [15, 15, 10]))
    assert strategy.level == 0.0


def test_a_fit_may_return_another_strategy_or_nothing():
    class Factory:
        def __init__(self, returns_itself):
            self.returns_itself = returns_itself

        def fit(self, prices):
            self.chosen = prices.columns[int(np.argmax(prices.iloc[-1]))]
            return Chosen(self.chosen) if not self.returns_itself else None

        def weights(self, prices):
            return Chosen(self.chosen).weights(prices)

    @dataclass(frozen=True)
    class Chosen:
        asset: str

        def weights(self, prices):  # other assets in other windows
            return pd.DataFrame({self.asset: 1.0}, prices.index)

    prices = random_prices(3)
    one, other = (
        backtest.walk_forward(Factory(itself), prices, train=10, test=10)
        for itself in (True, False)
    )
    assert one.targets.equals(other.targets)
    for start in range(10, ROWS, 10):
        best = prices.iloc[start - 1].idxmax()
        assert one.targets.loc[prices.index[start], best] == 1.0
    assert (one.targets.sum(axis=1) == 1.0).all()
    assert (one.targets.sum() > 0.0).all()


class Monthly:
    """Decides in the first row only."""

    def weights(self, prices):
        weights = pd.DataFrame(np.nan, prices.index, prices.columns)
        weights.iloc[0] = [0.25, 0.75]
        return weights


class Refitted(Monthly):
    def fit(self, prices):
        return self


def test_it_enters_with_the_last_decision():
    prices = random_prices(4)
    held = backtest.walk_forward(Monthly(), prices, train=20, test=10).targets
    assert held.index[held.notna().all(axis=1)].tolist() == [prices.index[20]]
    refitted = backtest.walk_forward(Refitted(), prices, train=20, test=10).targets
    assert refitted.index[refitted.notna().all(axis=1)].tolist() == prices.index[20::10].tolist()
    np.testing.assert_array_equal(refitted.dropna(), [[0.25, 0.75]] * 4)


@pytest.mark.parametrize(
    "peek",
    [
        lambda p: np.sign(p.shift(-1) / p - 1.0).fillna(0.0),  # tomorrow's return
        lambda p: np.sign(p - p.mean()),  # the mean of all
        lambda p: p.max() / p - 1.0,
        lambda p: p.rolling(5, center=True).mean().fillna(0.0),
    ],
)
def test_a_strategy_that_looks_ahead_is_caught(peek):
    class Peeking:
        def weights(self, prices):
            return peek(prices)

    rising = random_prices(5).mul(np.geomspace(1.0, 9.0, ROWS), axis=0)
    with pytest.raises(backtest.LookAheadError, match="other ones: the strategy looks ahead"):
        backtest.walk_forward(Peeking(), rising, train=20, test=10)


def test_windows_of_one_row_show_the_past_only():
    class Sees:
        def fit(self, prices):
            return self

        def weights(self, prices):
            return pd.DataFrame(np.tanh(prices.mean() - 1), prices.columns, ["w"]).T.set_axis(
                prices.index[-1:]
            )

    prices = random_prices(6)
    result = backtest.walk_forward(Sees(), prices, train=20, test=1)
    expected = np.tanh(prices.expanding().mean() - 1).iloc[20:]
    np.testing.assert_allclose(result.targets, expected, rtol=1e-9)


def test_interrupted_it_keeps_what_is_finished():
    class Tired(Refitted):
        def weights(self, prices):
            if len(prices) > limit:
                raise KeyboardInterrupt
            return prices * 0.0 + 0.5

    prices, limit = random_prices(7), 45
    with pytest.warns(
        RuntimeWarning, match=r"after 2 of 4 windows: the backtest ends at 2021-02-25"
    ):
        result = backtest.walk_forward(Tired(), prices, train=20, test=10, progressbar=True)
    assert len(result.equity) == 20
    limit = 10
    with pytest.raises(KeyboardInterrupt):
        backtest.walk_forward(Tired(), prices, train=20, test=10)


class Returns:
    def __init__(self, answer):
        self.answer = answer

    def weights(self, prices):
        return self.answer(prices)


@pytest.mark.parametrize(
    ("strategy", "options", "message"),
    [
        ("momentum", {}, "must have a method weights"),
        (Reversal(), {"train": 0}, "train must be a whole number of at least 1"),
        (Reversal(), {"test": 2.5}, "test must be a whole number"),
        (Reversal(), {"train": 59}, "60 rows; train=59 leaves too few"),
        (Reversal(), {"commission_bps": -1}, "commission_bps must be at least zero"),
        (Returns(lambda p: None), {}, "Returns.weights must return a DataFrame; found NoneType"),
        (Returns(lambda p: p.rename(columns={"A": "X"})), {}, "assets that prices lacks: 'X'"),
        (Returns(lambda p: p.shift(freq="1000D")), {}, "prices has no row"),
        (Returns(lambda p: p * np.nan), {}, "decides nothing"),
    ],
)
def test_errors_say_what_is_wrong(strategy, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        backtest.walk_forward(strategy, random_prices(8), **({"train": 20, "test": 10} | options))
