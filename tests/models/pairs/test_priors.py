"""Priors of the hedge ratio."""

from __future__ import annotations

import pytest

from puffin.models.bayesian import PairsPriors

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


def test_priors_print_themselves():
    text = str(PairsPriors())
    for part in ("standardised prices", "Normal(0, 1)", "Uniform(-1, 1)", "LogUniform"):
        assert part in text
    assert "prices over 50" in str(PairsPriors(scale=50.0))
