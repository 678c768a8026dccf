"""Where sampling fails, least squares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.models.bayesian import BayesianPairsTrading
from puffin.models.pairs import hedging
from puffin.posterior import FallbackWarning
from tests.models.pairs.simulated_pair import WINDOW, fitted, pair

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


class TestFallback:
    @pytest.mark.parametrize(
        ("method", "broken"),
        [("rolling", "rolling_regression"), ("state-space", "filter_coefficients")],
    )
    def test_rolling_least_squares(self, method, broken, monkeypatch):
        """Slope, and the sd of t with n - 2 degrees of freedom, by `linregress`."""

        def fail(*_, **__):
            raise SamplingError("injected")

        monkeypatch.setattr(hedging, broken, fail)
        y, x = pair()
        model = BayesianPairsTrading(method)
        with pytest.warns(FallbackWarning, match="injected.*least squares") as caught:
            table = model.fit_dynamic_hedge(y, x, WINDOW)
        assert caught[0].filename == __file__
        assert model.fitted_by == "rolling least squares"
        assert np.isfinite(table.iloc[WINDOW:]).all().all()
        known = stats.linregress(x.iloc[30:50], y.iloc[30:50])
        assert table["hedge_ratio_mean"].iloc[50] == pytest.approx(known.slope)
        assert table["hedge_ratio_std"].iloc[50] == pytest.approx(known.stderr * np.sqrt(18 / 16))
        assert table["intercept_mean"].iloc[50] == pytest.approx(known.intercept)
        assert set(model.generate_signals()) <= {-1, 0, 1}
        assert model.has_stability
        assert np.isfinite(model.hedge_stability()).all().all()
        if method == "state-space":
            with pytest.raises(ValueError, match="this fit is rolling least squares"):
                model.hedge_path()

    def test_a_filter_that_overflows_is_a_failure(self, monkeypatch):
        found = hedging.filter_coefficients

        def overflow(*arguments):
            filtered, grid = found(*arguments)
            filtered.forecast_variance[-1] = np.nan
            return filtered, grid

        monkeypatch.setattr(hedging, "filter_coefficients", overflow)
        with pytest.warns(FallbackWarning, match="overflowed"):
            BayesianPairsTrading("state-space").fit_dynamic_hedge(*pair(), WINDOW)

    def test_bad_input_is_not_a_failure(self, monkeypatch):
        y, x = pair()
        with pytest.raises(ValueError, match="y has 1 infinite"):
            fitted(y.where(y.index != y.index[3], np.inf), x)
