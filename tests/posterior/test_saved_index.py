"""An index that is stored as an array and a few facts is the same again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.posterior.saved_index import index_facts, storable

DATES = pd.date_range("2024-03-28", periods=4, freq="B", name="day")


@pytest.mark.parametrize(
    "index",
    [DATES, DATES.as_unit("s"), pd.Index([3, 5, 9], name=7), pd.Index(["a", "b"])],
)
def test_it_is_the_same_again(index):
    facts = index_facts(index, None)
    pd.testing.assert_index_equal(facts.index(storable(index.to_numpy())), index, exact="equiv")


def test_a_time_zone_is_kept():
    index = DATES.tz_localize("Europe/Oslo")
    labels = index.tz_convert("UTC").tz_localize(None).to_numpy()
    pd.testing.assert_index_equal(index_facts(index, "Europe/Oslo").index(labels), index)


def test_an_array_has_none():
    assert index_facts(None, None).index(np.arange(3)) is None


def test_dates_that_are_none_are_refused():
    with pytest.raises(ValueError, match="dates are int64"):
        index_facts(DATES, None).index(np.arange(4))


def test_names_that_no_file_holds_are_text():
    assert index_facts(DATES.rename(("a", "b")), None).index_name == "('a', 'b')"
