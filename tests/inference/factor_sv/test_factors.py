"""The block of the factors against its twin."""

from __future__ import annotations

import numpy as np

from puffin.inference.factor_sv.chain import Scratch
from puffin.inference.factor_sv.factors import draw_factors
from tests.inference.factor_sv import plain_factor_sv as plain
from tests.inference.factor_sv.problems import PRIOR, copied, small_panel, some_chain


def test_factors_match_their_twin():
    panel = small_panel()
    chain = some_chain(panel)
    twin = copied(chain)
    draw_factors(np.random.default_rng(5), panel, chain, Scratch.of(panel, PRIOR))
    plain.draw_factors(np.random.default_rng(5), panel, twin)
    np.testing.assert_allclose(chain.errors, twin.errors, rtol=1e-9, atol=1e-12)
