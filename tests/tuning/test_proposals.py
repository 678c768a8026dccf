"""A study is told of the trials of its search, and knows those of others from them."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from tests.tuning.conftest import search


@pytest.fixture
def study():
    return optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))


@pytest.mark.parametrize("space", [{"lag": (1, 12)}, {"lag": [1, 2, 13]}])
def test_what_an_earlier_search_was_told_is_said_not_to_be_known(prices, study, space):
    """Also of settings that could not be backtested: the sampler goes by them."""
    first = search(study=study, n_trials=6, space=space).fit(prices)
    assert first.unknown_trials == 0
    assert any(not one.is_valid for one in first.trials) == (13 in space["lag"])
    second = search(study=study, n_trials=6, space=space).fit(prices)
    assert second.unknown_trials == 6
    assert "had 6 trials before" in repr(second)


def test_another_searchs_trial_of_the_same_number_is_another(prices, study, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    search(one, study=study, n_trials=3).fit(prices)
    assert search(other, study=study, n_trials=2).fit(prices * 1.01).unknown_trials == 3
    assert search(one, study=study, n_trials=3).fit(prices).unknown_trials == 2
    assert search(other, study=study, n_trials=2).fit(prices * 1.01).unknown_trials == 3
    assert len(study.trials) == 5


def test_a_store_of_the_same_terms_has_its_own_trials(prices, study, tmp_path):
    """As after the first one was removed, while the study was kept."""
    search(tmp_path / "removed", study=study, n_trials=3).fit(prices)
    assert search(tmp_path / "new", study=study, n_trials=3).fit(prices).unknown_trials == 3
    assert search(tmp_path / "new", study=study, n_trials=3).fit(prices).unknown_trials == 3
    assert len(study.trials) == 6


@pytest.mark.slow
def test_the_plot_of_settings_is_of_this_search(prices, study):
    """Another's trials have the same numbers, before its own and after them."""
    search(study=study, n_trials=3).fit(prices)
    found = search(study=study, n_trials=3).fit(prices)

    def lines():
        return np.array(found.plot_parallel_coordinates().collections[0].get_segments())

    before = lines()
    search(study=study, n_trials=3).fit(prices)
    assert before.shape[0] == 3
    assert (lines() == before).all()


GRID = {"lag": [1, 2, 13], "share": [0.5, 1.0]}


def settings(found):
    return {tuple(one.params.values()) for one in found.trials}


def test_a_grid_ends_the_search(prices):
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.GridSampler(GRID, seed=1)
    )
    found = search(study=study, space=GRID).fit(prices)
    assert found.stopped == "the sampler has nothing more to try"
    assert len(found.trials) == len(settings(found)) == 6
    assert all(one.state.is_finished() for one in study.trials)
    assert found.params["lag"] == 1


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_an_exhaustive_search_ends_and_stays_so(prices, tmp_path):
    def sampler(seed):
        return optuna.samplers.BruteForceSampler(seed=seed)

    search(tmp_path, sampler=sampler, space=GRID, n_trials=4).fit(prices)
    for _ in range(2):
        found = search(tmp_path, sampler=sampler, space=GRID).fit(prices)
        assert found.stopped == "the sampler has nothing more to try"
        assert len(found.trials) == len(settings(found)) == 6
    (tmp_path / "trials" / "000005.npz").unlink()
    assert len(search(tmp_path, sampler=sampler, space=GRID).fit(prices).trials) == 6


def test_a_grid_made_afresh_for_each_trial_is_refused():
    with pytest.raises(ValueError, match="would repeat points"):
        search(sampler=lambda seed: optuna.samplers.GridSampler(GRID, seed=seed), space=GRID)


def test_what_else_goes_wrong_in_telling_is_not_taken_for_the_end(prices):
    class Failing(optuna.samplers.RandomSampler):
        def after_trial(self, *_):
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        search(sampler=lambda seed: Failing(seed=seed)).fit(prices)
