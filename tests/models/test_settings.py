"""The arguments that every model shares."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import PairsPriors, RegressionPriors
from puffin.models.settings import check_engine, check_priors, check_scale, checked_seed


@pytest.mark.parametrize(
    "seed",
    [None, 3, np.random.default_rng(1), np.random.SeedSequence(1)],
    ids=lambda seed: type(seed).__name__,
)
def test_seeds_of_every_kind(seed):
    assert checked_seed(seed) is seed


def test_numbers_are_a_seed():
    assert type(checked_seed(np.int64(3))) is int
    assert checked_seed([1, 2]).entropy == [1, 2]
    for seed in (-1, 0.5, "one"):
        with pytest.raises(ValueError, match="random_seed must be None, a whole number"):
            checked_seed(seed)


def test_engines_priors_and_scales():
    assert check_engine("native") == "native"
    with pytest.raises(ValueError, match="engine must be one of 'native', 'pymc'"):
        check_engine("stan")
    assert check_priors(None, PairsPriors) == PairsPriors()
    with pytest.raises(
        TypeError, match=r"priors must be PairsPriors\(...\); found RegressionPrior"
    ):
        check_priors(RegressionPriors(), PairsPriors)
    assert check_scale("data") == "data"
    assert check_scale(2) == 2.0
    with pytest.raises(ValueError, match="scale must be above zero"):
        check_scale(0.0)
