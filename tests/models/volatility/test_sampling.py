"""From returns to draws: the state after the last return, ties, and the fallback.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
)
from puffin.models.volatility import NotObservedWarning, sampling
from tests.models.volatility.kinds import FALSE_ALARM, returns_of


@pytest.mark.parametrize("last", [-0.03, 0.03])
def test_fit_moves_on_with_the_last_return(last):
    """Given the parameters, the last state and the last return, the shock is standard normal."""
    returns = returns_of(nu=None)
    returns.iloc[-1] = last
    model = StochasticVolatilityModel(leverage=True).fit(returns, 2000, random_seed=1)
    draws = {name: model.posterior.flat(name) for name in model.posterior.variables}
    error = (last - draws["mean"]) * np.exp(-0.5 * draws["h_last"])
    moved = draws["h_next"] - draws["mu"] - draws["phi"] * (draws["h_last"] - draws["mu"])
    shock = (moved / draws["sigma"] - draws["rho"] * error) / np.sqrt(1 - draws["rho"] ** 2)
    assert stats.kstest(shock, "norm").pvalue > FALSE_ALARM / 2
    assert np.sign(moved.mean()) == np.sign(np.mean(draws["rho"] * error))


def test_fallback_keeps_no_more_states_than_asked(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("injected")

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
    with pytest.warns(UserWarning, match="injected"):
        model = StochasticVolatilityModel().fit(returns_of(), 100, random_seed=1, keep_states=10)
    assert model.fitted.states.shape == (4, 10, 120)
    assert np.isfinite(model.volatility()).all().all()
    assert np.isfinite(model.residuals()).all()
    assert model.idata["states"]["h"].shape == (4, 10, 120)


@pytest.mark.slow
def test_dates_without_trade_are_not_taken_for_calm():
    returns = returns_of()
    returns.iloc[30:60] = 0.0
    with pytest.warns(NotObservedWarning, match="they count as not observed"):
        model = StochasticVolatilityModel().fit(returns, 500, random_seed=1)
    assert np.isfinite(model.summary()).all().all()
    path = model.volatility_path
    assert path[40:50].min() > path[:20].min()
