"""The warning of autocorrelated residuals."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from puffin.inference.rolling_regression import rolling_regression
from puffin.models.bayesian import AutocorrelationWarning, BayesianPairsTrading, PairsPriors
from tests.models.pairs.simulated_pair import METHODS, pair

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


class TestAutocorrelation:
    def test_it_warns_where_residuals_say_so(self):
        y, x = pair(400, phi=0.9)
        model = BayesianPairsTrading()
        with pytest.warns(AutocorrelationWarning, match=r"errors='ar1', or method") as caught:
            model.fit_dynamic_hedge(y, x, 60)
        assert caught[0].filename == __file__

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("options", METHODS)
    def test_it_does_not_of_white_residuals(self, options, seed):
        """White noise: a median over windows above 2 / sqrt(60) has not been seen in 2,000."""
        y, x = pair(400, phi=0.0, seed=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("error", AutocorrelationWarning)
            BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, 60)
        if options != {"method": "rolling"}:
            y, x = pair(400, phi=0.9)
            with warnings.catch_warnings():
                warnings.simplefilter("error", AutocorrelationWarning)
                BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, 60)

    @pytest.mark.slow
    def test_coverage(self):
        """Errors AR(1) at 0.8, x a random walk, a window of 60: how many 94% intervals hold.

        iid: 55%; ar1: 94%. Binomial bounds of 600 windows, false alarms below 1e-4 each.
        """
        windows = 600
        held = {False: 0, True: 0}
        for seed in range(windows):
            stream = np.random.default_rng([11, seed])
            x = np.cumsum(stream.normal(size=60))
            error = np.empty(60)
            error[0] = stream.normal() / 0.6
            for t in range(1, 60):
                error[t] = 0.8 * error[t - 1] + stream.normal()
            y = 3.0 + 0.8 * x + error
            for ar1 in held:
                found = rolling_regression(
                    x[:, None], y, 60, PairsPriors().rolling, scale=None, autoregressive=ar1
                )
                held[ar1] += abs(found.mean[0, 1] - 0.8) < 1.8808 * found.sd[0, 1]
        for ar1, expected in ((False, 0.55), (True, 0.94)):
            low, high = stats.binom(windows, expected).ppf([5e-5, 1 - 5e-5])
            assert low <= held[ar1] <= high, held
