"""Averages on disk and in pickles."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    StochasticVolatilityModel,
    SVWithJumps,
)
from puffin.posterior.saving import read_file, write_file
from tests.models.volatility.kinds import DATES
from tests.models.volatility.saved import numbers_of
from tests.models.volatility.updated import N, Y


@pytest.fixture(scope="module")
def average():
    models = {
        "plain": StochasticVolatilityModel(),
        "fat tails": StochasticVolatilityModel("student", leverage=True),
    }
    average = AveragedVolatilityModel(models)
    average.fit(pd.Series(Y[:N], DATES[:N], name="fund"), 300, random_seed=1, keep_states=3)
    return average.update(pd.Series(Y[N : N + 1], DATES[N : N + 1]))


@pytest.fixture
def path(average, tmp_path):
    average.save(tmp_path / "average.npz")
    return tmp_path / "average.npz"


def test_what_is_saved_or_pickled_goes_on(average, path):
    for copy in (AveragedVolatilityModel.load(path), pickle.loads(pickle.dumps(average))):
        assert list(copy.models) == ["plain", "fat tails"]
        pd.testing.assert_frame_equal(copy.evidence, average.evidence)
        for name, model in average.models.items():
            assert numbers_of(copy.models[name]) == numbers_of(model)
        more = pd.Series(Y[N + 1 : N + 2], DATES[N + 1 : N + 2])
        after = AveragedVolatilityModel.of_fitted(average.models).update(more)
        copy.update(more)
        assert copy.predictive(2).quantile(0.05) == after.predictive(2).quantile(0.05)


def test_models_with_jumps_are_kept_too(tmp_path):
    average = AveragedVolatilityModel([StochasticVolatilityModel(), SVWithJumps()])
    average.fit(Y[:N], 200, random_seed=1, keep_states=10).save(tmp_path / "jumps.npz")
    copy = AveragedVolatilityModel.load(tmp_path / "jumps.npz")
    assert list(copy.models) == ["normal", "normal + jumps"]
    assert isinstance(copy.models["normal + jumps"], SVWithJumps)
    pd.testing.assert_frame_equal(copy.evidence, average.evidence)
    assert copy.predictive().quantile(0.01) == average.predictive().quantile(0.01)


def test_the_same_is_written_twice(average, path, tmp_path):
    AveragedVolatilityModel.load(path).save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_damage_is_found(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"average\.npz' is damaged"):
        AveragedVolatilityModel.load(path)
    with pytest.raises(FileNotFoundError):
        AveragedVolatilityModel.load(path.with_name("none.npz"))


def test_files_of_something_else_are_refused(average, path, tmp_path):
    with pytest.raises(ValueError, match="holds AveragedVolatilityModel, not a Stochastic"):
        StochasticVolatilityModel.load(path)
    average.models["plain"].save(tmp_path / "one.npz")
    with pytest.raises(ValueError, match="holds StochasticVolatilityModel, not a Averaged"):
        AveragedVolatilityModel.load(tmp_path / "one.npz")


@pytest.mark.parametrize(
    "facts",
    [
        {"classes": ["StochasticVolatilityModel", "os.system"]},
        {"classes": ["StochasticVolatilityModel"] * 3},
        {"names": ["plain"]},
        {"names": "plain"},
        {"log_evidences": [1.0]},
        {"errors": ["a", "b"]},
    ],
)
def test_facts_that_no_average_wrote(facts, path):
    """A name in a file is looked up, and never imported."""
    groups, known = read_file(path, "AveragedVolatilityModel")
    write_file(path, "AveragedVolatilityModel", groups, {**known, **facts})
    with pytest.raises(ValueError, match="damaged"):
        AveragedVolatilityModel.load(path)


def test_models_of_other_returns_are_no_average(path, tmp_path):
    groups, facts = read_file(path, "AveragedVolatilityModel")
    other = StochasticVolatilityModel().fit(Y[:N], 300, random_seed=1)
    other.save(tmp_path / "other.npz")
    groups["models"]["1"] = np.fromfile(tmp_path / "other.npz", np.uint8)
    write_file(path, "AveragedVolatilityModel", groups, facts)
    with pytest.raises(ValueError, match="on other dates"):
        AveragedVolatilityModel.load(path)


def test_a_class_of_ones_own_is_not_saved(average, tmp_path):
    class Mine(StochasticVolatilityModel):
        pass

    mine = AveragedVolatilityModel({"mine": Mine()}).fit(Y[:N], 100, random_seed=1)
    with pytest.raises(TypeError, match=r"models\['mine'\] is Mine, which cannot be saved"):
        mine.save(tmp_path / "mine.npz")
    assert list(tmp_path.iterdir()) == []
