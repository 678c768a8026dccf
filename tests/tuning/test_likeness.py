"""How alike settings are is found from returns, by the right likelihood."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from puffin.tuning.cube import Cube
from puffin.tuning.likeness import Likeness, _Fit

CUBE = Cube.of({name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in "ab"})


def plain_matern(distance, smoothness):
    """Return Matern's function as Rasmussen and Williams write it."""
    if smoothness == 0.5:
        return np.exp(-distance)
    r = np.sqrt(2 * smoothness) * distance
    return (1 + r + (r**2 / 3 if smoothness == 2.5 else 0)) * np.exp(-r)


def drawn(lengths, smoothness, own=0.05, shared=0.3, trials=30, periods=800):
    stream = np.random.default_rng(1)
    places = stream.random((trials, 2))
    distance = np.sqrt((((places[:, None] - places) / lengths) ** 2).sum(axis=2))
    correlation = shared + (1 - shared) * (1 - own) * plain_matern(distance, smoothness)
    np.fill_diagonal(correlation, 1.0)
    returns = stream.multivariate_normal(np.zeros(trials), correlation, periods)
    return places, returns / returns.std(axis=0), correlation


@pytest.mark.parametrize("smoothness", [0.5, 1.5, 2.5])
def test_finds_what_returns_were_drawn_by(smoothness):
    lengths = np.array([0.3, 2.0])
    places, z, _ = drawn(lengths, smoothness)
    found = Likeness.of(CUBE, places, z - z.mean(axis=0))
    assert found.smoothness == smoothness
    # Lengths and what is shared may be larger together; their ratio is known best.
    assert found.lengths[1] / found.lengths[0] == pytest.approx(lengths[1] / lengths[0], rel=0.3)
    assert found.own == pytest.approx(0.05, rel=0.5)


@pytest.mark.parametrize("smoothness", [0.5, 1.5, 2.5])
def test_the_likelihood_is_the_normal_one_and_its_gradient_is_right(smoothness):
    places, z, _ = drawn(np.array([0.5, 0.5]), smoothness, trials=6)
    squares = ((places[:, None] - places) ** 2).transpose(2, 0, 1)
    fit = _Fit(squares, z.T @ z / len(z), len(z), smoothness)

    def plain(parameters):
        lengths, own = np.exp(parameters[:2]), np.exp(parameters[2])
        shared = 1 / (1 + np.exp(-parameters[3]))
        distance = np.sqrt((((places[:, None] - places) / lengths) ** 2).sum(axis=2))
        modelled = shared + (1 - shared) * (1 - own) * plain_matern(distance, smoothness)
        np.fill_diagonal(modelled, 1.0)
        law = multivariate_normal(np.zeros(6), modelled)
        means, sds = np.log([0.5, 0.5, 0.01, 1.0]), np.array([1.5, 1.5, 3.0, 2.0])
        prior = -0.5 * (((parameters - means) / sds) ** 2).sum()
        return -2 / len(z) * (law.logpdf(z).sum() + prior)

    one, other = np.array([-0.3, 0.4, -3.0, 0.2]), np.array([0.1, -0.8, -4.0, -0.5])
    assert fit(one)[0] - fit(other)[0] == pytest.approx(plain(one) - plain(other), rel=1e-5)
    assert fit(one)[1] == pytest.approx(approx_fprime(one, plain, 1e-6), abs=1e-3)


def test_a_choice_is_one_setting():
    space = {
        "real": optuna.distributions.FloatDistribution(0.0, 1.0),
        "choice": optuna.distributions.CategoricalDistribution(["a", "b", "c"]),
    }
    likeness = Likeness(Cube.of(space), np.array([0.5, 2.0]), 0.1, 0.5)
    a, b, c = ({"real": 0.3, "choice": one} for one in "abc")
    found = likeness.among(likeness.cube.places([a, b, c]))
    assert found == pytest.approx(0.9 * np.exp(-0.5) + (1 - 0.9 * np.exp(-0.5)) * np.eye(3))
