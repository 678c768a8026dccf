"""`mean_reversion`: how often it is wrong, on random walks and on pairs of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin import mean_reversion
from puffin.inference.mean_reversion import reversion_posterior
from puffin.models.bayesian import BayesianPairsTrading
from tests.calibration import DRAWS, assert_uniform
from tests.slowly import slowly

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


def assert_share(count, size, expected, false_alarm=1e-4):
    """Whether `count` of `size` is what a probability of `expected` gives."""
    low, high = stats.binom(size, expected).ppf([false_alarm / 2, 1 - false_alarm / 2])
    assert low <= count <= high, f"{count} of {size}, which is not {expected:.0%}"


@pytest.mark.parametrize(("size", "documented"), [(60, 0.06), (250, 0.02), (1000, 0.01)])
def test_false_alarms_on_random_walks(size, documented):
    """Above one half for so many of 1,000 walks; an alarm of the test below 1e-4."""
    walks = np.cumsum(np.random.default_rng(size).normal(size=(1000, size)), axis=1)
    assert_share(sum(mean_reversion(s).prob_mean_reverting > 0.5 for s in walks), 1000, documented)


@pytest.mark.calibration
def test_calibrated():
    """Models equally likely, phi ~ U(0, 1): the probability is one, and ranks of phi are uniform.

    Of the probability: in each of ten bins as many revert as it says, a z-score each, 1e-5 in all.
    """
    said, reverts, ranks = [], [], []
    for seed in range(2000):
        stream = np.random.default_rng([21, seed])
        true = stream.random() < 0.5
        phi = stream.random() if true else 1.0
        mean = stream.normal() / np.sqrt(1 - phi**2) if true else 0.0
        s = np.zeros(50)
        for t in range(1, 50):
            s[t] = mean + phi * (s[t - 1] - mean) + stream.normal()
        found = reversion_posterior(7.0 + 3.0 * s)
        said.append(found.probability)
        reverts.append(true)
        if true:
            ranks.append(min(int(np.mean(found.phi < phi) * (DRAWS + 1)), DRAWS))
    said, reverts = np.array(said), np.array(reverts)
    order = np.array_split(np.argsort(said), 10)
    for part in order:
        error = np.sqrt(np.sum(said[part] * (1 - said[part])) + 0.25)
        z = (reverts[part].sum() - said[part].sum()) / error
        assert abs(z) < stats.norm.isf(1e-5 / 20) + 0.5 / error
    assert_uniform({"phi": np.array(ranks)}, bins=10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "pairs"),
    [({}, 150), ({"errors": "ar1"}, 20), ({"method": "state-space"}, 150)],
)
def test_false_alarms_on_pairs_of_random_walks(options, pairs):
    """A hedge ratio fitted to independent walks finds nothing: 1% documented, 500 rows.

    Residuals of the same regressions, beside it, look stationary for most.
    """
    alarms, of_residuals = 0, 0
    for seed in range(pairs):
        y, x = 100 + np.cumsum(np.random.default_rng([22, seed]).normal(size=(2, 500)), axis=1)
        model = BayesianPairsTrading(**options)
        table = model.fit_dynamic_hedge(y, x, 60)
        alarms += model.prob_mean_reverting > 0.5
        residual = (y - table["forecast_mean"]).dropna()
        of_residuals += mean_reversion(residual).prob_mean_reverting > 0.5
    assert_share(alarms, pairs, 0.01)
    assert of_residuals > pairs / 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "share", "pairs"),
    [({}, 0.97, 40), ({"errors": "ar1"}, 0.995, 10), ({"method": "state-space"}, 0.995, 40)],
)
def test_it_finds_pairs_that_revert(options, share, pairs):
    """An AR(1) spread at 0.8 for 500 rows: so many are found, and the half-life is near 3.1."""
    found, half_lives = 0, []
    for seed in range(pairs):
        stream = np.random.default_rng([23, seed])
        x, error = 100 + np.cumsum(stream.normal(size=500)), np.zeros(500)
        for t in range(1, 500):
            error[t] = 0.8 * error[t - 1] + stream.normal()
        model = BayesianPairsTrading(**options)
        model.fit_dynamic_hedge(5 + 0.8 * x + error, x, 60)
        found += model.prob_mean_reverting > 0.5
        half_lives.append(model.half_life)
    assert found >= stats.binom(pairs, share).ppf(1e-4)
    assert 2.5 < np.median(half_lives) < 8.0


def test_the_spread_that_is_judged_is_what_holding_it_earns():
    """By hand, with a gap: each step of prices with the hedge ratio that was known before it."""
    stream = np.random.default_rng(24)
    x = pd.Series(50 + np.cumsum(stream.normal(size=100)))
    y = 3 + 0.8 * x + stream.normal(size=100)
    y[60] = np.nan
    model = BayesianPairsTrading()
    table = model.fit_dynamic_hedge(y, x, 30)
    held, total, last = [0.0], 0.0, 29
    for t in range(30, 100):
        if t == 60:
            continue
        total += y[t] - y[last] - table["hedge_ratio_mean"][t] * (x[t] - x[last])
        held.append(total)
        last = t
    expected = mean_reversion(held)
    found = model.mean_reversion_by_order["y against x"]
    assert found.prob_mean_reverting == pytest.approx(expected.prob_mean_reverting, rel=1e-9)
    assert found.half_life == pytest.approx(expected.half_life, rel=1e-9)
    assert model.mean_reversion is model.mean_reversion
    basket = BayesianPairsTrading()
    basket.fit_dynamic_hedge(y, pd.DataFrame({"x": x, "z": x + stream.normal(size=100)}), 30)
    [alone] = basket.mean_reversion_by_order.values()
    assert alone.prob_mean_reverting == pytest.approx(basket.prob_mean_reverting)


def noisy_pair(seed, rows=1000, phi=0.95):
    """x is a random walk, y is 1.3 x and a spread that takes 14 rows to halve."""
    stream = np.random.default_rng([26, seed])
    x, error = 70 + np.cumsum(stream.normal(size=rows)), np.zeros(rows)
    for t in range(1, rows):
        error[t] = phi * error[t - 1] + 0.6 * stream.normal()
    index = pd.bdate_range("2019-01-01", periods=rows)
    return pd.Series(10 + 1.3 * x + error, index, name="Y"), pd.Series(x, index, name="X")


@pytest.mark.parametrize("options", [*slowly({"errors": "ar1"}), {"method": "state-space"}, {}])
def test_one_answer_for_a_pair_in_either_order(options):
    """By hand from the probabilities of the orders: their odds are averaged."""
    for seed in range(3):
        y, x = noisy_pair(seed)
        one, other = BayesianPairsTrading(**options), BayesianPairsTrading(**options)
        one.fit_dynamic_hedge(y, x, 60)
        other.fit_dynamic_hedge(x, y, 60)
        assert other.prob_mean_reverting == pytest.approx(one.prob_mean_reverting, rel=1e-9)
        assert other.half_life == pytest.approx(one.half_life, rel=1e-6)
        orders = one.mean_reversion_by_order
        assert list(orders) == ["Y against X", "X against Y"]
        assert list(other.mean_reversion_by_order) == ["X against Y", "Y against X"]
        said = [found.prob_mean_reverting for found in orders.values()]
        for name, found in other.mean_reversion_by_order.items():
            assert found.prob_mean_reverting == pytest.approx(orders[name].prob_mean_reverting)
        odds = np.mean([p / (1.0 - p) for p in said])
        assert one.prob_mean_reverting == pytest.approx(odds / (1.0 + odds), rel=1e-6)
        halves = [found.half_life for found in orders.values()]
        assert min(halves) * (1 - 1e-9) <= one.half_life <= max(halves) * (1 + 1e-9)


@pytest.mark.slow
def test_the_order_that_wanders_does_not_hide_that_the_pair_reverts():
    found = []
    for seed in range(8):
        y, x = noisy_pair(seed, phi=0.9)
        model = BayesianPairsTrading(errors="ar1")
        model.fit_dynamic_hedge(x, y, 60)
        by_order = model.mean_reversion_by_order
        found.append((by_order["X against Y"].prob_mean_reverting, model.prob_mean_reverting))
    wanders, pair = np.array(found).T
    assert (wanders < 0.5).sum() >= 4
    assert (pair > 0.9).all()


def test_what_moves_as_one_has_no_spread():
    _, x = noisy_pair(1, rows=200)
    for prices in ((3.0 * x, x), ((3.0 * x).round(2), x.round(2)), (x, x.round(2))):
        model = BayesianPairsTrading()
        with pytest.warns(UserWarning, match="but for the rounding of their prices in 140 of 140"):
            model.fit_dynamic_hedge(*prices, 60)
        for zscore in ("rolling", "forecast"):
            assert (model.generate_signals(zscore=zscore) == 0).all()
        with pytest.raises(ValueError, match="there is no spread between them"):
            _ = model.mean_reversion


def test_result():
    stream = np.random.default_rng(25)
    s = np.zeros(400)
    for t in range(1, 400):
        s[t] = 0.9 * s[t - 1] + stream.normal()
    found = mean_reversion(pd.Series(s))
    assert found.prob_mean_reverting > 0.99
    assert found.hdi_low < found.half_life < found.hdi_high
    # ln 2 / ln(1 / 0.9) = 6.6; phi is known to within 0.02.
    assert found.hdi_low < np.log(2) / -np.log(0.9) < found.hdi_high
    share = np.mean((found.draws > found.hdi_low) & (found.draws < found.hdi_high))
    assert share == pytest.approx(0.94, abs=0.002)
    wider = mean_reversion(s, hdi_prob=0.99)
    assert wider.hdi_low < found.hdi_low
    gaps = np.insert(s, [3, 50], np.nan)
    assert mean_reversion(gaps).prob_mean_reverting == found.prob_mean_reverting


@pytest.mark.parametrize(
    ("spread", "error", "message"),
    [
        (np.arange(9.0), ValueError, "spread needs at least 10 values .* found 9"),
        (np.ones(20), ValueError, "spread never moves: all 20 values are 1"),
        (np.ones((20, 2)), ValueError, r"spread must be one series; found shape \(20, 2\)"),
        (["a"] * 20, TypeError, "spread must hold numbers"),
        (np.r_[np.arange(20.0), np.inf], ValueError, "spread has 1 infinite value"),
    ],
)
def test_errors(spread, error, message):
    with pytest.raises(error, match=message):
        mean_reversion(spread)


def test_too_few_rows_after_the_window():
    y, x = 100 + np.cumsum(np.random.default_rng(26).normal(size=(2, 38)), axis=1)
    model = BayesianPairsTrading()
    model.fit_dynamic_hedge(y, x, 30)
    with pytest.raises(ValueError, match="needs at least 10 values"):
        _ = model.half_life
