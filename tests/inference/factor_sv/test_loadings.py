"""The block of loadings and means against its twin."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.factor_sv.chain import Scratch
from puffin.inference.factor_sv.loadings import draw_loadings
from tests.inference.factor_sv import plain_factor_sv as plain
from tests.inference.factor_sv.problems import PRIOR, copied, small_panel, some_chain


@pytest.mark.parametrize("constant_mean", [True, False])
@pytest.mark.parametrize("n_factors", [0, 2])
def test_loadings_match_their_twin(n_factors, constant_mean):
    prior = PRIOR._replace(constant_mean=constant_mean)
    panel = small_panel(prior, n_factors=n_factors)
    chain = some_chain(panel)
    twin = copied(chain)
    draw_loadings(np.random.default_rng(5), panel, prior, chain, Scratch.of(panel, prior))
    plain.draw_loadings(np.random.default_rng(5), panel, prior, twin)
    for one, other in zip(chain, twin, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
