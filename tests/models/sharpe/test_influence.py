"""What each observation does to a posterior mean."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.laws import LAWS
from puffin.models.sharpe.influence import sample_influence, score
from puffin.models.sharpe.sharpe import bayesian_sharpe

SHAPES = {"normal": {}, "student": {"nu": 4.5}, "asymmetric": {
    "asymmetry": 0.3, "nu_left": 4.0, "nu_right": 7.0,
}}  # fmt: skip


def around(point, which):
    """Draws of the parameters in which only one of them moves."""
    draws = {name: np.full((1, 2), value) for name, value in point.items()}
    draws[which] = draws[which] + 1e-3 * np.array([[-1.0, 1.0]])
    return draws


@pytest.mark.parametrize("law", SHAPES)
def test_scores_are_the_slopes_of_the_density(law):
    point = {"mu": 0.3, "sd": 1.7, **SHAPES[law]}
    active = np.arange(40) % 5 > 0
    x = np.random.default_rng(1).standard_t(4, 40)

    def log_density(which, step):
        at = point | {which: point[which] + step}
        shape = {name: np.array(at[name]) for name in SHAPES[law]}
        return LAWS[law].log_density((x[active] - at["mu"]) / at["sd"], shape) - np.log(at["sd"])

    for which in point:
        found = score(LAWS[law], around(point, which), x, active)
        slope = (log_density(which, 1e-5) - log_density(which, -1e-5)) / 2e-5
        # The draws of the one parameter have variance 1e-6, and the others none.
        influence = found.influence(around(point, which)[which].ravel())
        np.testing.assert_allclose(
            influence[active], 1e-6 * (slope - slope.mean()), rtol=1e-4, atol=1e-12
        )
        np.testing.assert_array_equal(influence[~active], 0.0)


def test_influence_of_being_active():
    draws = {"mu": np.zeros((1, 2)), "sd": np.ones((1, 2)), "prob_active": np.array([[0.55, 0.65]])}
    active = np.array([True, True, False, True, False])
    found = score(LAWS["normal"], draws, np.arange(5.0), active)
    logits = np.log(draws["prob_active"] / (1.0 - draws["prob_active"])).ravel()
    np.testing.assert_allclose(found.influence(logits), np.var(logits) * (active - 0.6))


@pytest.mark.parametrize("distribution", SHAPES)
@pytest.mark.parametrize("autocorrelation", ["ignore", "ar1"])
def test_influences_make_up_the_variance(distribution, autocorrelation, sp500_returns):
    """Their sum of squares is the posterior's variance, within sampling error of 1,000 returns."""
    found = bayesian_sharpe(
        sp500_returns.iloc[:1000], distribution=distribution, autocorrelation=autocorrelation,
        random_seed=1,
    )  # fmt: skip
    assert np.linalg.norm(found.influence) == pytest.approx(found["std"], rel=0.1)


def test_influence_is_what_leaving_a_return_out_does(sp500_returns):
    returns = sp500_returns.to_numpy()[:400]
    whole = bayesian_sharpe(returns, autocorrelation="ignore", random_seed=1)
    for day in (int(np.argmax(whole.influence)), int(np.argmin(whole.influence))):
        without = bayesian_sharpe(np.delete(returns, day), autocorrelation="ignore", random_seed=1)
        change = whole["mean"] - without["mean"]
        error = 5.0 * whole["std"] / np.sqrt(whole["ess"])
        assert abs(change - whole.influence[day]) < 0.3 * abs(change) + error


def test_the_samples_own_influence():
    x = np.random.default_rng(2).standard_t(5, 300)
    of_mean, of_log_sd = sample_influence(x)
    day = 17
    without = np.delete(x, day)
    assert of_mean[day] == pytest.approx(x.mean() - without.mean(), rel=0.02)
    assert of_log_sd[day] == pytest.approx(np.log(x.std() / without.std()), rel=0.05, abs=1e-4)
