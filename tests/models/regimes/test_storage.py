from __future__ import annotations

import copy

import numpy as np
import pytest

from puffin.models.regimes import BayesianRegimeSwitching
from tests.models.regimes.fitting import fitted, returns


@pytest.mark.parametrize("updated", [False, True])
def test_a_saved_model_goes_on_where_it_was(tmp_path, updated):
    model = copy.copy(fitted("student"))
    if updated:
        model.update(returns()[400:405])
    model.save(tmp_path / "model")
    loaded = BayesianRegimeSwitching.load(tmp_path / "model")
    assert repr(loaded) == repr(model)
    for name, values in model.posterior.variables.items():
        np.testing.assert_array_equal(loaded.posterior.variables[name], values)
    assert loaded.regime_probabilities().equals(model.regime_probabilities())
    later = returns()[405:410] if updated else returns()[400:410]
    np.testing.assert_array_equal(
        loaded.update(later).next_regime, copy.copy(model).update(later).next_regime
    )
    model.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


def test_any_changed_byte_is_found(tmp_path):
    file = tmp_path / "model"
    fitted().save(file)
    content = bytearray(file.read_bytes())
    for place in np.random.default_rng(1).integers(len(content), size=20):
        changed = content.copy()
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(ValueError, match=r"damaged|holds"):
            BayesianRegimeSwitching.load(file)


def test_a_file_of_something_else_is_refused(tmp_path):
    from puffin.posterior.saving import write_file

    write_file(tmp_path / "other", "SharpePosterior", {}, {})
    with pytest.raises(ValueError, match="not a BayesianRegimeSwitching"):
        BayesianRegimeSwitching.load(tmp_path / "other")
