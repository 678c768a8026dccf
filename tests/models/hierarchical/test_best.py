"""How much of the best estimate is luck, in a sentence."""

from __future__ import annotations

import pytest

from puffin.models.hierarchical.best import BestAsset
from puffin.models.hierarchical.unit import AlphaUnit


def best(estimate, mean, n_assets=9):
    alpha = AlphaUnit("return", has_factors=True)
    return BestAsset("A", n_assets, estimate, mean, mean - 0.02, mean + 0.02, 0.7, alpha, 0.94)


@pytest.mark.parametrize(
    ("estimate", "mean", "said"),
    [
        (0.10, 0.04, "4.0% of that is expected to last and 6.0% was luck (94% "),
        (0.10, -0.01, "all of that was luck, -1.0% is what is expected to last"),
        (-0.166, -0.197, "with -16.6% by itself: -19.7% knowing of the others"),
        (-0.03, -0.02, "with -3.0% by itself: -2.0% knowing of the others"),
    ],
)
def test_parts_of_an_estimate(estimate, mean, said):
    assert said in best(estimate, mean).sentence
    assert best(estimate, mean).luck == pytest.approx(estimate - mean)


def test_one_asset_was_not_chosen():
    assert best(0.1, 0.05, 1).sentence.startswith("A: annual alpha 10.0% by itself, 5.0% with the")
