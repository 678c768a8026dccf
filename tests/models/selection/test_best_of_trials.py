"""What is left of the best of many trials, as a user asks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models.selection import SelectionPriors

DAYS = pd.bdate_range("2020-01-01", periods=700)


@pytest.fixture(scope="module")
def returns():
    stream = np.random.default_rng(1)
    values = 0.01 * stream.standard_normal((len(DAYS), 8))
    values[:, 3] += 0.0012
    table = pd.DataFrame(values, DAYS, [f"t{i}" for i in range(8)])
    return table.assign(copy=table["t3"])


@pytest.fixture(scope="module")
def best(returns):
    return pf.best_of_trials(returns, random_seed=1)


def test_chooses_and_shrinks(best, returns):
    assert best.chosen == "t3"
    assert best.n_trials == 9
    assert best.apparent == pytest.approx(
        np.sqrt(best.periods_per_year) * returns["t3"].mean() / returns["t3"].std(ddof=0)
    )
    assert 0.0 < best["mean"] < best.apparent
    assert best["hdi_low"] < best["mean"] < best["hdi_high"]
    assert best.prob_greater(0.0) == best["prob_positive"] > 0.9


def test_copies_are_one(best):
    assert best.draws.shape[1] == 8
    assert best.prob_best["copy"] == best.prob_best["t3"]
    assert best.prob_best.sum() == pytest.approx(1.0)
    assert {"t3", "copy"} <= set(best.undecided)
    table = best.table.set_index("trial")
    assert table.loc["copy"].to_dict() == table.loc["t3"].to_dict()
    assert table.index[0] in ("t3", "copy")


def test_says_it_in_a_sentence(best):
    expected = f"Of the apparent {best.apparent:.2f}, {best['mean']:.2f} is left (94%: "
    assert best.sentence.startswith(expected)
    assert best.sentence in repr(best)


def test_says_what_decides_and_what_the_measures_beside_it_are(best):
    shown = " ".join(repr(best).split())
    assert f"The best of {best.n_trials} trials is {best.chosen}: the highest posterior" in shown
    assert f"worth {best.effective_trials:.0f} independent ones" in shown
    assert "(one minus the p-value of the best of so many)" in shown
    assert "below the median in the other)" in shown


def test_frequentists_beside_it(best, returns):
    assert 0.0 < best.deflated_sharpe_ratio < 1.0
    assert 1.0 <= best.effective_trials <= 8.0
    assert 0.0 <= best.prob_overfit < 0.2


def test_the_same_seed_the_same_draws(returns, best):
    assert (pf.best_of_trials(returns, random_seed=1).draws == best.draws).all()
    assert not (pf.best_of_trials(returns, random_seed=2).draws == best.draws).all()


def test_a_wider_prior_leaves_more(returns, best):
    wide = SelectionPriors(level_sd=2.0, spread_sd=2.0, own_sd=2.0)
    assert pf.best_of_trials(returns, priors=wide, random_seed=1)["mean"] > best["mean"]


def test_one_trial(returns):
    alone = pf.best_of_trials(returns[["t3"]], random_seed=1)
    assert alone.chosen == "t3"
    assert 0.0 < alone["mean"] < alone.apparent
    assert alone.effective_trials == 1.0


def test_cash_earns_nothing(returns, best):
    rate = 0.05
    moved = returns + (1.0 + rate) ** (1.0 / best.periods_per_year) - 1.0
    again = pf.best_of_trials(moved, risk_free_rate=rate, random_seed=1)
    assert again.apparent == pytest.approx(best.apparent)


def test_refuses_what_cannot_be_compared(returns):
    with pytest.raises(ValueError, match=r"not over the same periods.*what cash earned"):
        pf.best_of_trials({"a": returns["t0"], "b": returns["t1"].iloc[5:]})
    with pytest.raises(ValueError, match="1 trial cannot be used"):
        pf.best_of_trials(returns.assign(flat=0.0))
    with pytest.raises(ValueError, match="hardly varies"):
        pf.best_of_trials(returns.assign(flat=1e-4 + 1e-5 * returns["t0"]))
    with pytest.raises(ValueError, match="at least 30"):
        pf.best_of_trials(returns.iloc[:20])
    with pytest.raises(TypeError, match="SelectionPriors"):
        pf.best_of_trials(returns, priors=pf.SharpePriors())


def test_plots(best):
    drawn = best.plot()
    assert drawn.axes[0].get_xlabel() == "apparent annual Sharpe ratio"


def rare(stream):
    """Return trials that are active on five days of five years, each on its own."""
    active = np.zeros((1250, 60))
    for one in active.T:
        one[stream.choice(1250, 5, replace=False)] = 0.01 * stream.standard_normal(5)
    return active


def one_trade(stream):
    """Return trials that are in the market once, for twenty days."""
    active = np.zeros((1250, 60))
    for one in active.T:
        start = stream.integers(0, 1230)
        one[start : start + 20] = 0.01 * stream.standard_normal(20)
    return active


@pytest.mark.parametrize("world", [rare, one_trade])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_lucky_trial_that_rarely_trades_is_no_winner(world):
    """At a rate of 5%, three or more of six in 0.2% of runs; its interval is no narrower."""
    found = [
        pf.best_of_trials(pd.DataFrame(world(np.random.default_rng(seed))), 500, random_seed=1)
        for seed in range(6)
    ]
    assert sum(one["prob_positive"] > 0.95 for one in found) <= 2
