"""A store is of one strategy, not of all that have its name."""

from __future__ import annotations

import functools

import pytest

from puffin.tuning import SearchStoreError
from tests.tuning.conftest import Lagged, search


def of_sign(sign, but=0):
    """Return a strategy; all are called alike, and are the same with a lag of `but`."""
    return lambda lag, share: Lagged(lag, share if lag == but else sign * share)


def refusing(reason):
    def strategy(lag, share):
        if reason:
            raise ValueError(reason)
        return Lagged(lag, share)

    return strategy


def test_a_strategy_of_the_same_name_is_kept_out(prices, tmp_path):
    search(tmp_path, n_trials=2, strategy=of_sign(1.0)).fit(prices)
    with pytest.raises(SearchStoreError, match="no longer the one whose trials are kept"):
        search(tmp_path, n_trials=4, strategy=of_sign(-1.0)).fit(prices)
    assert len(list((tmp_path / "trials").iterdir())) == 2
    assert len(search(tmp_path, n_trials=3, strategy=of_sign(1.0)).fit(prices).trials) == 3


def test_the_chosen_trial_is_compared_too(prices, tmp_path):
    """Of a strategy that has changed, but not for the first setting."""
    found = search(tmp_path, n_trials=6, random_seed=4, strategy=of_sign(1.0)).fit(prices)
    first = found.trials[0].params["lag"]
    assert first != found.params["lag"]
    with pytest.raises(SearchStoreError, match=rf"trial {found.best.number} \("):
        search(tmp_path, n_trials=6, random_seed=4, strategy=of_sign(-1.0, but=first)).fit(prices)


def test_one_that_now_refuses_a_kept_setting_is_kept_out(prices, tmp_path):
    search(tmp_path, n_trials=1, strategy=refusing("")).fit(prices)
    with pytest.raises(SearchStoreError, match="no longer the one"):
        search(tmp_path, n_trials=2, strategy=refusing("not any more")).fit(prices)


def test_partials_are_told_apart_by_name(prices, tmp_path):
    space = {"lag": (1, 12)}
    search(tmp_path, 1, functools.partial(Lagged, share=0.5), space).fit(prices)
    with pytest.raises(SearchStoreError, match=r"strategy='partial\(Lagged, share=0.5\)'; found"):
        search(tmp_path, 1, functools.partial(Lagged, share=0.7), space).fit(prices)
