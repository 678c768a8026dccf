"""Moves along orbits against a twin that asks the posterior itself where it may go."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.factor_sv.orbits import move_along_orbits
from tests.inference.factor_sv import plain_factor_sv as plain
from tests.inference.factor_sv.problems import PRIOR, copied, small_panel, some_chain


@pytest.mark.parametrize("constant_mean", [True, False])
def test_moves_match_their_twin(constant_mean):
    prior = PRIOR._replace(constant_mean=constant_mean)
    panel = small_panel(prior, n_factors=3)
    chain = some_chain(panel)
    twin = copied(chain)
    one, other = np.random.default_rng(7), np.random.default_rng(7)
    for _ in range(3):
        move_along_orbits(one, panel, prior, chain)
        plain.move_along_orbits(other, panel, prior, twin)
    columns = slice(0, panel.n_assets + panel.n_factors)
    for name in ("errors", "h", "precision", "mean", "loadings", "spread"):
        found, expected = getattr(chain, name), getattr(twin, name)
        if name != "spread":
            found, expected = found[..., columns], expected[..., columns]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


def test_nothing_changes_in_the_returns():
    panel = small_panel()
    chain = some_chain(panel)
    before = copied(chain)
    move_along_orbits(np.random.default_rng(7), panel, PRIOR, chain)
    columns = slice(panel.n_assets, panel.n_assets + panel.n_factors)

    def explained(chain):
        return chain.mean + chain.errors[:, columns] @ chain.loadings

    np.testing.assert_allclose(explained(chain), explained(before), atol=1e-12)
    assert np.all(chain.loadings[:, : panel.n_assets] != before.loadings[:, : panel.n_assets])
