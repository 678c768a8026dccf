from __future__ import annotations

import numpy as np

from puffin.inference.regressors import NO_COEFFICIENTS, NOTHING_EXPLAINED, Coefficients, Design
from puffin.laws.parameter import NormalPrior

PRIORS = {"mean_coefficients": NormalPrior(2.0), "variance_coefficients": NormalPrior(0.7)}
COEFFICIENTS = Coefficients(("Monday", "vix"), ("vix",))
STREAM = np.random.default_rng(3)
DESIGN = Design(STREAM.normal(size=(6, 2)), STREAM.normal(size=(6, 1)))
DRAWS = {name: STREAM.normal(size=(2, 3)) for name in COEFFICIENTS.names}


def test_names_and_priors():
    names = ("mean_coefficients[Monday]", "mean_coefficients[vix]", "variance_coefficients[vix]")
    assert COEFFICIENTS.names == names
    assert [(one.name, one.prior.sd) for one in COEFFICIENTS.parameters(PRIORS)] == list(
        zip(names, (2.0, 2.0, 0.7), strict=True)
    )
    assert NO_COEFFICIENTS.names == ()
    assert NO_COEFFICIENTS.parameters(PRIORS) == []


def test_explained():
    explained = COEFFICIENTS.explained(DESIGN, DRAWS)
    b, g = (np.array([DRAWS[name] for name in names]) for names in (
        COEFFICIENTS.in_mean, COEFFICIENTS.in_variance
    ))  # fmt: skip
    for t in range(6):
        at = explained.at(t)
        np.testing.assert_allclose(at.mean, sum(DESIGN.of_mean[t, k] * b[k] for k in range(2)))
        np.testing.assert_allclose(at.log_variance, DESIGN.of_variance[t, 0] * g[0])
        later = COEFFICIENTS.explained(DESIGN.at(slice(t, None)), DRAWS).at(0)
        np.testing.assert_allclose(later, at, rtol=1e-14)
        np.testing.assert_array_equal(later.of_draws(), np.array(later)[..., None])


def test_a_part_without_regressors_is_zero():
    explained = Coefficients((), ("vix",)).explained(Design(np.empty((6, 0)), DESIGN[1]), DRAWS)
    np.testing.assert_array_equal(explained.mean, np.zeros(6))
    assert explained.log_variance.shape == (2, 3, 6)
    assert NOTHING_EXPLAINED == (0.0, 0.0)


def test_where_to_look():
    """Within what the regressions leave: a tenth of either."""
    stream, n = np.random.default_rng(4), 4000
    design = Design(10.0 + stream.normal(size=(n, 2)), stream.normal(size=(n, 1)))
    spread = np.exp(0.25 * design.of_variance[:, 0])
    y = 3.0 + design.of_mean @ [0.4, -0.3] + spread * stream.normal(size=n)
    y[::7] = np.nan
    found = COEFFICIENTS.located(y, design, PRIORS)
    assert list(found) == list(COEFFICIENTS.names)
    np.testing.assert_allclose(list(found.values()), [0.4, -0.3, 0.5], atol=0.1)
    narrow = {name: NormalPrior(1e-6) for name in PRIORS}
    assert np.abs(list(COEFFICIENTS.located(y, design, narrow).values())).max() < 1e-6
