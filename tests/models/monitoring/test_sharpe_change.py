"""Whether a live strategy is still the one that was backtested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from puffin import SharpePriors, bayesian_sharpe, sharpe_change
from puffin.models.monitoring.change_model import Gaussian, live_given_both, prob_lower

DATES = pd.bdate_range("2018-01-01", periods=800)
SINCE = 600
QUICK = {"samples": 300, "random_seed": 1}


def simulated(before, since, seed=1, tails=5.0):
    stream = np.random.default_rng(seed)
    errors = stream.standard_t(tails, len(DATES)) * np.sqrt((tails - 2.0) / tails)
    sharpe = np.where(np.arange(len(DATES)) < SINCE, before, since)
    return pd.Series(0.01 * (errors + sharpe / np.sqrt(252)), DATES, name="mine")


@pytest.fixture(scope="module")
def returns():
    return simulated(1.0, -2.0)


@pytest.fixture(scope="module")
def change(returns):
    return sharpe_change(returns, DATES[SINCE], samples=1000, random_seed=1)


@pytest.fixture(scope="module")
def quick_change(returns):
    return sharpe_change(returns, DATES[SINCE], **QUICK)


def test_last_week_is_the_answer(change, returns):
    last = change.path.iloc[-1]
    assert (change.prob_lower, change.prob_negative) == (last["prob_lower"], last["prob_negative"])
    assert change.path.index[-1] == DATES[-1]
    assert last["n_observations"] == 200
    assert last["sharpe_alone"] == change.live["mean"]
    assert last["sd_alone"] == change.live["std"]
    backtest = Gaussian(change.backtest["mean"], change.backtest["std"])
    live = Gaussian(change.live["mean"], change.live["std"])
    assert change.prob_lower == prob_lower(backtest, live, 1.0)
    known = live_given_both(backtest, live, 1.0)
    assert (last["sharpe"], change.prob_negative) == (known.mean, known.prob_negative)
    assert last["low"] < last["sharpe"] < last["high"]
    assert (change.name, change.since) == ("mine", DATES[SINCE])
    assert change.prob_lower > 0.9


def test_posteriors_are_those_of_the_library(change, returns):
    """The live one in units of the backtest's standard deviation; 5 Monte Carlo errors."""
    unit = float(returns.iloc[:SINCE].std(ddof=0))
    priors = SharpePriors(scale=unit)
    for found, part in (
        (change.backtest, returns.iloc[:SINCE]),
        (change.live, returns.iloc[SINCE:]),
    ):
        alone = bayesian_sharpe(part, 4000, priors=priors, random_seed=2)
        error = alone["std"] * np.sqrt(1 / alone["ess"] + 1 / found["ess"])
        assert abs(found["mean"] - alone["mean"]) < 5 * error
        assert found["n_observations"] == len(part)


def test_agrees_with_both_posteriors_weighed_pair_by_pair(change):
    """The Gaussian summary, against the draws themselves weighed by the prior of the change."""
    before, since = change.backtest.draws, change.live.draws
    pairs = [np.roll(since, 37 * k) for k in range(50)]
    b, s = np.tile(before, len(pairs)), np.concatenate(pairs)
    weights = np.exp(-0.5 * (s - b) ** 2)
    assert change.prob_lower == pytest.approx(np.average(s < b, weights=weights), abs=0.015)
    assert change.prob_negative == pytest.approx(np.average(s < 0, weights=weights), abs=0.015)
    assert change.path["sharpe"].iloc[-1] == pytest.approx(np.average(s, weights=weights), abs=0.1)


@given(rows=st.integers(5, 60))
@settings(max_examples=15)
@pytest.mark.slow
def test_cutting_off_the_future_changes_nothing(quick_change, returns, rows):
    """Bit for bit; only the last week may be one that the cut left unfinished."""
    cut = sharpe_change(returns.iloc[: SINCE + rows], DATES[SINCE], **QUICK)
    weeks = cut.path.index[:-1]
    pd.testing.assert_frame_equal(
        quick_change.path.loc[weeks], cut.path.loc[weeks], check_exact=True, check_freq=False
    )
    assert quick_change.backtest == cut.backtest
    if cut.path.index[-1] in quick_change.path.index:
        pd.testing.assert_series_equal(quick_change.path.loc[cut.path.index[-1]], cut.path.iloc[-1])


def test_the_past_matters_only_through_the_backtest(quick_change, returns):
    """A week's row is that of a series that ends with it."""
    week = quick_change.path.index[9]
    ended = sharpe_change(returns.loc[:week], DATES[SINCE], **QUICK)
    pd.testing.assert_series_equal(quick_change.path.loc[week], ended.path.iloc[-1])
    assert ended.prob_lower == quick_change.path.loc[week, "prob_lower"]


def test_weeks_are_calendar_weeks(change):
    path = change.path
    assert (path.index[:-1].day_name() == "Friday").all()
    assert path["n_observations"].is_monotonic_increasing
    assert path.index.is_unique
    assert not path.isna().any().any()


def test_units_do_not_matter(quick_change, returns):
    hundred = sharpe_change(100 * returns, DATES[SINCE], **QUICK)
    pd.testing.assert_frame_equal(quick_change.path, hundred.path, rtol=1e-6)


def test_first_weeks_move_little_and_a_wider_prior_more():
    crash = simulated(1.0, 1.0).iloc[: SINCE + 20]
    crash.iloc[SINCE : SINCE + 10] -= 0.02
    narrow, wide = (
        sharpe_change(crash, DATES[SINCE], change_sd=sd, **QUICK).path["prob_lower"].iloc[1]
        for sd in (1.0, 20.0)
    )
    assert 0.5 < narrow < 0.9 < wide


def test_same_seed_same_answer(returns):
    first, second, other = (
        sharpe_change(
            returns.iloc[: SINCE + 20], DATES[SINCE], samples=300, random_seed=seed, cores=cores
        ).path
        for seed, cores in ((1, 1), (1, 2), (2, 1))
    )
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_input_of_every_kind(returns):
    pl = pytest.importorskip("polars")
    returns = returns.iloc[: SINCE + 50]
    expected = sharpe_change(returns, "2020-04-20", **QUICK)
    frame = pl.DataFrame({"date": returns.index.to_numpy(), "mine": returns.to_numpy()})
    by_polars = sharpe_change(frame, "2020-04-20", date="date", **QUICK)
    pd.testing.assert_frame_equal(by_polars.path, expected.path, check_names=False)
    zoned = sharpe_change(returns.tz_localize("Europe/Berlin"), "2020-04-20", **QUICK)
    np.testing.assert_array_equal(zoned.path, expected.path)
    assert str(zoned.path.index.tz) == "Europe/Berlin"
    undated = sharpe_change(returns.to_numpy(), SINCE, **QUICK)
    assert undated.since == SINCE
    assert list(undated.path.index[:3]) == [SINCE + 4, SINCE + 9, SINCE + 14]
    assert undated.prob_lower == pytest.approx(expected.prob_lower, abs=0.02)


def test_monthly_returns():
    months = pd.date_range("2005-01-31", periods=150, freq="ME")
    stream = np.random.default_rng(3)
    monthly = pd.Series(stream.normal(0.01, 0.03, 150), months)
    found = sharpe_change(monthly, "2015-01-01", **QUICK)
    assert found.backtest["periods_per_year"] == 12
    assert list(found.path["n_observations"]) == list(range(3, 31))


@pytest.mark.slow
def test_risk_free_rate_and_autocorrelation(quick_change, returns):
    excess = sharpe_change(returns, DATES[SINCE], risk_free_rate=0.05, **QUICK)
    assert excess.backtest["mean"] < quick_change.backtest["mean"]
    assert excess.prob_negative > quick_change.prob_negative
    returns = returns.iloc[: SINCE + 20]
    correlated = sharpe_change(returns, DATES[SINCE], autocorrelation="ar1", **QUICK)
    assert correlated.live["model"] == "asymmetric Student-t AR(1)"


def test_a_strategy_that_is_flat_at_first(returns):
    """Weeks that have no Sharpe ratio yet have no row."""
    seldom = returns.where(np.random.default_rng(4).random(len(returns)) < 0.3, 0.0)
    seldom.iloc[SINCE : SINCE + 30] = 0.0
    found = sharpe_change(seldom, DATES[SINCE], **QUICK)
    assert found.path["n_observations"].iloc[0] > 30
    assert found.live["model"].startswith("hurdle")
    assert np.isfinite(found.path.to_numpy()).all()


def test_plot_shows_every_week(change):
    figure = change.plot()
    top, bottom = figure.axes
    lines = [line for line in top.lines if len(line.get_xdata()) == len(change.path)]
    np.testing.assert_array_equal(lines[0].get_ydata(), change.path["prob_lower"])
    np.testing.assert_array_equal(lines[1].get_ydata(), change.path["prob_negative"])
    assert "mine" in top.get_title(loc="left")
    assert bottom.get_title(loc="left") == "Annual Sharpe ratio, with 94% intervals"


@pytest.mark.slow
def test_seldom_alarms_without_a_change():
    """25 lives of 20 weeks: an alarm at 95% in at most 4 of them.

    An alarm takes a difference of 3.2 standard errors, the prior of the change being what it is;
    20 looks at it have a probability below 1%, and more than 4 alarms one of 5e-6.
    """
    alarms = 0
    for seed in range(25):
        life = simulated(1.0, 1.0, seed=[seed, 7]).iloc[: SINCE + 100]
        path = sharpe_change(life, DATES[SINCE], samples=400, random_seed=seed, cores=1).path
        alarms += bool((path["prob_lower"] > 0.95).any())
    assert alarms <= 4


@pytest.mark.parametrize(
    ("since", "options", "message"),
    [
        ("2030-01-01", {}, "since"),
        ("2001-01-01", {}, "since"),
        ("soon", {}, "since must be a position or a date .* found 'soon'"),
        (DATES[5], {}, "since is 2018-01-08, and before it there are 5 returns; a backtest needs"),
        (DATES[-2], {}, "since is .*, and from it on there are 2 returns; at least 3"),
        (SINCE, {"change_sd": 0.0}, "change_sd must be above zero"),
        (SINCE, {"certainty": 0.5}, "certainty must be above 0.5"),
        (SINCE, {"certainty": 1.0}, "certainty must be between 0 and 1"),
        (SINCE, {"samples": 0}, "samples must be a whole number"),
        (SINCE, {"samples": 9}, "samples must be a whole number of at least 10; found 9"),
        (SINCE, {"engine": "stan"}, "engine must be one of"),
        (SINCE, {"autocorrelation": "ma"}, "autocorrelation must be one of"),
        (SINCE, {"risk_free_rate": -2.0}, "risk_free_rate must be above -1"),
        (SINCE, {"priors": {"mu_sd": 1}}, r"priors must be SharpePriors\(...\)"),
        (SINCE, {"random_seed": "x"}, "random_seed must be"),
    ],
)
def test_bad_input_is_named(returns, since, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        sharpe_change(returns, since, **{**QUICK, **options})


def test_a_part_without_a_sharpe_ratio_is_named(returns):
    still = returns.copy()
    still.iloc[SINCE:] = 0.0
    with pytest.raises(ValueError, match=r"Since 2020-04-20: returns has no variance"):
        sharpe_change(still, DATES[SINCE], **QUICK)
    still = returns.copy()
    still.iloc[:SINCE] = 0.01
    with pytest.raises(ValueError, match=r"Before 2020-04-20: returns has no variance"):
        sharpe_change(still, DATES[SINCE], **QUICK)


@given(
    hnp.arrays(
        np.float64,
        st.integers(20, 60),
        elements=st.floats(-0.2, 0.2) | st.sampled_from([0.0, 1e-12, 1e6]),
        fill=st.floats(-0.2, 0.2),
    ),
    st.integers(-1, 60),
    st.sampled_from(["ignore", "ar1"]),
)
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore::UserWarning", "error::RuntimeWarning")
def test_anything_is_an_answer_or_a_clear_error(values, since, autocorrelation):
    try:
        found = sharpe_change(
            values, since, samples=60, chains=2, cores=1, autocorrelation=autocorrelation,
            random_seed=1,
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        assert len(str(error)) > 20
        return
    assert np.isfinite(found.path.to_numpy()).all()
    assert 0.0 <= found.prob_lower <= 1.0
    for months in (found.months_to_settle_change, found.months_to_settle_sign):
        assert months.expected >= 0.0
        assert 0.0 <= months.low <= months.high


def test_each_part_is_annualised_by_its_own_calendar():
    """Five days a week in the backtest, seven since; and a live track record in months."""
    stream = np.random.default_rng(21)
    five = pd.bdate_range("2018-01-01", "2021-12-31")
    seven = pd.date_range("2022-01-01", "2022-12-31")
    months = pd.date_range("2022-01-31", periods=12, freq="ME")
    for live, periods in ((seven, 365.0), (seven[:5], 252.0), (months, 12.0)):
        dates = five.append(live)
        returns = pd.Series(stream.normal(0.0005, 0.01, len(dates)), dates)
        found = sharpe_change(returns, "2022-01-01", 500, random_seed=1)
        assert found.backtest["periods_per_year"] == 252.0
        assert found.live["periods_per_year"] == periods
