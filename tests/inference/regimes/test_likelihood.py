from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.regimes.likelihood import filter_likelihood
from puffin.inference.regimes.parameters import RegimeParameters, stationary
from puffin.laws import LAWS
from tests.inference.regimes import plain_filter
from tests.inference.regimes.problems import any_parameters, of_draw


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_the_kernel_matches_its_twin(law, k):
    """For a number of sets that does not fill the last vector, some returns missing."""
    stream = np.random.default_rng(k)
    y = stream.standard_t(3, 60)
    y[[0, 7, 8, 59]] = np.nan
    parameters = any_parameters(stream, 13, k, law)
    found = filter_likelihood(y, parameters, law)
    assert found.values.shape == (13,)
    for draw in range(13):
        mean, sd, transition, shape = of_draw(parameters, draw)
        density = plain_filter.densities(y, mean, sd, law, shape)
        predicted, _, _, logs = plain_filter.run(density, transition, parameters.initial[draw])
        assert found.values[draw] == pytest.approx(logs.sum(), rel=1e-9, abs=1e-9)
        np.testing.assert_allclose(found.ahead[draw], predicted[-1], rtol=1e-8, atol=1e-12)


def test_a_sum_over_all_paths():
    stream = np.random.default_rng(5)
    y, law = stream.standard_normal(6), LAWS["normal"]
    parameters = any_parameters(stream, 1, 3, law)
    mean, sd, transition, shape = of_draw(parameters, 0)
    density = plain_filter.densities(y, mean, sd, law, shape)
    paths = plain_filter.path_probabilities(density, transition, parameters.initial[0])
    found = filter_likelihood(y, parameters, law).values[0]
    assert found == pytest.approx(np.log(sum(paths.values())), rel=1e-10)


@pytest.mark.parametrize("far", [40.0, 1e6])
def test_nothing_underflows(far):
    """A return that no regime expects, in a regime that is next to impossible."""
    parameters = RegimeParameters(
        np.zeros((1, 2)), np.array([[0.1, 1.0]]),
        np.array([[[1 - 1e-12, 1e-12], [0.5, 0.5]]]),
        stationary(np.array([[[1 - 1e-12, 1e-12], [0.5, 0.5]]])), {},
    )  # fmt: skip
    y = np.array([0.05, far, 0.02])
    found = filter_likelihood(y, parameters, LAWS["normal"])
    assert np.isfinite(found.values).all()
    logs = LAWS["normal"].log_density(far, {}) + np.log(1e-12)
    assert found.values[0] == pytest.approx(logs, rel=0.05)


def test_statsmodels_has_the_same_likelihood(sp500_returns):
    """MarkovRegression with switching variance, to 1e-8."""
    markov = pytest.importorskip("statsmodels.tsa.regime_switching.markov_regression")
    y = 100 * sp500_returns.to_numpy()[-2000:]
    mean, sd = np.array([0.1, 0.0, -0.1]), np.array([0.5, 1.0, 2.5])
    transition = np.array([[0.97, 0.02, 0.01], [0.03, 0.95, 0.02], [0.02, 0.08, 0.9]])
    model = markov.MarkovRegression(y, 3, switching_variance=True)
    values = []
    for name in model.param_names:
        if name.startswith("p["):
            i, j = (int(number) for number in name[2:-1].split("->"))
            values.append(transition[i, j])
        elif name.startswith("const"):
            values.append(mean[int(name[6])])
        else:
            values.append(sd[int(name[7])] ** 2)
    parameters = RegimeParameters(
        mean[None], sd[None], transition[None], stationary(transition[None]), {}
    )
    found = filter_likelihood(y, parameters, LAWS["normal"]).values[0]
    assert found == pytest.approx(model.loglike(np.array(values)), abs=1e-8)
