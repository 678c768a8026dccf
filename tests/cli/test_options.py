"""Options that commands share."""

from __future__ import annotations

from puffin.cli.options import Distribution
from puffin.inference.stochastic_volatility import SAMPLED_LAWS


def test_every_law_can_be_asked_for():
    assert {str(one) for one in Distribution} == set(SAMPLED_LAWS)
