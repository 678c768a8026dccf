"""A posterior of independent returns, with the law's fit and time's dependence counted."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.settings import Settings
from puffin.laws import LAWS
from puffin.models.sharpe.annualisation import AnnualRatio
from puffin.models.sharpe.counted import ExcessReturns, count
from puffin.models.sharpe.influence import score
from puffin.models.sharpe.priors import SharpePriors

SETTINGS = Settings(4000, 0, 2, None, 1, False)
RATIO = AnnualRatio(1.0, 0.0)
LAW = LAWS["normal"]


def posterior(x, share=None):
    """The normal posterior of independent returns, written by hand."""
    stream, n = np.random.default_rng(1), x.size
    variables = {
        "mu": x.mean() + x.std() / np.sqrt(n) * stream.normal(size=(2, 4000)),
        "sd": x.std() * np.exp(stream.normal(size=(2, 4000)) / np.sqrt(2 * n)),
    }
    if share is not None:
        variables["prob_active"] = stream.beta(*share, (2, 4000))
    return variables


def counted(x, *, active=None, share=None, priors=SharpePriors()):
    active = np.ones(x.size, np.bool_) if active is None else active
    variables = posterior(x[active], share)
    returns = ExcessReturns(x, active, float(x[active].std()))
    scores = score(LAW, variables, x, active)
    return variables, count(variables, RATIO, scores, returns, priors, SETTINGS)


def test_independent_returns_are_left_as_they_are():
    x = np.random.default_rng(2).normal(0.1, 1.0, 4000)
    before, after = counted(x)
    assert after.sample_weight == 0.0
    assert after.dependence.factor == pytest.approx(1.0, abs=0.1)
    for name in ("mu", "sd"):
        assert after.variables[name].mean() == pytest.approx(before[name].mean(), rel=1e-3)
        assert after.variables[name].std() / before[name].std() == pytest.approx(
            after.dependence.factor, rel=0.05
        )
    assert np.linalg.norm(after.influence) == pytest.approx(RATIO(before).std(), rel=0.05)


def test_deviations_grow_with_dependence():
    """A moving average of three varies by sqrt(3) more."""
    raw = np.random.default_rng(3).normal(0.1, 1.0, 3002)
    before, after = counted(np.convolve(raw, np.ones(3), "valid"))
    ratio = RATIO(after.variables).std() / RATIO(before).std()
    assert ratio == pytest.approx(np.sqrt(3.0), rel=0.12)


def test_draws_stay_in_order_of_their_deviations():
    """Each is moved along the line from the centre: none changes sides."""
    x = np.random.default_rng(4).normal(0.1, 1.0, 500)
    before, after = counted(x)
    moved = (after.variables["mu"] - before["mu"].mean()) / (before["mu"] - before["mu"].mean())
    assert (moved > 0.0).all()
    assert np.ptp(np.log(moved)) < 4.0


def test_how_often_a_strategy_is_active_is_widened_like_the_rest():
    stream = np.random.default_rng(5)
    active = np.repeat(stream.random(60) < 0.5, 30)
    x = np.where(active, stream.normal(0.3, 1.0, 1800), 0.0)
    days = int(active.sum())
    before, after = counted(x, active=active, share=(1 + days, 1801 - days))
    share = after.variables["prob_active"]
    assert ((share > 0.0) & (share < 1.0)).all()
    assert share.mean() == pytest.approx(before["prob_active"].mean(), abs=0.002)
    assert share.std() / before["prob_active"].std() == pytest.approx(
        after.dependence.factor, rel=0.05
    )


def test_what_the_prior_knows_is_not_widened():
    """Half of what is known of mu comes of its prior: that half does not hang together in time."""
    raw = np.random.default_rng(6).normal(0.0, 1.0, 3002)
    x = np.convolve(raw, np.ones(3), "valid")
    spread = 1.0 / np.sqrt(2 * x.size)  # of mu, in units of the returns' deviation
    variables = posterior(x)
    variables["mu"] = (variables["mu"] - x.mean()) / np.sqrt(2.0)
    returns = ExcessReturns(x, np.ones(x.size, np.bool_), float(x.std()))
    priors = SharpePriors(mu_sd=np.sqrt(2.0) * spread)
    scores = score(LAW, variables, x, returns.active)
    after = count(variables, RATIO, scores, returns, priors, SETTINGS)
    grown = after.variables["mu"].var() / variables["mu"].var()
    assert grown == pytest.approx(1.0 / (0.5 + 0.5 / 3.0), rel=0.1)
