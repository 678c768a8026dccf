"""Priors that no sampler could take are refused when they are made."""

from __future__ import annotations

import pytest

from puffin.models.stochastic_vol import VolatilityPriors


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"mu_sd": 0.0}, "mu_sd must be above zero; found 0.0"),
        ({"sigma_sd": 100.0}, "sigma_sd must be between 1e-06 and 20; found 100.0"),
        ({"phi_a": 0.1}, "phi_a must be between 0.5 and 1e.06; found 0.1"),
        ({"scale": "mine"}, "scale"),
    ],
)
def test_what_is_wrong_is_said(prior, message):
    with pytest.raises((ValueError, TypeError), match=message):
        VolatilityPriors(**prior)
