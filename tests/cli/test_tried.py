"""What `--try` means, by the kind of each setting."""

from __future__ import annotations

from puffin.cli.tried import space_of
from puffin.strategies import PairsStrategy
from puffin.tuning.space import DEFAULT_SPACES


def test_what_is_tried_is_of_the_settings_kind():
    rule = PairsStrategy("x", ["y"])
    asked = ["entry_threshold=1:2", "log_prices=true,False", "stop_threshold=3:4", "window=9,12"]
    space = space_of(rule, asked)
    assert space["entry_threshold"] == (1.0, 2.0)
    assert all(isinstance(end, float) for end in space["entry_threshold"])
    assert space["log_prices"] == [True, False]
    assert space["stop_threshold"] == (3, 4)
    assert space["window"] == [9, 12]
    assert space["exit_threshold"] == DEFAULT_SPACES[PairsStrategy]["exit_threshold"]
