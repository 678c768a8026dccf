"""What is said of a run of antithetic pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.inference.latent_ar1.independence import Chain
from puffin.inference.latent_ar1.sampler import (
    _longest_run,
    _of_the_weights_alone,
    _reliable,
    _report,
)


@pytest.mark.parametrize("correlation", [1.0, 0.0, -1.0])
def test_error_of_the_evidence_counts_pairs(correlation):
    """Weights that are the same within pairs say as much as half of them; opposite ones, all."""
    stream = np.random.default_rng(4)
    first, other = stream.normal(size=(2, 4, 5000))
    second = correlation * first + math.sqrt(1.0 - correlation**2) * other
    weights = 1.0 + 0.1 * np.stack([first, second], axis=-1).reshape(4, 10_000)
    nothing = np.zeros(10_000)
    report = _report(
        [Chain(nothing, nothing, nothing, nothing + 1.0, nothing, np.log(row)) for row in weights]
    )
    assert report["log_marginal_likelihood"] == pytest.approx(math.log(weights.mean()))
    exact = 0.1 * math.sqrt((1.0 + correlation) / 40_000)
    assert report["log_marginal_likelihood_se"] == pytest.approx(exact, rel=0.05, abs=1e-12)


def test_longest_run():
    for moved, longest in (
        ([1.0, 1.0], 0), ([0.0] * 4, 4), ([1.0, 0.0, 0.0, 0.5, 0.0], 2), ([0.0], 1),
    ):  # fmt: skip
        assert _longest_run(np.array(moved)) == longest


def test_weights_that_chains_cannot_rely_on_may_have_a_mean():
    """The evidence stays unless the weights' mean need not exist, or depends on a few of them."""
    report = {
        "pareto_k_hat": 0.74, "efficiency": 0.6, "largest_weight": 0.01, "longest_rejection": 25.0,
        "acceptance": 0.7, "log_marginal_likelihood": -9.0, "log_marginal_likelihood_se": 0.02,
    }  # fmt: skip
    found = _of_the_weights_alone(report)
    assert found["log_marginal_likelihood"] == -9.0
    assert found["log_marginal_likelihood_se"] == 0.02
    assert found["independent_pareto_k_hat"] == 0.74
    assert "acceptance" not in found
    for name, worse in (("pareto_k_hat", 1.0), ("efficiency", 0.2), ("pareto_k_hat", math.inf)):
        assert "log_marginal_likelihood" not in _of_the_weights_alone({**report, name: worse})


def test_weights_of_which_few_are_effective_or_without_variance_are_not_relied_on():
    """With jumps and a tenth effective, sigma's quantile was 5 errors off; nu's, at k-hat 0.63."""
    report = {
        "pareto_k_hat": 0.48, "efficiency": 0.25, "largest_weight": 0.001, "acceptance": 0.3,
        "longest_rejection": 20.0,
    }  # fmt: skip
    assert _reliable(report, 20_000, 5000)
    assert not _reliable({**report, "efficiency": 0.11}, 20_000, 5000)
    assert not _reliable({**report, "pareto_k_hat": 0.52}, 20_000, 5000)
