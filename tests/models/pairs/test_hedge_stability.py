"""How much a hedge ratio moves."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.pairs.hedge_stability import variation_between_windows
from tests.calibration import DRAWS, assert_uniform
from tests.models.pairs.simulated_pair import METHODS, fitted

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


class TestStability:
    @pytest.mark.slow
    def test_a_constant_ratio_and_one_that_drifts(self):
        """x moves about 50, where intercept and hedge ratio can be told apart."""
        stream = np.random.default_rng(1)
        x = np.zeros(1000)
        for t in range(1, 1000):
            x[t] = 0.95 * x[t - 1] + stream.normal()
        noise = 0.5 * stream.normal(size=1000)
        drift = 0.8 * np.exp(0.04 * np.cumsum(stream.normal(size=1000)))
        for options in METHODS:
            steady, _ = fitted(40 + 0.8 * x + noise, 50 + x, 60, **options)
            moving, _ = fitted(40 + drift * x + noise, 50 + x, 60, **options)
            one, other = steady.hedge_stability(), moving.hedge_stability()
            assert list(one) == ["variation", "hdi_low", "hdi_high", "prob_stable"]
            assert list(one.index) == ["x"]
            assert one.loc["x", "prob_stable"] > 0.9
            assert other.loc["x", "prob_stable"] < 0.5
            assert one.loc["x", "variation"] < other.loc["x", "variation"]
            assert (one["hdi_low"] < one["variation"]).all()
            assert (one["variation"] < one["hdi_high"]).all()
            strict = steady.hedge_stability(tolerance=1e-6)
            assert strict.loc["x", "prob_stable"] < one.loc["x", "prob_stable"]

    @pytest.mark.calibration
    @pytest.mark.parametrize("windows", [3, 12])
    def test_calibrated_under_its_own_model(self, windows):
        """v from its prior, hedge ratios around a mean of one: ranks of v are uniform.

        With equal sds the mean of the estimates is independent of how they differ, and is what v
        is relative to: it is set to one. False alarms 1e-5.
        """
        ranks = []
        for seed in range(1000):
            stream = np.random.default_rng([12, windows, seed])
            v, sd = abs(stream.normal(0, 0.5)), 0.1
            estimates = np.sqrt(sd**2 + v**2) * stream.normal(size=windows)
            estimates += 1.0 - estimates.mean()
            drawn = variation_between_windows(estimates, np.full(windows, sd))
            ranks.append(min(int(np.mean(drawn < v) * (DRAWS + 1)), DRAWS))
        assert_uniform({"v": np.array(ranks)})

    def test_against_a_sum_over_the_grid(self):
        """Unequal sds, B integrated out by brute force."""
        mean, sd = np.array([0.7, 1.2, 0.9, 1.0]), np.array([0.05, 0.3, 0.1, 0.2])
        size = np.average(mean, weights=sd**-2.0)
        v = (np.arange(4000) + 0.5) / 4000 * 2.5
        B = np.linspace(-2, 4, 1501)
        total = sd**2 + (size * v[:, None]) ** 2
        logs = -0.5 * (
            np.log(total).sum(axis=1)[:, None]
            + sum((m - B) ** 2 / total[:, i, None] for i, m in enumerate(mean))
        )
        density = np.exp(logs).sum(axis=1) * np.exp(-0.5 * (v / 0.5) ** 2)
        cumulative = np.cumsum(density) / density.sum()
        drawn = variation_between_windows(mean, sd)
        for level in (0.05, 0.5, 0.95):
            expected = v[np.searchsorted(cumulative, level)]
            assert np.quantile(drawn, level) == pytest.approx(expected, abs=2e-3)
