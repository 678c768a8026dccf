"""Between a law's answer and the sample's."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.sharpe.priors import SharpePriors
from puffin.models.sharpe.sample_moments import Location, sample_moments


@pytest.fixture(scope="module")
def x():
    return 0.1 + np.random.default_rng(1).standard_t(6, 500)


def location(x, shift=0.0):
    """Draws and influences of a law that says the mean is `shift` off."""
    stream = np.random.default_rng(2)
    deviations = stream.normal(size=(2, 4000)) * [[0.04], [0.03]]
    deviations[1] += 0.3 * deviations[0]
    centre = np.array([[x.mean() + shift], [np.log(x.std())]])
    return Location(centre + deviations, 0.001 * stream.normal(size=(2, x.size)))


def test_the_samples_posterior_is_that_of_its_moments(x):
    sample = sample_moments(x, SharpePriors(), x.std())
    assert sample.centre[0] == pytest.approx(x.mean(), rel=0.01)
    assert sample.centre[1] == pytest.approx(np.log(x.std()), abs=0.01)
    assert sample.mean_error == pytest.approx(x.std() / np.sqrt(500))
    kurtosis = np.mean((x - x.mean()) ** 4) / x.var() ** 2
    spread = np.linalg.norm(sample.influences, axis=1)
    expected = [sample.mean_error, np.sqrt((kurtosis - 1.0) / 2000)]
    np.testing.assert_allclose(spread, expected, rtol=0.01)


def test_the_prior_of_the_mean_is_in_it(x):
    error = x.std() / np.sqrt(500)
    sample = sample_moments(x, SharpePriors(mu_sd=error / x.std()), x.std())
    assert sample.centre[0] == pytest.approx(0.5 * x.mean(), rel=1e-6)
    assert np.linalg.norm(sample.influences[0]) == pytest.approx(error / np.sqrt(2), rel=1e-6)


@pytest.mark.parametrize(
    ("errors", "weight"), [(0.0, 0.0), (0.2, 0.0), (0.5, 0.5), (0.75, 1.0), (3.0, 1.0)]
)
def test_weight_grows_with_the_distance(x, errors, weight):
    sample = sample_moments(x, SharpePriors(), x.std())
    centred = location(x)
    shift = sample.centre[0] - centred.centre[0] + errors * sample.mean_error
    moved = location(x, shift)
    assert sample.weight(moved, 0.0) == pytest.approx(weight, abs=1e-6)
    assert sample.weight(location(x), errors) == pytest.approx(weight, abs=0.1)


def test_few_returns_tell_nothing(x):
    sample = sample_moments(x[:29], SharpePriors(), x.std())
    assert sample.weight(location(x[:29], 5.0), 5.0) == 0.0


def test_blend_has_the_moments_that_it_says(x):
    sample, law = sample_moments(x, SharpePriors(), x.std()), location(x, 0.2)
    assert sample.blend(law, 0.0) is law
    own, theirs = np.cov(law.draws), sample.influences @ sample.influences.T
    for weight in (0.3, 1.0):
        blended = sample.blend(law, weight)
        centre = law.centre + weight * (sample.centre - law.centre)
        np.testing.assert_allclose(blended.centre, centre, rtol=1e-9)
        covariance = own + weight**2 * (theirs - own)
        np.testing.assert_allclose(np.cov(blended.draws), covariance, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(sample.blend(law, 1.0).influences, sample.influences, atol=1e-15)
