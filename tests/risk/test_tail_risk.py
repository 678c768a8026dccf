"""Value at risk and expected shortfall of fitted models.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import StochasticVolatilityModel, VolatilityPriors, simulate
from puffin.models.volatility import sampling
from puffin.posterior import FallbackWarning
from puffin.risk import tail_risk

RETURNS = simulate(120, nu=6.0, rho=-0.5, phi=0.95, sigma=0.3, random_seed=1)["returns"]


def fit(returns=RETURNS, samples=500, seed=1, **options):
    model = StochasticVolatilityModel("student", True, **options)
    return model.fit(returns, samples, random_seed=seed)


@pytest.fixture(scope="module")
def model():
    return fit()


def test_table(model):
    risk = tail_risk(model, [0.01, 0.025, 0.05])
    assert list(risk.table.index) == [0.01, 0.025, 0.05]
    assert risk.table.index.name == "level"
    assert (risk.horizon, risk.loss) == (1, "return")
    assert risk.value_at_risk.is_monotonic_decreasing
    assert (risk.expected_shortfall > risk.value_at_risk).all()
    assert (risk.table > 0).all().all()
    # Four tails: further losses are rarer, as the returns themselves show roughly.
    assert 0.5 < risk.value_at_risk[0.05] / -np.quantile(RETURNS[-60:], 0.05) < 2.0


def test_losses_of_wealth(model):
    """The quantile of 1 - exp(y), and less in expectation than that of the expected return."""
    plain, wealth = tail_risk(model, 0.01), tail_risk(model, 0.01, loss="wealth")
    assert wealth.value_at_risk[0.01] == pytest.approx(-np.expm1(-plain.value_at_risk[0.01]))
    concave = -np.expm1(-plain.expected_shortfall[0.01])
    assert 0.98 * concave < wealth.expected_shortfall[0.01] < concave


def test_units_of_the_returns(model):
    percent = fit(100.0 * RETURNS)
    for horizon in (1, 3):
        np.testing.assert_allclose(
            tail_risk(percent, horizon=horizon).table,
            100.0 * tail_risk(model, horizon=horizon).table,
            rtol=1e-4,
        )


@pytest.fixture(scope="module")
def fits():
    """Fits with 30 seeds."""
    return [fit(seed=seed) for seed in range(30)]


@pytest.mark.slow
@pytest.mark.parametrize(("horizon", "loss"), [(1, "return"), (4, "return"), (10, "wealth")])
def test_errors_are_those_of_other_seeds(fits, horizon, loss):
    """The variance over 30 seeds, as a share of the mean squared error stated: chi-squared.

    Errors of one seed vary less than 20% here, and count half as much again.
    """
    tables = [tail_risk(one, 0.05, horizon, loss).table.iloc[0] for one in fits]
    for name in ("value_at_risk", "expected_shortfall"):
        values = np.array([table[name] for table in tables])
        stated = np.mean([table[f"{name}_error"] ** 2 for table in tables])
        ratio = 29 * values.var(ddof=1) / stated
        assert stats.chi2.ppf(1e-5, 29) / 1.5 < ratio < 1.5 * stats.chi2.ppf(1 - 1e-5, 29)


def test_expected_shortfall_where_it_exists(model):
    assert tail_risk(model, horizon=4).expected_shortfall is not None
    far = tail_risk(model, horizon=5)
    assert far.expected_shortfall is None
    assert list(far.table.columns) == ["value_at_risk", "value_at_risk_error"]
    assert tail_risk(model, horizon=5, loss="wealth").expected_shortfall is not None
    tight = fit(priors=VolatilityPriors(sigma_sd=0.5))
    assert tail_risk(tight, horizon=16).expected_shortfall is not None
    assert tail_risk(tight, horizon=17).expected_shortfall is None
    wide = fit(priors=VolatilityPriors(sigma_sd=2.1))
    assert tail_risk(wide).expected_shortfall is None


def test_missing_returns_at_the_end_are_periods_ahead():
    returns = RETURNS.copy()
    returns.iloc[-3:] = np.nan
    model = StochasticVolatilityModel().fit(returns, 200, random_seed=1, missing="skip")
    assert tail_risk(model).expected_shortfall is not None
    assert tail_risk(model, horizon=2).expected_shortfall is None


def test_fallback_has_one_period(monkeypatch):
    def fail(*_, **__):
        raise SamplingError("no luck")

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
    with pytest.warns(FallbackWarning):
        model = StochasticVolatilityModel().fit(RETURNS, 200, random_seed=1)
    assert (tail_risk(model).table > 0).all().all()
    with pytest.raises(ValueError, match="no dynamics to forecast with"):
        tail_risk(model, horizon=2)


def test_bad_arguments(model):
    for levels, message in (
        (0.99, "below 0.5; found 0.99. A confidence of 0.99 is a level of 0.01"),
        ([0.01, 0.01], "different numbers"),
        ([], "one or more"),
        ([0.0], "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            tail_risk(model, levels)
    with pytest.raises(TypeError, match="levels must be a sequence of numbers; found 'a'"):
        tail_risk(model, "a")
    with pytest.raises(ValueError, match="loss must be one of 'return', 'wealth'; found 'money'"):
        tail_risk(model, loss="money")
