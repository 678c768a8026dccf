"""What the state space says: paths, filtered and smoothed."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import BayesianPairsTrading, PairsPriors
from tests.models.pairs.simulated_pair import QUICK, WINDOW, fitted, pair

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


class TestStateSpace:
    def test_posterior(self):
        y, x = pair(hedges=2)
        y = y.copy()
        y.iloc[30] = np.nan
        model, _ = fitted(y, x, method="state-space")
        posterior = model.posterior
        assert posterior is model.posterior
        assert posterior.variables["hedge_ratio"].shape == (2, 200, 119, 2)
        assert posterior.variables["intercept"].shape == (2, 200, 119)
        assert posterior.variables["sigma"].shape == (2, 200)
        data = posterior.idata["posterior"]
        assert list(data["hedge_ratio"].dims) == ["chain", "draw", "time", "hedge"]
        assert list(data["hedge"].values) == ["PEP", "MNST"]
        assert data["time"].to_index().equals(y.drop(y.index[30]).index)
        again = BayesianPairsTrading("state-space")
        again.fit_dynamic_hedge(y, x, WINDOW, **QUICK, cores=1)
        np.testing.assert_array_equal(
            again.posterior.flat("hedge_ratio"), posterior.flat("hedge_ratio")
        )

    def test_paths_fit_the_prices(self):
        """In the user's units: residuals of the draws have their sigma."""
        y, x = pair(200)
        model, _ = fitted(y, x, method="state-space")
        draws = {name: model.posterior.flat(name) for name in ("intercept", "hedge_ratio", "sigma")}
        residual = y.to_numpy() - draws["intercept"] - draws["hedge_ratio"][..., 0] * x.to_numpy()
        # 200 residuals a draw: their root mean square is sigma within 30%, beyond 6 sds.
        ratio = np.sqrt(np.mean(residual**2, axis=1)) / draws["sigma"]
        assert ratio.min() > 0.7
        assert ratio.max() < 1.3

    def test_filtered_and_smoothed(self):
        """The same at the last row; the smoothed one knows more before it."""
        y, x = pair(150, hedges=2)
        y = y.copy()
        y.iloc[70] = np.nan
        model = BayesianPairsTrading("state-space")
        table = model.fit_dynamic_hedge(y, x, WINDOW, samples=4000, chains=2, random_seed=1)
        filtered, smoothed = model.hedge_path(), model.hedge_path("smoothed")
        assert list(filtered) == list(smoothed) == list(table.filter(like="hedge_ratio"))
        assert filtered.index.equals(y.index)
        assert filtered.iloc[70].isna().all()
        assert filtered.drop(y.index[70]).notna().all().all()
        last = "hedge_ratio_mean_PEP", "hedge_ratio_std_PEP"
        mean, sd = filtered.iloc[-1][list(last)]
        assert abs(smoothed.iloc[-1][last[0]] - mean) < 5.5 * sd / np.sqrt(8000)
        assert smoothed.iloc[-1][last[1]] == pytest.approx(sd, rel=0.1)
        middle = slice(40, 110)
        assert smoothed[last[1]].iloc[middle].mean() < filtered[last[1]].iloc[middle].mean()
        # A row's prediction is the filtered state of the row before, with a step's variance more.
        assert table["hedge_ratio_mean_PEP"].iloc[100] == pytest.approx(
            filtered["hedge_ratio_mean_PEP"].iloc[99]
        )
        assert table["hedge_ratio_std_PEP"].iloc[100] > filtered["hedge_ratio_std_PEP"].iloc[99]

    def test_the_warm_up_gives_the_units_and_nothing_after_it(self):
        """The documented exception: filtered rows of the warm-up know all its prices."""
        y, x = pair()
        one, _ = fitted(y, x, method="state-space")
        changed = y.copy()
        changed.iloc[WINDOW - 1] += 5.0
        other, _ = fitted(changed, x, method="state-space")
        early = one.hedge_path().iloc[5] - other.hedge_path().iloc[5]
        assert (early != 0).all()
        scaled = {"method": "state-space", "priors": PairsPriors(scale=50.0)}
        one, other = fitted(y, x, **scaled)[0], fitted(changed, x, **scaled)[0]
        np.testing.assert_array_equal(
            one.hedge_path().iloc[: WINDOW - 1], other.hedge_path().iloc[: WINDOW - 1]
        )
