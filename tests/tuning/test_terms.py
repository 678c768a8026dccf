"""What strategies and samplers are called."""

from __future__ import annotations

import functools

from puffin.tuning.terms import name_of
from tests.tuning.conftest import Lagged


def test_a_partial_is_called_by_what_it_fixes():
    once = functools.partial(Lagged, 2, share=0.5)
    assert name_of(once) == "partial(Lagged, 2, share=0.5)"
    assert name_of(functools.partial(lambda one, two: None, Lagged, two=once)).endswith(
        "<lambda>, Lagged, two=partial(Lagged, 2, share=0.5))"
    )


def test_an_instance_is_called_by_its_fields_or_its_class():
    assert name_of(Lagged(2)) == "Lagged(lag=2, share=1.0)"
    assert name_of(functools.partial(Lagged, object())) == "partial(Lagged, object)"
