"""Settings go to places of the cube and come back as they were."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from puffin.tuning.cube import Cube

SPACE = {
    "whole": optuna.distributions.IntDistribution(3, 23, step=5),
    "log": optuna.distributions.IntDistribution(1, 300, log=True),
    "real": optuna.distributions.FloatDistribution(-1.0, 2.0),
    "steps": optuna.distributions.FloatDistribution(0.0, 1.0, step=0.1),
    "fixed": optuna.distributions.FloatDistribution(2.5, 2.5),
    "choice": optuna.distributions.CategoricalDistribution([1, True, None, "long"]),
}
COUNTED = {name: one for name, one in SPACE.items() if name != "real"}


def test_settings_come_back():
    cube = Cube.of(SPACE)
    places = cube.random(200, np.random.default_rng(1))
    settings = [cube.params(one) for one in places]
    assert cube.places(settings) == pytest.approx(places, abs=1e-12)
    for name, one in SPACE.items():
        values = [setting[name] for setting in settings]
        assert all(one._contains(one.to_internal_repr(value)) for value in values)
    assert {type(one["whole"]) for one in settings} == {int}
    assert {repr(one["choice"]) for one in settings} == {"1", "True", "None", "'long'"}


@pytest.mark.parametrize("name", COUNTED)
def test_all_values_are_there_once(name):
    cube = Cube.of({name: SPACE[name]})
    values = [repr(cube.params(place)[name]) for place in cube.all()]
    assert len(values) == len(set(values)) == cube.size
    drawn = cube.random(5000, np.random.default_rng(1))
    assert {repr(cube.params(one)[name]) for one in drawn} <= set(values)


def test_a_space_with_a_real_number_has_no_end():
    assert Cube.of(SPACE).size == np.inf
    assert Cube.of(COUNTED).size == 5 * 300 * 11 * 1 * 4


def test_choices_are_as_far_from_each_other():
    cube = Cube.of({"choice": SPACE["choice"]})
    columns, owner = cube.coordinates(cube.all())
    apart = ((columns[:, None] - columns) ** 2).sum(axis=2)
    assert apart == pytest.approx(1.0 - np.eye(4))
    assert (owner == 0).all()


def test_neighbours_are_near():
    cube = Cube.of(dict.fromkeys("abc", SPACE["real"]))
    centre = np.full((1, 3), 0.5)
    near = cube.near(centre, 500, np.random.default_rng(1))
    assert ((near >= 0.0) & (near <= 1.0)).all()
    assert np.median(np.abs(near - centre)) < 0.05
    assert 0.2 < (near == centre).mean() < 0.4
