from __future__ import annotations

import copy

import numpy as np
import pytest

from puffin.inference.settings import Settings
from puffin.models.regimes import BayesianRegimeSwitching, walking
from puffin.models.regimes.walking import walk
from tests.models.regimes.fitting import fitted, returns

SETTINGS = Settings(500, 0, 2, 1, 3, False)


def test_nothing_depends_on_what_comes_later():
    specification = fitted().specification
    y = returns().to_numpy()[:260]
    whole = walk(y, specification, SETTINGS, 200, every=40)
    other = y.copy()
    other[231:] *= -5.0
    changed = walk(other, specification, SETTINGS, 200, every=40)
    np.testing.assert_array_equal(whole.probabilities[:32], changed.probabilities[:32])
    np.testing.assert_array_equal(whole.log_scores[:31], changed.log_scores[:31])
    assert not np.array_equal(whole.probabilities[32], changed.probabilities[32])
    cut = walk(y[:230], specification, SETTINGS, 200, every=40)
    np.testing.assert_allclose(cut.probabilities, whole.probabilities[:31], rtol=1e-9)
    assert whole.fits >= 2


def test_the_last_row_is_the_same_where_more_returns_come(monkeypatch):
    """Cut at each fit, where the draws change: worn out, and after so many returns."""
    fits, sample = [], walking.sample

    def counted(y, *arguments, **options):
        fits.append(y.size)
        return sample(y, *arguments, **options)

    monkeypatch.setattr(walking, "sample", counted)
    specification, y = fitted().specification, returns().to_numpy()[:234].copy()
    y[215] *= 20.0
    whole = walk(y, specification, SETTINGS, 200, every=12)
    places, apart = fits[1:], np.diff(fits)
    assert (apart == 12).any()
    assert (apart < 12).any()
    for place in places:
        cut = walk(y[:place], specification, SETTINGS, 200, every=12)
        known = place - 200
        np.testing.assert_allclose(cut.probabilities, whole.probabilities[: known + 1], rtol=1e-9)
        np.testing.assert_allclose(cut.log_scores, whole.log_scores[:known], rtol=1e-9)


def test_it_is_what_updates_say():
    """Until the first fit anew, of the same draws."""
    model = BayesianRegimeSwitching(2, "normal").fit(
        returns()[:400], 500, chains=2, cores=1, random_seed=3
    )
    found = walk(returns().to_numpy()[:406], model.specification, SETTINGS, 400)
    assert found.fits == 1
    for row in range(400, 406):
        score = model.log_predictive_density(float(returns().iloc[row]))
        assert found.log_scores[row - 400] == pytest.approx(score, abs=1e-8)
        model.update(returns()[row : row + 1])
        sampled = model.fitted.sampled
        weights = np.exp(sampled.log_weights - sampled.log_weights.max())
        mean = (weights[..., None] * sampled.ahead).sum((0, 1)) / weights.sum()
        np.testing.assert_allclose(found.probabilities[row - 399], mean, rtol=1e-8)


def test_scores_add_up_to_the_evidence():
    """Refits included: the difference of two evidences, within five of their errors."""
    whole = copy.copy(fitted())
    found = walk(returns().to_numpy()[:400], whole.specification, SETTINGS, 250)
    before = BayesianRegimeSwitching(2, "normal").fit(
        returns()[:250], 1000, chains=2, cores=1, random_seed=9
    )
    from puffin.models.regimes import RegimePriors

    priors = RegimePriors(scale=before.fitted.sampled.scale)
    after = BayesianRegimeSwitching(2, "normal", priors=priors).fit(
        returns()[:400], 1000, chains=2, cores=1, random_seed=9
    )
    difference = after.log_marginal_likelihood.value - before.log_marginal_likelihood.value
    assert found.fits > 1
    assert found.log_scores.sum() == pytest.approx(difference, abs=0.3)


def test_the_table_has_the_next_period_s_regime():
    table = fitted().real_time(returns()[:240], 200, every=20, samples=300, cores=1, random_seed=1)
    assert table.index.equals(returns().index[200:240])
    np.testing.assert_allclose(table[[1, 2]].sum(axis=1), 1.0)
    assert np.isfinite(table["log_score"]).all()
    with pytest.raises(ValueError, match="start"):
        fitted().real_time(returns(), 5)
