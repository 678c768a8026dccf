"""What is proposed depends on the trials only, and is better than chance."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from puffin.tuning.cube import Cube
from puffin.tuning.proposer import Proposer
from puffin.tuning.trial import Trial
from tests.tuning.conftest import search

REAL = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in "ab"}
FEW = {
    "a": optuna.distributions.IntDistribution(1, 6),
    "b": optuna.distributions.CategoricalDistribution(["x", "y", "z"]),
}
DAYS = np.random.default_rng(1).standard_normal((300, 6))


def earned(params):
    """Return a trial's returns: the nearer (0.7, 0.2) the better, and alike where settings are."""
    a, b = params["a"], params["b"]
    waves = np.array([1.0, a, b, np.cos(3 * a), np.sin(3 * b), np.cos(2 * a + b)])
    waves /= np.linalg.norm(waves)
    return DAYS @ waves + 0.3 * (1.0 - (a - 0.7) ** 2 - (b - 0.2) ** 2)


def run(proposer, trials, count, refuse=lambda _: False):
    while len(trials) < count:
        params = proposer.propose(np.random.default_rng([3, len(trials)]))
        reason = "no" if refuse(params) else ""
        excess = np.empty(0) if reason else earned(params)
        trials.append(Trial(len(trials), params, excess, reason))


def test_finds_the_best_there_is():
    trials = []
    run(Proposer(trials, Cube.of(REAL)), trials, 60)
    there = Cube.of(REAL).random(4000, np.random.default_rng(2))
    returns = [earned(dict(zip("ab", one, strict=True))) for one in there]
    highest = max(one.mean() / one.std() for one in returns)
    assert max(one.ratio for one in trials) > highest - 1e-3


@pytest.mark.parametrize(("refused", "kept"), [(0, 27), (11, 18)])
def test_goes_on_as_it_would_have(refused, kept):
    """Also from the middle of two times at which the likeness is found, and of too few trials."""
    whole = []
    run(Proposer(whole, Cube.of(REAL)), whole, 30, lambda _: len(whole) < refused)
    trials = whole[:kept]
    run(Proposer(trials, Cube.of(REAL)), trials, 30)
    assert [one.params for one in trials] == [one.params for one in whole]


def test_finds_the_best_that_is_not_refused():
    """Which lies where settings begin to be refused."""
    trials = []
    run(Proposer(trials, Cube.of(REAL)), trials, 40, lambda one: one["a"] > 0.5)
    there = Cube.of(REAL).random(4000, np.random.default_rng(2)) * [0.5, 1.0]
    returns = [earned(dict(zip("ab", one, strict=True))) for one in there]
    highest = max(one.mean() / one.std() for one in returns)
    assert max(one.ratio for one in trials if one.is_valid) > highest - 1e-3


@pytest.mark.parametrize("refuse", [lambda _: False, lambda _: True])
def test_settings_that_can_be_counted_are_run_once_each(refuse):
    earn = {one: index for index, one in enumerate("xyz")}
    trials = []
    proposer = Proposer(trials, Cube.of(FEW))
    for number in range(18):
        assert not proposer.exhausted
        params = proposer.propose(np.random.default_rng([3, number]))
        reason = "no" if refuse(params) else ""
        excess = DAYS[:, earn[params["b"]]] + 0.01 * params["a"] * DAYS[:, 4]
        trials.append(Trial(number, params, np.empty(0) if reason else excess, reason))
    assert len({(one.params["a"], one.params["b"]) for one in trials}) == 18
    assert proposer.exhausted


def test_very_many_are_judged_by_some():
    stream = np.random.default_rng(5)
    trials = [Trial(n, params, earned(params)) for n, params in
              enumerate(map(Cube.of(REAL).params, stream.random((320, 2))))]  # fmt: skip
    proposer = Proposer(trials, Cube.of(REAL))
    taken = proposer._taken(np.ones(320, dtype=bool))
    assert len(set(taken)) == 300
    best = np.argsort([-one.ratio for one in trials])
    assert set(best[:100]) <= set(taken)
    assert best[-1] in taken
    assert set(proposer.propose(stream)) == {"a", "b"}


def test_a_search_ends_when_all_settings_were_run(prices, tmp_path):
    space = {"lag": [1, 2, 13], "share": [0.5, 1.0]}
    for _ in range(2):
        found = search(tmp_path, space=space, n_trials=50).fit(prices)
        assert found.stopped == "the sampler has nothing more to try"
        assert len({tuple(one.params.values()) for one in found.trials}) == len(found.trials) == 6
