"""Which assets can be named with few false ones among them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffin.inference.hierarchical.sampler import sample_hierarchical
from puffin.inference.settings import Settings
from puffin.models.bayesian import BayesianHierarchical
from puffin.models.hierarchical.skilled import false_discovery_rates
from tests.inference.hierarchical.problems import problem
from tests.models.hierarchical.funds import simulated

pytestmark = pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_rates_are_means_of_all_that_are_as_probable(probs):
    probs = np.array(probs)
    rates = false_discovery_rates(probs)
    for prob, rate in zip(probs, rates, strict=True):
        assert rate == pytest.approx(probs[probs <= prob].mean())


@pytest.fixture(scope="module")
def model():
    funds = simulated(1)
    return BayesianHierarchical().fit(funds.returns, funds.factors, samples=200, random_seed=1)


@pytest.mark.parametrize("fdr", [0.01, 0.1, 0.4])
def test_set_is_the_largest_below_the_level(model, fdr):
    skilled = model.skilled(fdr)
    prob_false = 1.0 - model.table["prob_positive"].to_numpy()
    sizes = [k for k in range(1, 61) if np.sort(prob_false)[:k].mean() <= fdr + 1e-12]
    assert len(skilled) == max(sizes, default=0)
    assert skilled.expected_rate <= fdr
    assert skilled.assets == list(model.table["asset"][: len(skilled)])


def test_threshold_asks_for_more(model):
    assert len(model.skilled(0.2, threshold=0.02)) < len(model.skilled(0.2))
    assert len(model.skilled(0.2, threshold=-1.0)) == 60


def test_nearly_all_named_is_a_doubt(model):
    assert "Nearly all are named" in repr(model.skilled(0.2, threshold=-1.0))
    assert "Nearly all are named" not in repr(model.skilled(0.1, threshold=0.02))


def test_says_how_many(model):
    shown = repr(model.skilled(0.1))
    assert "of 60 assets are named" in shown
    assert "at most 10%" in shown


@pytest.mark.parametrize(
    ("fdr", "said"),
    [
        (0.9, "It is named as having an annual excess return above zero: the probability that it "
         "has not is at most 90%."),
        (1e-9, "It is not named as having an annual excess return above zero: the probability "
         "that it has not is above 0%."),
    ],
)  # fmt: skip
def test_one_asset_is_not_spoken_of_as_many(fdr, said):
    noise = np.random.default_rng(2).normal(0.01, 0.03, (60, 1))
    one = BayesianHierarchical(periods_per_year=12).fit(
        pd.DataFrame(noise), samples=100, tune=50, random_seed=1
    )
    assert one.skilled(fdr).sentence == said
    assert "1 asset: nothing to weigh its annual excess return by but the prior" in repr(one)


def test_one_of_many_is_named(model):
    first = model.table["fdr"].iloc[0]
    said = model.skilled(float(first) + 1e-9).sentence
    assert said.startswith("1 of 60 assets is named as having an annual alpha above zero, with")
    assert "probability that it has not; " in said


def test_ranking_is_by_the_threshold(model):
    ranked = model.fitted.ranked(0.02)
    alpha = model.posterior.flat("alpha")[
        :, [model.fitted.assets.index(n) for n in ranked["asset"]]
    ]
    np.testing.assert_allclose(ranked["prob_above"], np.mean(alpha > 0.02, axis=0))
    assert ranked["prob_above"].is_monotonic_decreasing
    assert ranked["fdr"].is_monotonic_increasing
    assert model.skilled(0.2, 0.02).assets == list(ranked["asset"][ranked["fdr"] <= 0.2])


def test_none_is_named_where_none_can_be():
    noise = np.random.default_rng(2).normal(-0.02, 0.03, (60, 8))
    skilled = BayesianHierarchical(periods_per_year=12).fit(
        pd.DataFrame(noise), samples=100, tune=50, random_seed=1
    ).skilled(0.05)  # fmt: skip
    assert len(skilled) == 0
    assert skilled.expected_rate == 0.0
    assert "0 of 8 assets" in repr(skilled)


@pytest.mark.parametrize("fdr", [0.0, 1.0, -0.1])
def test_level_is_a_probability(model, fdr):
    with pytest.raises(ValueError, match="fdr"):
        model.skilled(fdr)


@pytest.mark.calibration
@pytest.mark.slow
def test_false_ones_are_as_many_as_expected():
    """Truths from the prior: false ones less expected ones, over 200 studies, are about zero.

    5 standard errors: false alarm 1e-6.
    """
    surprise, named = [], 0
    for replicate in range(200):
        stream = np.random.default_rng([5, replicate])
        estimates, prior, truth = problem(stream, sizes=(6, 4), q=1, k=1)
        settings = Settings(200, 60, 1, 1, replicate, False)
        theta = sample_hierarchical(estimates, prior, settings).variables["theta"][0, :, :, 0]
        prob_false = np.mean(theta <= 0.0, axis=0)
        chosen = false_discovery_rates(prob_false) <= 0.2
        named += int(chosen.sum())
        false = truth["theta"][chosen, 0] <= 0.0
        surprise.append(false.sum() - prob_false[chosen].sum())
    assert named > 200
    assert abs(np.mean(surprise)) < 5.0 * np.std(surprise, ddof=1) / np.sqrt(len(surprise))
