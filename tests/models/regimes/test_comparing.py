from __future__ import annotations

import numpy as np
import pytest

from puffin.models.regimes import compare_regimes
from tests.models.regimes.fitting import returns

FAST = {"samples": 500, "chains": 2, "cores": 1, "random_seed": 1}


def test_two_regimes_are_found_where_there_are_two():
    found = compare_regimes(returns()[:400], most=2, held_out=60, **FAST)
    assert found.best == 2
    assert found.table.loc[2, "probability"] > 0.99
    assert found.table["probability"].sum() == pytest.approx(1.0)
    assert found.table.loc[2, "score_difference"] == 0.0 or found.table.loc[1, "log_score"] > 0
    assert list(found.models) == [1, 2]
    assert "2 regimes are the most probable of 1 to 2 (>99.9%)." in repr(found)
    assert found.doubts == ("2 is the most that was tried, and more may be better: raise most.",)


def test_one_regime_is_enough_where_there_is_one():
    values = 0.01 * np.random.default_rng(4).standard_normal(300)
    found = compare_regimes(values, most=2, **FAST)
    assert found.best == 1
    assert "1 regime is the most probable of 1 to 2" in repr(found)
    assert not any("raise most" in doubt for doubt in found.doubts)
    assert "log_score" not in found.table


def test_fat_tails_alone_are_no_regimes():
    """By default; with normal errors the same returns have two regimes beyond doubt."""
    values = 0.01 * np.random.default_rng(1).standard_t(4, 400)
    assert compare_regimes(values, most=2, **FAST).table.loc[2, "probability"] < 0.7
    assert compare_regimes(values, 2, "normal", **FAST).table.loc[2, "probability"] > 0.999


@pytest.mark.parametrize(
    ("options", "message"),
    [({"most": 7}, "at most 6"), ({"held_out": 380}, "must leave 60"), ({"most": 0}, "most")],
)
def test_arguments_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        compare_regimes(returns()[:400], **options)
