"""The search, as a user runs it: what it finds, remembers, refuses, and that it goes on."""

from __future__ import annotations

import dataclasses
import re
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import optuna
import pandas as pd
import pytest

import puffin as pf
from puffin.backtest import LookAheadError
from puffin.models.bayesian import BayesianOptimizer
from puffin.tuning import SearchStoreError
from tests.tuning.conftest import Lagged, search


@pytest.fixture(scope="module")
def tuned(prices):
    return search(n_trials=30, random_seed=4).fit(prices)


def answer(tuned):
    return tuned.params, tuned.selection.draws.tobytes(), tuned.table.to_csv()


def test_finds_what_pays(tuned):
    assert tuned.params["lag"] == 1
    assert tuned.strategy == Lagged(**tuned.params)
    assert len(tuned.trials) == 30
    assert tuned.stopped == "all 30 trials were run"
    assert tuned.sentence in repr(tuned)


def test_the_chosen_ones_backtest_is_what_it_was_chosen_by(tuned):
    backtest = tuned.backtest()
    assert backtest.returns.to_numpy() == pytest.approx(tuned.returns[tuned.best.number].to_numpy())
    assert backtest.terms.commission_bps == 1.0
    assert (backtest.returns.index == tuned.evaluation.days).all()


def test_trials_are_of_the_same_days_before_the_holdout(tuned, prices):
    assert len(tuned.returns) == 320 - 40 - 1
    assert tuned.returns.index[-1] == prices.index[319]
    assert tuned.returns.notna().all().all()


@pytest.mark.slow
def test_the_search_is_not_given_the_holdout(prices):
    """Other prices there, the same answer."""
    other = prices.copy()
    other.iloc[320:] = 1.0 + np.random.default_rng(2).random((80, 2))
    assert answer(search().fit(prices)) == answer(search().fit(other))


def test_name_in_the_contract():
    assert pf.BayesianOptimizer is BayesianOptimizer
    with pytest.raises(AttributeError, match="no attribute 'BayesianMagic'"):
        _ = pf.models.bayesian.BayesianMagic


def test_goes_on_from_what_is_on_the_disk(prices, tmp_path):
    whole = search().fit(prices)
    search(tmp_path, n_trials=5).fit(prices)
    assert answer(search(tmp_path).fit(prices)) == answer(whole)
    for trial in sorted((tmp_path / "trials").iterdir())[8:]:
        trial.unlink()
    assert answer(search(tmp_path).fit(prices)) == answer(whole)


@pytest.mark.slow
def test_a_search_that_is_killed_goes_on_to_the_same_answer(prices, tmp_path):
    """Killed by SIGKILL in the middle of a trial."""
    prices.to_parquet(tmp_path / "prices.parquet")
    code = """
        import sys, pandas as pd
        from tests.tuning.test_optimizer import search
        search(sys.argv[2]).fit(pd.read_parquet(sys.argv[1]))
    """
    store = tmp_path / "store"
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), tmp_path / "prices.parquet", store]
    )
    deadline = time.monotonic() + 120
    while not (store / "trials" / "000003.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = len(list((store / "trials").glob("*.npz")))
    assert kept >= 4
    assert answer(search(store).fit(prices)) == answer(search().fit(prices))


def test_without_a_seed_the_store_keeps_one(prices, tmp_path):
    first = search(tmp_path, random_seed=None).fit(prices)
    assert answer(search(tmp_path, random_seed=None).fit(prices)) == answer(first)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"train": 41}, "train=40; found 41"),
        ({"commission_bps": 2.0}, "costs="),
        ({"random_seed": 4}, "random_seed=3; found 4"),
        ({"space": {"lag": (1, 12), "share": (0.4, 1.0)}}, "space="),
        ({"strategy": lambda lag, share: Lagged(lag, 0.9 * share)}, "strategy='Lagged'"),
    ],
)
def test_another_search_is_kept_out_of_a_store(prices, tmp_path, changed, says):
    search(tmp_path, n_trials=2).fit(prices)
    with pytest.raises(SearchStoreError, match=says):
        search(tmp_path, n_trials=2, **changed).fit(prices)
    with pytest.raises(SearchStoreError, match=r"other prices.*it was started with") as refused:
        search(tmp_path, n_trials=2).fit(prices * 1.01)
    assert not re.search("[0-9a-f]{32}", str(refused.value).replace(str(tmp_path), ""))


def test_stops_where_another_trial_gains_too_little(prices):
    stopped = search(n_trials=200, least_gain=0.05).fit(prices)
    assert len(stopped.trials) == 25
    assert stopped.stopped.startswith("another trial is expected to add 0.0")
    assert "expected to add" in repr(stopped)


def test_a_timeout_ends_it(prices):
    assert search(n_trials=10_000, timeout=0.2).fit(prices).stopped == "the 0.2 seconds were over"


@pytest.mark.slow
def test_a_setting_that_the_strategy_refuses_is_ruled_out(prices):
    found = search(space={"lag": [1, 2, 13]}, strategy=Lagged(share=0.7)).fit(prices)
    refused = [one for one in found.trials if not one.is_valid]
    assert {one.reason for one in refused} == {"lag must not be 13."}
    assert {one.params["lag"] for one in refused} == {13}
    states = [one.state.name for one in found.study.trials]
    assert states.count("PRUNED") == len(refused) > 0
    assert found.strategy.share == 0.7
    with pytest.raises(ValueError, match=r"None of 3 settings.*lag must not be 13"):
        search(space={"lag": [13], "share": (0.5, 1.0)}, n_trials=3).fit(prices)
    with pytest.raises(ValueError, match=r"It never trades"):
        search(space={"share": [0.0]}, n_trials=1).fit(prices)


@pytest.mark.filterwarnings("ignore:weights are on the right side")
@pytest.mark.parametrize("lags", [[1], [1, 4, 5, 6]])
def test_a_strategy_that_looks_ahead_is_found_out(prices, lags):
    """Also where only some settings do, once one of them is chosen."""

    class Peeking(Lagged):
        def weights(self, prices):
            return super().weights(prices).shift(-2).fillna(0.0)

    with pytest.raises(LookAheadError):
        search(strategy=Peeking, space={"lag": lags}).fit(prices)


def test_a_strategy_with_a_fit_is_fitted_in_each_window(prices):
    class Fitted(Lagged):
        def fit(self, prices):
            lengths.append(len(prices))
            return self

    lengths = []
    search(strategy=Fitted, n_trials=1, test=100).fit(prices)
    assert lengths == 2 * [40, 40, 40]  # the chosen one again


@pytest.mark.slow
def test_a_study_that_is_handed_in_is_asked_and_told(prices, tmp_path):
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1),
        storage=f"sqlite:///{tmp_path}/study.db",
    )  # fmt: skip
    study.add_trial(
        optuna.trial.create_trial(
            params={"lag": 2},
            distributions={"lag": optuna.distributions.IntDistribution(1, 12)},
            value=1.0,
        )
    )
    store = tmp_path / "store"
    found = search(store, study=study, n_trials=4).fit(prices)
    assert found.study is study
    assert [one.params for one in study.trials[1:]] == [one.params for one in found.trials]
    assert "had 1 trials before" in repr(found)
    study.ask({})  # as a run that was killed leaves one
    again = search(store, study=study, n_trials=6).fit(prices)
    assert len(study.trials) == 1 + 4 + 1 + 2
    assert answer(again)[0] in [dict(one.params) for one in study.trials]


def test_another_sampler(prices):
    found = search(sampler=lambda seed: optuna.samplers.RandomSampler(seed=seed)).fit(prices)
    assert isinstance(found.study.sampler, optuna.samplers.RandomSampler)


def test_says_nothing_on_stderr(prices, capfd):
    search(n_trials=2).fit(prices)
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_keeps_what_there_is(prices):
    class Interrupting(Lagged):
        def weights(self, prices):
            if len(asked) == 5 and self not in asked:
                raise KeyboardInterrupt
            asked.add(self)
            return super().weights(prices)

    asked = set()
    with pytest.warns(RuntimeWarning, match="Interrupted after"):
        found = search(strategy=Interrupting, n_trials=200).fit(prices)
    assert len(found.trials) == 5
    assert found.stopped == "it was interrupted"


class TestHoldout:
    def test_is_of_the_days_after_the_search(self, tuned, prices):
        opened = tuned.open_holdout()
        assert opened.backtest.returns.index[0] == prices.index[321]
        assert opened.backtest.returns.index[-1] == prices.index[-1]
        assert opened.is_first
        assert 0.0 < opened.prob_worse < 1.0
        assert opened.ratio == pytest.approx(opened.backtest.summary().loc["sharpe", "net"])
        assert "locked" not in repr(tuned)

    def test_says_whether_it_is_better_or_worse_than_expected(self, tuned):
        opened = tuned.open_holdout()
        assert opened.expected.mean() == pytest.approx(tuned.selection["mean"], abs=1e-12)
        low, high = opened.ratio - 1.0, opened.ratio + 1.0
        better = dataclasses.replace(opened, expected=np.array([low, low, low, high + 0.1]))
        assert (
            f"better than the search expected ({better.expected.mean():.2f}); it gave 25.0% to a "
            "result as good or better. Between 10% and 90% is no surprise."
        ) in repr(better)
        worse = dataclasses.replace(opened, expected=np.array([low - 0.1, high, high, high]))
        assert (
            f"worse than the search expected ({worse.expected.mean():.2f}); it gave 25.0% to a "
            "result as bad or worse."
        ) in repr(worse)

    @pytest.mark.slow
    def test_says_so_when_it_is_opened_again(self, prices, tmp_path):
        first = search(tmp_path, n_trials=3).fit(prices)
        assert "is locked" in repr(first)
        opened = first.open_holdout()
        assert opened.is_first
        later = search(tmp_path, n_trials=5).fit(prices)
        assert "was opened after 3 of the 5 trials" in repr(later)
        again = later.open_holdout()
        assert "It was opened once before, first at 20" in repr(again)
        assert "after 3 trials" in repr(again)
        assert "opened 2 times before" in repr(later.open_holdout())

    def test_may_be_nothing(self, prices):
        without = search(n_trials=1, holdout=0).fit(prices)
        assert "Nothing is held out" in repr(without)
        with pytest.raises(ValueError, match="Nothing was held out"):
            without.open_holdout()


@pytest.mark.slow
def test_plots(tuned):
    assert tuned.plot().axes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = tuned.plot_parallel_coordinates()
    assert axes.get_ylim() == pytest.approx((tuned.table["mean"].min(), tuned.table["mean"].max()))
    [lines] = axes.collections
    assert sorted(lines.get_array()) == pytest.approx(sorted(tuned.table["mean"]))
    figure = axes.figure
    bar = next(one for one in figure.axes if one.get_ylabel())
    assert bar.get_ylabel() == "posterior mean"
    figure.canvas.draw()
    assert bar.yaxis.label.get_window_extent().x1 <= figure.bbox.x1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"holdout": 1.5}, "holdout"),
        ({"train": 300}, "left to search by"),
        ({"holdout": 0.01}, "too little to judge by"),
        ({"n_trials": 0}, "n_trials"),
        ({"study": 3}, "study must be one of Optuna's"),
        ({"study": optuna.create_study()}, "must maximise"),
        ({"commission_bps": -1.0}, "commission_bps"),
        ({"priors": 1}, "SelectionPriors"),
        ({"strategy": 3}, "strategy must be"),
        ({"strategy": dict}, "must have a method weights"),
    ],
)
def test_refuses_what_makes_no_sense(prices, changed, says):
    with pytest.raises((TypeError, ValueError), match=says):
        search(**changed).fit(prices)


def test_the_strategies_that_ship_have_a_space(prices):
    longer = pd.concat([prices, prices * prices.iloc[-1] / prices.iloc[0]], ignore_index=True)
    search = BayesianOptimizer(
        pf.strategies.MovingAverageCross, n_trials=4, samples=200, random_seed=1
    )
    found = search.fit(longer)
    assert set(found.params) == {"fast", "slow", "direction"}
