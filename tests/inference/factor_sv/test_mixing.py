"""The block of Student-t errors against its plain twin."""

from __future__ import annotations

import numpy as np

from puffin.inference.factor_sv.chain import Scratch
from puffin.inference.factor_sv.mixing import draw_mixing, mix_again
from tests.inference.factor_sv import plain_factor_sv as plain
from tests.inference.factor_sv.problems import PRIOR, copied, small_panel, some_chain


def test_mixing_matches_its_twin():
    panel, prior = small_panel(), PRIOR._replace(student=True, nu_mean=6.0)
    chain = some_chain(panel)
    twin, scratch = copied(chain), Scratch.of(panel, prior)
    one, other = (np.random.default_rng(7) for _ in range(2))
    for _ in range(3):
        draw_mixing(one, panel, prior, chain, scratch)
        plain.draw_mixing(other, panel, prior, twin)
        for name in ("nu", "mixing", "errors"):
            np.testing.assert_allclose(getattr(chain, name), getattr(twin, name), rtol=1e-8)
    assert one.random() == other.random()
    assert (chain.mixing[panel.present == 0.0] == 1.0).all()
    errors = chain.errors * np.sqrt(chain.mixing)
    mix_again(panel, chain)
    np.testing.assert_allclose(chain.errors, errors)
    np.testing.assert_allclose(chain.precision, twin.precision / twin.mixing)
