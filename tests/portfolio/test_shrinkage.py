"""Mean-variance weights of shrunken estimates."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.portfolio import (
    Constraints,
    shrunken_mean_variance_weights,
)


class TestShrunken:
    def test_moments_by_hand(self):
        """Jorion's formula, worked out here from Ledoit and Wolf's covariance."""
        from sklearn.covariance import LedoitWolf

        values = np.random.default_rng(5).normal([0.001, 0.0, 0.002], 0.01, (60, 3))
        covariance = LedoitWolf().fit(values).covariance_
        inverse = np.linalg.inv(covariance)
        mean, ones = values.mean(axis=0), np.ones(3)
        target = ones @ inverse @ mean / (ones @ inverse @ ones)
        distance = (mean - target) @ inverse @ (mean - target)
        share = 5 / (5 + 60 * distance)
        shrunken = (1 - share) * mean + share * target
        weights = shrunken_mean_variance_weights(
            dict(zip("abc", values.T, strict=True)),
            Constraints(min_weights=-50, max_weights=50, total=None, gross_exposure=None),
            risk_aversion=2.0,
        )
        np.testing.assert_allclose(weights, inverse @ shrunken / 2.0, rtol=1e-3, atol=1e-3)

    def test_risk_free_rate_matters_only_with_cash(self, equity_returns):
        returns = equity_returns[["KO", "XOM", "AAPL"]].iloc[-500:]
        for constraints, same in ((None, True), (Constraints(total=None), False)):
            plain, excess = (
                shrunken_mean_variance_weights(
                    returns, constraints, risk_free_rate=rate, risk_aversion=8.0
                )
                for rate in (0.0, 0.05)
            )
            assert np.allclose(plain, excess, atol=1e-3) == same

    @pytest.mark.parametrize(
        ("returns", "message"),
        [
            ({"a": [0.1, 0.2], "b": [0.1, 0.3]}, "share 2 dates; 2 strategies need at least 3"),
            ({"a": [0.1, np.inf, 0.2]}, r"returns\['a'\] has 1 infinite value"),
            ([1.0], "returns must be a dict"),
        ],
    )
    def test_bad_input_is_named(self, returns, message):
        with pytest.raises((ValueError, TypeError), match=message):
            shrunken_mean_variance_weights(returns)
