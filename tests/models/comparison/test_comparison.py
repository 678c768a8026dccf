"""Properties that a comparison of strategies must have."""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import (
    ComparisonPriors,
    SharpePriors,
    bayesian_sharpe,
    compare_strategies,
    strategy_comparison,
)

QUICK = {"samples": 1000, "tune": 400, "random_seed": 1}


@pytest.fixture(scope="module")
def twins():
    """Two strategies on the same market, one better by a little every day."""
    market = 0.01 * np.random.default_rng(1).standard_t(5, 750)
    noise = 0.0005 * np.random.default_rng(2).normal(size=750)
    return {"plain": market, "better": market + 0.0002 + noise}


def test_what_strategies_share_drops_out(twins):
    joint = strategy_comparison(twins, **QUICK)
    better, plain = (
        bayesian_sharpe(twins[name], random_seed=seed).draws
        for seed, name in enumerate(("better", "plain"))
    )
    alone = np.mean(better > plain)
    assert joint.dependence == "coupled"
    assert joint.prob_better.loc["better", "plain"] > 0.999
    assert alone < 0.75
    spread = joint.differences.loc[0, "std"]
    assert spread < joint.table["sharpe_std"].min() / 5


def test_table_and_pairs_are_consistent(equity_returns):
    result = strategy_comparison(equity_returns[["KO", "XOM", "AAPL", "GE"]].iloc[-500:], **QUICK)
    table, draws = result.table, result.draws
    assert table["sharpe_mean"].is_monotonic_decreasing
    assert list(table["rank"]) == [1, 2, 3, 4]
    for _, row in table.iterrows():
        column = draws[:, result.strategies.index(row["strategy"])]
        assert row["sharpe_mean"] == pytest.approx(column.mean())
        assert row["prob_positive"] == pytest.approx(np.mean(column > 0))
    better = result.prob_better
    assert np.isnan(np.diag(better)).all()
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose((better + better.T).to_numpy()[off], 1.0)
    assert len(result.differences) == 6
    for _, pair in result.differences.iterrows():
        assert pair["mean"] >= 0
        assert pair["prob_better"] == better.loc[pair["better"], pair["worse"]]
    assert result.plot().axes
    assert result.idata["posterior"]["sharpe"].dims == ("chain", "draw", "strategy")
    assert list(result.idata["posterior"]["strategy"].values) == list(result.strategies)


def test_order_of_strategies_changes_names_only(equity_returns):
    returns = equity_returns[["KO", "XOM"]].iloc[-300:]
    forward, backward = (
        compare_strategies(returns, **QUICK),
        compare_strategies(returns[["XOM", "KO"]], **QUICK),
    )
    for name in ("KO", "XOM"):
        a, b = (t.set_index("strategy").loc[name] for t in (forward, backward))
        assert abs(a["sharpe_mean"] - b["sharpe_mean"]) < 6 * a["sharpe_std"] / np.sqrt(1000)


def test_units_do_not_matter(twins):
    one = strategy_comparison(twins, **QUICK)
    hundred = strategy_comparison({name: 100 * r for name, r in twins.items()}, **QUICK)
    np.testing.assert_allclose(one.draws, hundred.draws, rtol=1e-6)


@pytest.mark.slow
def test_best_of_many_noise_strategies_is_not_significant_when_pooled():
    """The best of 50 worthless strategies looks good until they are pooled."""
    noise = 0.01 * np.random.default_rng(3).standard_t(6, (504, 50))
    returns = pd.DataFrame(noise, columns=[f"s{i}" for i in range(50)])
    apart = strategy_comparison(returns, **QUICK).table.iloc[0]
    pooled = strategy_comparison(returns, pool=True, **QUICK).table.iloc[0]
    assert apart["prob_positive"] > 0.97
    assert apart["hdi_low"] > 0
    assert pooled["prob_positive"] < 0.85
    assert pooled["hdi_low"] < 0
    assert pooled["sharpe_mean"] < apart["sharpe_mean"] / 3


def test_pooling_keeps_a_strategy_that_stands_out():
    noise = 0.01 * np.random.default_rng(4).standard_t(6, (1000, 20))
    noise[:, 0] += 0.003
    table = strategy_comparison(pd.DataFrame(noise).rename(columns=str), pool=True, **QUICK).table
    assert table.loc[0, "strategy"] == "0"
    assert table.loc[0, "prob_positive"] > 0.99


def test_disjoint_dates_are_compared_independently():
    stream = np.random.default_rng(5)
    early = pd.Series(stream.normal(size=60), pd.bdate_range("2020-01-01", periods=60))
    late = pd.Series(stream.normal(size=90), pd.bdate_range("2021-01-01", periods=90))
    result = strategy_comparison({"early": early, "late": late}, **QUICK)
    assert result.dependence == "independent"
    assert "0 that all have" in result.note
    assert result.n_observations == (60, 90)
    assert result.table.attrs["dependence"] == "independent"
    assert abs(np.corrcoef(result.draws.T)[0, 1]) < 0.1


def test_shared_dates_must_be_enough():
    dates = pd.bdate_range("2020-01-01", periods=80)
    stream = np.random.default_rng(7)
    returns = {
        "a": pd.Series(stream.normal(size=60), dates[:60]),
        "b": pd.Series(stream.normal(size=20), dates[60:]),
    }
    with pytest.raises(ValueError, match=r"2 of 2 .*on the 0 dates that all strategies share"):
        strategy_comparison(returns, dates="shared", **QUICK)
    with pytest.raises(ValueError, match="dates must be one of 'own', 'shared'"):
        strategy_comparison(returns, dates="all", **QUICK)


def test_often_flat_strategy_is_compared_by_its_hurdle():
    stream = np.random.default_rng(8)
    active = stream.random(600) < 0.3
    returns = {
        "always": stream.normal(0.0005, 0.01, 600),
        "seldom": np.where(active, stream.normal(0.002, 0.01, 600), 0.0),
    }
    result = strategy_comparison(returns, **QUICK)
    alone = bayesian_sharpe(returns["seldom"], random_seed=1)
    row = result.table.set_index("strategy").loc["seldom"]
    assert result.dependence == "coupled"
    assert result.models["seldom"].startswith("hurdle ")
    assert "(flat on " in result.models["seldom"]
    assert result.table.attrs["models"] == result.models
    assert abs(row["sharpe_mean"] - alone["mean"]) < 0.15 * alone["std"]
    assert row["sharpe_std"] == pytest.approx(alone["std"], rel=0.1)


def test_mixed_frequencies_are_refused():
    stream = np.random.default_rng(13)
    daily = pd.Series(stream.normal(size=500), pd.bdate_range("2018-01-01", periods=500))
    monthly = pd.Series(stream.normal(size=60), pd.date_range("2018-01-31", periods=60, freq="ME"))
    with pytest.raises(ValueError, match="'d' has 252 periods a year and 'm' 12"):
        compare_strategies({"m": monthly, "d": daily})


def test_options_and_priors_are_checked_by_name():
    returns = {"a": np.random.default_rng(14).normal(size=50)}
    with pytest.raises(TypeError, match="compare_strategies has no argument 'sample'"):
        compare_strategies(returns, sample=5)
    with pytest.raises(TypeError, match=r"priors must be ComparisonPriors.*found dict"):
        compare_strategies(returns, priors={"mu_sd": 1.0})


def test_a_strategy_that_hardly_moves_can_be_dropped():
    stream = np.random.default_rng(9)
    returns = {name: stream.normal(size=100) for name in "ab"}
    returns["cash"] = 0.001 + 1e-10 * stream.normal(size=100)
    with pytest.warns(UserWarning, match=r"Left out.*'cash'\].* hardly any variance"):
        found = strategy_comparison(returns, 100, chains=2, invalid="drop", random_seed=1)
    assert list(found.rejected) == ["cash"]


def test_one_bad_strategy_among_many():
    stream = np.random.default_rng(9)
    returns = {
        "good": stream.normal(size=100),
        "bad": np.full(100, 0.1),
        "fine": stream.normal(size=100),
    }
    with pytest.raises(
        ValueError, match=r"1 of 3 strategies.*returns_dict\['bad'\] has no variance"
    ):
        compare_strategies(returns)
    with pytest.warns(UserWarning, match="Left out.*'bad'"):
        result = strategy_comparison(returns, invalid="drop", **QUICK)
    assert result.strategies == ("good", "fine")
    assert list(result.rejected) == ["bad"]
    assert result.table.attrs["rejected"].keys() == {"bad"}
    del returns["bad"]
    np.testing.assert_array_equal(result.draws, strategy_comparison(returns, **QUICK).draws)


def test_all_bad_is_an_error_even_when_dropping():
    with pytest.raises(ValueError, match="2 of 2 strategies"):
        compare_strategies({"a": np.ones(10), "b": [np.nan] * 10}, invalid="drop")


@pytest.mark.parametrize(
    ("returns", "message"),
    [
        ({}, "holds no strategies"),
        ([1.0, 2.0], "must be a dict"),
        ({"a": [0.1, 0.2, 0.3], "b": [0.1, 0.2]}, "lengths must match"),
        ({"a": ["x", "y"], "b": [0.1, 0.2]}, r"returns_dict\['a'\] must hold numbers"),
        ({"a": [0.1, np.inf], "b": [0.1, 0.2]}, r"returns_dict\['a'\] has 1 infinite value"),
        (
            {"a": pd.Series([0.1, 0.2], pd.to_datetime(["2020-01-01"] * 2))},
            "repeats 1 of its dates",
        ),
        (
            {"a": pd.Series([0.1, 0.2], pd.bdate_range("2020-01-01", periods=2)), "b": [0.1, 0.3]},
            "Either all strategies have dates or none has",
        ),
    ],
)
def test_bad_input_is_named(returns, message):
    with pytest.raises((ValueError, TypeError), match=message):
        compare_strategies(returns)


def test_frame_with_later_starts_keeps_their_dates():
    dates = pd.bdate_range("2020-01-01", periods=120)
    frame = pd.DataFrame(np.random.default_rng(10).normal(size=(120, 2)), dates, ["old", "new"])
    frame.loc[dates[:40], "new"] = np.nan
    assert strategy_comparison(frame, **QUICK).n_observations == (120, 80)


def test_a_few_missing_values_do_not_cost_a_strategy():
    frame = pd.DataFrame(
        np.random.default_rng(10).normal(0.0, 0.01, (120, 2)),
        pd.bdate_range("2020-01-01", periods=120),
        ["old", "new"],
    )
    frame.iloc[[0, 60, 61], 1] = np.nan  # the first as of pct_change()
    found = strategy_comparison(frame, **QUICK)
    assert found.n_observations == (120, 117)
    assert found.note.startswith("new has no return on 2 of 119 of its dates: these are left out.")
    alone = bayesian_sharpe(frame["new"].dropna(), **QUICK)
    np.testing.assert_array_equal(found.alone["new"].draws, alone.draws)
    undated = strategy_comparison(frame.reset_index(drop=True), **QUICK)
    np.testing.assert_array_equal(undated.draws, found.draws)
    np.testing.assert_array_equal(undated.correlation, found.correlation)


def test_columns_full_of_gaps_are_annualised_by_the_rows_of_the_frame():
    stream = np.random.default_rng(11)
    dates = pd.bdate_range("2015-01-01", periods=1000)
    frame = pd.DataFrame(stream.normal(0.0005, 0.01, (1000, 3)), dates, ["full", "half", "few"])
    frame.loc[stream.random(1000) < 0.5, "half"] = np.nan
    frame.loc[stream.random(1000) < 0.9, "few"] = np.nan
    found = strategy_comparison(frame, **QUICK)
    assert [one["periods_per_year"] for one in found.alone.values()] == [252.0] * 3


@pytest.fixture
def coin_and_share():
    """A coin that earns on weekends: an annual Sharpe ratio of 1.9 in its sample."""
    stream = np.random.default_rng(3)
    days = pd.date_range("2020-01-01", "2023-12-31")
    weekend = days.day_of_week >= 5
    coin = stream.normal(0.0, 0.02, len(days)) + np.where(weekend, 0.006, -0.0005)
    share = stream.normal(0.0004, 0.01, (~weekend).sum())
    return {"coin": pd.Series(coin, days), "share": pd.Series(share, days[~weekend])}


@pytest.mark.parametrize("dates", ["own", "shared"])
def test_weekends_of_a_coin_are_compounded_onto_the_days_of_a_share(coin_and_share, dates):
    found = strategy_comparison(coin_and_share, dates=dates, **QUICK)
    assert found.alone["coin"]["mean"] == pytest.approx(1.9, abs=0.1)
    assert found.periods_per_year == 252.0
    assert "coin trades" in found.note
    assert "compounded onto the dates that" in found.note
    assert "252 periods a year" in found.note
    weekdays = (1 + coin_and_share["coin"]).cumprod().reindex(coin_and_share["share"].index)
    alone = bayesian_sharpe(weekdays.pct_change().dropna(), **QUICK)
    assert found.alone["coin"]["mean"] == pytest.approx(alone["mean"], abs=0.05)


def test_a_frame_with_empty_weekends_is_the_same(coin_and_share):
    apart = strategy_comparison(coin_and_share, **QUICK)
    frame = strategy_comparison(pd.DataFrame(coin_and_share), **QUICK)
    assert frame.note == apart.note
    np.testing.assert_array_equal(frame.draws, apart.draws)


def test_shares_do_not_mind_a_coin(coin_and_share):
    shares = {"share": coin_and_share["share"], "other": 0.5 * coin_and_share["share"].iloc[::-1]}
    shares["other"] = shares["other"].set_axis(shares["share"].index)
    two = strategy_comparison(shares, **QUICK)
    three = strategy_comparison({**shares, "coin": coin_and_share["coin"]}, **QUICK)
    for name in shares:
        np.testing.assert_array_equal(two.alone[name].draws, three.alone[name].draws)
    np.testing.assert_allclose(two.correlation, three.correlation[:2, :2], rtol=1e-12)


def test_a_young_share_does_not_cut_the_history_of_a_coin(coin_and_share):
    young = {**coin_and_share, "share": coin_and_share["share"].iloc[-100:]}
    old, new = (strategy_comparison(one, **QUICK) for one in (coin_and_share, young))
    assert new.n_observations == (old.n_observations[0], 100)
    np.testing.assert_array_equal(old.alone["coin"].draws, new.alone["coin"].draws)


def test_weeks_that_rest_on_other_days_are_left_as_they_are():
    stream = np.random.default_rng(4)
    days = pd.date_range("2020-01-01", periods=1400)
    here, there = days[days.day_of_week < 5], days[~days.day_of_week.isin([4, 5])]
    returns = {
        "New York": pd.Series(stream.normal(0.0004, 0.01, len(here)), here),
        "Tel Aviv": pd.Series(stream.normal(0.0004, 0.01, len(there)), there),
    }
    found = strategy_comparison(returns, **QUICK)
    assert "compounded" not in found.note
    for name, series in returns.items():
        alone = bayesian_sharpe(series, **QUICK)
        assert alone["periods_per_year"] == 252.0
        np.testing.assert_array_equal(found.alone[name].draws, alone.draws)
    shared = strategy_comparison(returns, dates="shared", **QUICK)
    assert "New York, Tel Aviv trade on dates that others have not" in shared.note


def test_one_strategy_is_best():
    table = compare_strategies({"only": np.random.default_rng(11).normal(size=50)}, **QUICK)
    assert table.loc[0, "prob_best"] == 1.0


@pytest.mark.slow
def test_priors_are_those_of_a_strategy_alone_and_of_the_pool():
    assert "tau ~ HalfNormal(0.2)" in str(ComparisonPriors(pool_sd=0.2))
    own = SharpePriors(mu_sd=0.01)
    returns = {"a": np.random.default_rng(12).normal(0.1, 1.0, 60)}
    found = strategy_comparison(returns, priors=ComparisonPriors(own), **QUICK)
    alone = bayesian_sharpe(returns["a"], 1000, priors=own, random_seed=1)
    np.testing.assert_array_equal(np.sort(found.draws[:, 0]), np.sort(alone.draws))
    with pytest.raises(TypeError, match=r"alone must be SharpePriors.*found float"):
        ComparisonPriors(0.5)


def test_progress_moves_with_each_strategy(monkeypatch, twins):
    told = []

    @contextlib.contextmanager
    def recording(doing, total, shown):
        told.append((total, shown))
        yield told.append

    monkeypatch.setattr("puffin.models.comparison.comparison.progress_bar", recording)
    strategy_comparison(twins, 50, random_seed=1, progressbar=True)
    assert told == [(2, True), 1, 1]


def _others(dates, stream):
    """Columns that have nothing to do with any other: late, dead, full of gaps, rare, flat."""
    noise = pd.DataFrame(stream.normal(0.0, 0.01, (len(dates), 7)), dates)
    noise.columns = ["late", "dead", "gaps", "holes", "six rows", "flat", "percentages"]
    noise.loc[dates[:700], "late"] = np.nan
    noise.loc[dates[150:], "dead"] = np.nan
    noise.loc[stream.random(len(dates)) < 0.6, "gaps"] = np.nan
    noise.loc[dates[300:500], "holes"] = np.nan
    noise.loc[~dates.isin(stream.choice(dates, 6, replace=False)), "six rows"] = np.nan
    noise["flat"] = noise["flat"].where(stream.random(len(dates)) < 0.4, 0.0)
    noise["percentages"] *= 10.0
    return noise


@pytest.mark.parametrize("seed", range(3))
def test_columns_beside_them_change_nothing_about_a_pair(seed):
    """Margins to the last digit; the pair's probability within five standard errors.

    A column more is another order of the same draws: a false alarm in one of 10^6 seeds.
    """
    stream = np.random.default_rng([30, seed])
    dates = pd.bdate_range("2019-01-01", periods=800)
    market = 0.0002 + 0.01 * stream.standard_t(5, 800)
    pair = pd.DataFrame(
        {"a": market, "b": market + 0.00006 + 0.001 * stream.normal(size=800)}, dates
    )
    others = _others(dates, stream)
    alone = strategy_comparison(pair, **QUICK)
    known = alone.prob_better.loc["b", "a"]
    assert 0.5 < known < 0.999
    chosen = list(stream.choice(others.columns, 3, replace=False))
    for names in ([chosen[0]], chosen, list(others.columns)):
        found = strategy_comparison(
            others[names].join(pair)[[*names[:1], "a", *names[1:], "b"]], **QUICK
        )
        for name in pair:
            np.testing.assert_array_equal(found.alone[name].draws, alone.alone[name].draws)
            assert found.alone[name]["periods_per_year"] == 252.0
        places = [found.strategies.index(name) for name in pair]
        np.testing.assert_allclose(
            found.correlation[np.ix_(places, places)], alone.correlation, rtol=1e-10
        )
        error = np.sqrt(2 * known * (1 - known) / alone.draws.shape[0])
        assert abs(found.prob_better.loc["b", "a"] - known) < 5 * error
