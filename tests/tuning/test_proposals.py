"""A study is told of the trials of its search, and knows those of others from them."""

from __future__ import annotations

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
