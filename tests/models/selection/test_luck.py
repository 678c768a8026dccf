"""The effective number of trials."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.selection.luck import effective_trials


def found(correlation):
    return effective_trials(correlation, np.random.default_rng(1))


def test_independent_trials_count_each():
    assert found(np.eye(40)) == pytest.approx(40, rel=0.1)
    assert found(np.eye(1)) == 1.0


def test_copies_count_once():
    assert found(np.ones((40, 40))) == pytest.approx(1.0, abs=0.1)


def test_ten_kinds_of_four_count_ten():
    assert found(np.kron(np.eye(10), np.ones((4, 4)))) == pytest.approx(10, rel=0.1)
