"""What holds of weights of strategies, whichever way they are found."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.portfolio import (
    expected_utility_weights,
    mean_variance_weights,
    probability_weights,
    thompson_weights,
)
from tests.portfolio.crafted import crafted, sharpes
from tests.portfolio.limits import assert_within, constraint_sets

WAYS = {
    "probability": probability_weights,
    "thompson": lambda c, k: thompson_weights(c, k, draws=3, random_seed=1),
    "mean-variance": mean_variance_weights,
    "utility": lambda c, k: expected_utility_weights(
        c, k, draws=500, largest_return=0.1, random_seed=1
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", list(WAYS))
@given(
    constraints=constraint_sets(),
    seed=st.integers(0, 1000),
    size=st.sampled_from([1e-6, 0.01, 0.3]),
    nu=st.floats(2.0001, 100.0),
)
@settings(max_examples=60)
def test_any_comparison_gives_weights_within_the_constraints(way, constraints, seed, size, nu):
    stream = np.random.default_rng(seed)
    root = stream.normal(size=(3, 3)) + np.eye(3)
    comparison = crafted(size * stream.normal(size=(20, 3)), size**2 * root @ root.T, nu)
    try:
        weights = WAYS[way](comparison, constraints)
    except ValueError as error:
        assert len(str(error)) > 20
        return
    assert list(weights.index) == ["a", "b", "c"]
    assert_within(weights, constraints.on(comparison.strategies))


@pytest.mark.parametrize("way", list(WAYS))
def test_a_table_is_refused(way):
    with pytest.raises(TypeError, match="strategy_comparison returns; found DataFrame"):
        WAYS[way](sharpes([1, 2, 3]).table, None)


@pytest.mark.parametrize("way", ["probability", "mean-variance"])
def test_order_of_strategies_changes_nothing(way):
    comparison = crafted(
        np.random.default_rng(3).normal(size=(50, 3)), np.diag([1.0, 2.0, 3.0]), 8.0
    )
    variables = comparison.posterior.variables
    turned = dataclasses.replace(
        comparison,
        posterior=dataclasses.replace(
            comparison.posterior,
            variables={name: values[..., ::-1] for name, values in variables.items()},
        ),
        alone=dict(reversed(comparison.alone.items())),
    )
    assert turned.strategies == ("c", "b", "a")
    np.testing.assert_allclose(
        WAYS[way](comparison, None), WAYS[way](turned, None)[["a", "b", "c"]], atol=1e-5
    )
