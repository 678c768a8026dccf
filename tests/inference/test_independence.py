"""Independence Metropolis against its plain twin."""

from __future__ import annotations

import numpy as np

from puffin.inference import independence


def test_metropolis_matches_its_twin():
    stream = np.random.default_rng(5)
    log_weights, log_uniforms = stream.normal(size=101), np.log(stream.random(100))
    current, twin = 0, []
    for proposal, log_uniform in enumerate(log_uniforms, start=1):
        if log_uniform < log_weights[proposal] - log_weights[current]:
            current = proposal
        twin.append(current)
    chosen = np.empty(log_uniforms.size, np.int64)
    independence._metropolis(log_weights, log_uniforms, chosen)
    np.testing.assert_array_equal(chosen, twin)
