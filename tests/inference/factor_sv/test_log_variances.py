"""The block of log-variances against its twin, which solves with dense matrices."""

from __future__ import annotations

import numpy as np

from puffin.inference.factor_sv.chain import Scratch
from puffin.inference.factor_sv.log_variances import draw_log_variances
from tests.inference.factor_sv import plain_factor_sv as plain
from tests.inference.factor_sv.problems import PRIOR, copied, small_panel, some_chain


def test_log_variances_match_their_twin():
    panel = small_panel()
    chain = some_chain(panel)
    chain.errors[7, 0] = 0.0
    twin, scratch = copied(chain), Scratch.of(panel, PRIOR)
    moved = np.zeros(panel.returns.shape[1])
    for _ in range(4):
        draw_log_variances(panel, PRIOR, 3, chain, scratch)
        plain.draw_log_variances(panel, PRIOR, 3, twin)
        moved += chain.accepted
        for name in ("points", "mu", "h", "precision", "accepted"):
            np.testing.assert_allclose(
                getattr(chain, name), getattr(twin, name), rtol=1e-7, atol=1e-9
            )
    assert moved.min() > 0
    assert moved.max() == 4
