"""Who is named whichever distribution of true alphas is right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.skill_fits import SkillFits
from puffin.findings.skill_words import skill_notes
from puffin.models.bayesian import BayesianHierarchical
from tests.models.hierarchical.funds import simulated

FEW = np.where(np.arange(60) % 12 == 0, 0.06, 0.0)


@pytest.fixture(scope="module")
def fits():
    """Of funds of which one in twelve has 6% a year, and the others exactly nothing."""
    funds = simulated(3, alphas=FEW)
    return SkillFits({
        name: BayesianHierarchical(distribution=name).fit(
            funds.returns, funds.factors, samples=200, random_seed=1
        )
        for name in ("normal", "spike")
    })  # fmt: skip


@pytest.mark.parametrize("threshold", [0.0, 0.01])
@pytest.mark.parametrize("fdr", [0.1, 0.3, 0.6])
def test_no_fit_expects_more_false_ones_among_those_named(fits, fdr, threshold):
    named = fits.skilled(fdr, threshold)
    assert 0 < len(named) < 60
    for one in fits.fits.values():
        sure = one.fitted.ranked(threshold).set_index("asset")["prob_above"]
        assert (1.0 - sure[named.assets]).mean() <= named.expected_rate + 1e-12 <= fdr + 1e-12
        assert named.expected_skilled <= sure.sum() + 1e-12


def test_table_has_the_estimates_of_the_first_and_the_lower_probability(fits):
    table = fits.ranked(0.0).set_index("asset")
    normal, spike = (one.table.set_index("asset").loc[table.index] for one in fits.fits.values())
    pd.testing.assert_frame_equal(table[["mean", "hdi_low"]], normal[["mean", "hdi_low"]])
    lower = np.minimum(normal["prob_positive"], spike["prob_positive"])
    np.testing.assert_allclose(table["prob_above"], lower, rtol=1e-12)
    assert table["fdr"].is_monotonic_increasing


def test_one_fit_is_as_the_library_has_it(fits):
    model = fits.first
    alone = SkillFits({"normal": model})
    pd.testing.assert_frame_equal(alone.ranked(0.01), model.fitted.ranked(0.01), check_like=True)
    assert alone.skilled(0.3, 0.01).assets == model.skilled(0.3, 0.01).assets
    assert alone.more(0.3, 0.0) == {"normal": 0}
    assert model.skilled(0.3).sentence in skill_notes(alone, 0.3, 0.0)


def test_says_how_many_more_the_normal_one_names(fits):
    more = fits.more(0.1, 0.0)
    assert more["normal"] == len(fits.first.skilled(0.1)) - len(fits.skilled(0.1, 0.0)) > 0
    [sentence] = [one for one in skill_notes(fits, 0.1, 0.0) if one.startswith("At 10% false, ")]
    assert f" {more['normal']} more only if they are normal: where few" in sentence
