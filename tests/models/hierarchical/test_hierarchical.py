"""Partial pooling of alphas and betas, as a user has it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import puffin as pf
from puffin.models.bayesian import BayesianHierarchical
from puffin.posterior import NotFittedError
from tests.models.hierarchical.funds import simulated

FEW = {"samples": 100, "tune": 50, "chains": 2, "random_seed": 1}

pytestmark = pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")


def truths(model, values):
    return values.loc[model.table["asset"]].to_numpy()


@pytest.fixture(scope="module")
def funds():
    return simulated(1, late=20)


@pytest.fixture(scope="module")
def model(funds):
    return BayesianHierarchical().fit(
        funds.returns, funds.factors, funds.groups, samples=300, random_seed=1
    )


def test_pooled_means_are_nearer_to_the_truth_than_estimates(model, funds):
    true = truths(model, funds.alphas)
    errors = (model.table[["mean", "estimate"]].sub(true, axis=0) ** 2).mean() ** 0.5
    assert errors["mean"] < 0.75 * errors["estimate"]


def test_table_is_complete(model, funds):
    table = model.table
    assert sorted(table["asset"]) == sorted(funds.returns.columns)
    assert (table["hdi_low"] < table["mean"]).all()
    assert (table["mean"] < table["hdi_high"]).all()
    assert table["shrinkage"].between(0.0, 1.0).all()
    assert table["prob_positive"].is_monotonic_decreasing
    assert table["fdr"].is_monotonic_increasing
    counts = table.set_index("asset")["n_observations"]
    assert counts["fund0000"] == 48
    assert counts["fund0059"] == 96
    np.testing.assert_allclose(table["beta_market"], truths(model, funds.betas["market"]), atol=0.5)


def test_short_histories_are_shrunk_more(model):
    table = model.table
    short = table["n_observations"] == 48
    assert table["shrinkage"][short].mean() > table["shrinkage"][~short].mean()


def test_shrinkage_is_of_what_assets_do_not_share():
    """Of like funds in one storm, the posterior mean has slope 1 - shrinkage in the estimate."""
    stream = np.random.default_rng(8)
    alphas = stream.normal(0.03, 0.04, 40)
    storm = stream.normal(0.0, 0.1, (96, 1))
    returns = alphas / 12.0 + storm + stream.normal(0.0, 0.02, (96, 40))
    model = BayesianHierarchical(autocorrelation="ignore", periods_per_year=12).fit(
        pd.DataFrame(returns), samples=300, random_seed=1
    )
    table = model.table
    slope = np.polyfit(table["estimate"], table["mean"], 1)[0]
    assert slope == pytest.approx(1.0 - table["shrinkage"].mean(), abs=0.1)
    whole, spread = np.mean(table["std_error"] ** 2), model.groups["spread"].iloc[-1]
    assert table["shrinkage"].mean() < 0.5 < whole / (whole + spread**2)


def test_shrinkage_is_that_of_its_row(funds):
    """Where nothing is shared: the way from the estimate to the mean, over that to the group's."""
    model = BayesianHierarchical(residual_factors=0).fit(funds.returns, samples=300, random_seed=1)
    table, mean = model.table, model.posterior.flat("alpha_mean").mean()
    far = table[(table["estimate"] - mean).abs() > 0.02]
    moved = (far["estimate"] - far["mean"]) / (far["estimate"] - mean)
    np.testing.assert_allclose(moved, far["shrinkage"], atol=0.12)


def test_row_of_all_is_of_those_above_it(model):
    """Means and counts add up, squared spreads with the gaps between means, draw by draw."""
    *groups, whole = model.groups.to_dict("records")
    sizes = [row["n_assets"] for row in groups]
    assert whole["mean"] == pytest.approx(
        np.average([row["mean"] for row in groups], weights=sizes)
    )
    assert whole["mean"] == pytest.approx(model.table["mean"].mean())
    assert whole["expected_skilled"] == pytest.approx(
        sum(row["expected_skilled"] for row in groups)
    )
    assert whole["spread"] > min(row["spread"] for row in groups)
    assert f"the mean annual alpha is {100 * whole['mean']:.1f}%" in repr(model)


def test_groups_have_levels_of_their_own(model, funds):
    groups = model.groups.set_index("group")
    assert list(groups.index) == ["growth", "value", "(all)"]
    assert groups.loc["(all)", "n_assets"] == 60
    for name in ("growth", "value"):
        members = [fund for fund, group in funds.groups.items() if group == name]
        gap = groups.loc[name, "mean"] - funds.alphas[members].mean()
        assert abs(gap) < 4.0 * groups.loc[name, "std"]
    expected = model.table["prob_positive"].sum()
    assert groups.loc["(all)", "expected_skilled"] == pytest.approx(expected)


def test_luck_is_what_the_best_estimate_loses(model):
    best = model.best()
    assert best.estimate == model.table["estimate"].max()
    assert best.luck == pytest.approx(best.estimate - best.mean)
    assert best.luck > 0.0
    assert f"{best.asset} looks best of 60" in repr(model)
    assert "was luck" in repr(best)


def test_order_of_columns_changes_nothing(funds):
    shuffled = funds.returns.iloc[:, np.random.default_rng(2).permutation(60)]
    one, two = (
        BayesianHierarchical().fit(returns, funds.factors, funds.groups, **FEW).table
        for returns in (funds.returns, shuffled)
    )
    pd.testing.assert_frame_equal(one, two)


def test_seed_decides(funds):
    one, same, other = (
        BayesianHierarchical().fit(funds.returns, **{**FEW, "random_seed": seed}).table["mean"]
        for seed in (1, 1, 2)
    )
    pd.testing.assert_series_equal(one, same)
    assert not one.equals(other)


def test_without_factors_alpha_is_the_mean_return(funds):
    model = BayesianHierarchical(autocorrelation="ignore").fit(funds.returns, **FEW)
    row = model.table.set_index("asset").loc["fund0059"]
    returns = funds.returns["fund0059"]
    assert row["estimate"] == pytest.approx(12.0 * returns.mean())
    assert row["std_error"] == pytest.approx(12.0 * returns.std() / np.sqrt(96), rel=0.02)
    assert "beta" not in model.posterior.variables


def test_risk_free_rate_is_taken_off(funds):
    plain, less = (
        BayesianHierarchical(risk_free_rate=rate).fit(funds.returns, **FEW).table["estimate"]
        for rate in (0.0, 0.05)
    )
    assert sorted(plain - 12.0 * (1.05 ** (1.0 / 12.0) - 1.0)) == pytest.approx(sorted(less))


def test_one_asset_is_its_estimate_and_the_prior(funds):
    one = funds.returns[["fund0059"]]
    row = BayesianHierarchical().fit(one, funds.factors, **FEW).table.iloc[0]
    assert abs(row["mean"]) < abs(row["estimate"])
    assert row["std"] < row["std_error"]


def test_arrays_and_dicts_and_frames_say_the_same(funds):
    returns, groups = funds.returns, list(funds.groups.values())
    tables = [
        BayesianHierarchical(periods_per_year=12).fit(data, factors, labels, **FEW).table
        for data, factors, labels in (
            (returns, funds.factors, funds.groups),
            ({name: returns[name] for name in returns}, funds.factors, pd.Series(funds.groups)),
            (returns.to_numpy(), funds.factors.to_numpy(), groups),
        )
    ]
    for other in tables[1:]:
        found, expected = (np.sort(table["estimate"]) for table in (other, tables[0]))
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_volatility_unit_makes_leverage_irrelevant(funds):
    """A fund that is levered twofold has the same ratio; of returns it has twice the alpha."""
    levered = funds.returns * np.where(np.arange(60) % 3 == 0, 2.0, 1.0)
    one, two = (
        BayesianHierarchical(unit="volatility").fit(returns, funds.factors, **FEW).table
        for returns in (funds.returns, levered)
    )
    np.testing.assert_allclose(one["mean"], two["mean"], rtol=1e-5, atol=1e-5)
    assert "appraisal ratio" in repr(BayesianHierarchical(unit="volatility").fit(
        funds.returns, funds.factors, **FEW))  # fmt: skip


def test_ratio_without_factors_is_the_sharpe_ratio(funds):
    table = BayesianHierarchical(unit="volatility").fit(funds.returns, **FEW).table
    row = table.set_index("asset").loc["fund0059"]
    returns = funds.returns["fund0059"]
    assert row["estimate"] == pytest.approx(np.sqrt(12) * returns.mean() / returns.std())


def test_as_many_factors_as_are_counted_are_a_doubt(funds):
    """At most six in 96 months."""
    shown = [
        repr(BayesianHierarchical(residual_factors=count).fit(funds.returns, **FEW))
        for count in (2, 6)
    ]
    assert ["intervals of means may be too narrow" in text for text in shown] == [False, True]


def test_not_fitted():
    with pytest.raises(NotFittedError, match="call fit"):
        BayesianHierarchical().table  # noqa: B018
    assert repr(BayesianHierarchical()).startswith("BayesianHierarchical(")


def test_posterior_has_names_for_arviz(model):
    dataset = model.idata["posterior"]
    assert dataset["alpha"].dims == ("chain", "draw", "asset")
    assert dataset["beta_spread"].dims == ("chain", "draw", "group", "factor")
    assert "alpha_spread[value]" in model.summary()
    assert set(model.diagnostics["fund0000"]) == {"ess_bulk", "ess_tail", "r_hat"}


def test_is_loaded_lazily():
    assert pf.BayesianHierarchical is BayesianHierarchical


@pytest.fixture(scope="module")
def few():
    """60 funds, of which every tenth has an alpha of 6% a year and the others none."""
    return simulated(1, alphas=np.where(np.arange(60) % 10 == 0, 0.06, 0.0))


@pytest.fixture(scope="module")
def spike(few):
    return BayesianHierarchical(distribution="spike").fit(
        few.returns, few.factors, samples=300, random_seed=1
    )


def test_spike_finds_the_few(spike, few):
    """Those that a normal distribution shrinks to all the others."""
    normal = BayesianHierarchical().fit(few.returns, few.factors, samples=300, random_seed=1)
    errors = [
        (model.table["mean"] - truths(model, few.alphas)).pow(2).mean() for model in (spike, normal)
    ]
    assert errors[0] < 0.75 * errors[1]
    named = [few.alphas[model.skilled(0.1).assets] for model in (spike, normal)]
    assert (named[0] > 0).mean() > 0.8 > (named[1] > 0).mean()
    assert (
        spike.groups["expected_skilled"].iloc[0] < 0.6 * normal.groups["expected_skilled"].iloc[0]
    )


def test_alphas_of_zero_are_neither_skilled_nor_not(spike):
    table, alpha = spike.table, spike.posterior.flat("alpha")
    places = [spike.fitted.assets.index(name) for name in table["asset"]]
    np.testing.assert_allclose(table["prob_zero"], np.mean(alpha[:, places] == 0.0, axis=0))
    assert (table["prob_zero"] + table["prob_positive"] <= 1.0).all()
    assert (table["shrinkage"] >= table["prob_zero"]).all()
    assert table["fdr"].is_monotonic_increasing
    share = spike.posterior.flat("alpha_share")
    assert abs(1.0 - table["prob_zero"].mean() - share.mean()) < 0.05
    shown = repr(spike)
    assert f"{100 * share.mean():.0f}% (from " in shown
    assert "have one that is not zero, with a spread of" in shown


def test_spread_of_all_counts_those_at_zero(spike):
    """As the spread of the alphas that are drawn is, on average."""
    drawn = spike.posterior.flat("alpha").std(axis=1)
    assert spike.groups["spread"].iloc[0] == pytest.approx(drawn.mean(), rel=0.15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unit": "percent"}, "unit must be one of"),
        ({"distribution": "cauchy"}, "distribution must be one of"),
        ({"autocorrelation": "ar1"}, "autocorrelation must be one of"),
        ({"residual_factors": -1}, "at least 0"),
        ({"hdi_prob": 1.0}, "hdi_prob"),
        ({"engine": "stan"}, "engine must be one of"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        BayesianHierarchical(**arguments)


@settings(max_examples=15, deadline=None)
@given(
    n=st.integers(1, 6),
    rows=st.integers(12, 30),
    n_factors=st.integers(0, 2),
    n_groups=st.integers(1, 3),
    scale=st.sampled_from([1e-6, 0.01, 1e3]),
    gaps=st.floats(0.0, 0.5),
    unit=st.sampled_from(["return", "volatility"]),
    distribution=st.sampled_from(["normal", "spike"]),
    seed=st.integers(0, 2**31),
)
@pytest.mark.filterwarnings("ignore")
def test_fuzz(n, rows, n_factors, n_groups, scale, gaps, unit, distribution, seed):
    """Either a table of finite numbers, or a ValueError that says what is wrong."""
    stream = np.random.default_rng(seed)
    returns = scale * stream.standard_t(3, (rows, n))
    returns[stream.random((rows, n)) < gaps] = np.nan
    factors = stream.standard_normal((rows, n_factors)) if n_factors else None
    groups = [f"g{stream.integers(n_groups)}" for _ in range(n)]
    try:
        model = BayesianHierarchical(unit=unit, distribution=distribution).fit(
            returns, factors, groups, **FEW
        )
    except ValueError as error:
        assert "returns" in str(error)
        return
    numbers = model.table.select_dtypes("number").to_numpy()
    assert np.isfinite(numbers).all()
    assert len(model.table) + len(model.rejected) == n


@pytest.mark.calibration
@pytest.mark.slow
def test_intervals_cover_where_errors_are_heavy_tailed_and_correlated():
    """94% intervals of alphas, t errors with 4 degrees of freedom and two common factors.

    30 panels of 60 funds, a third of them with half the months. Funds of a panel share luck: the
    bounds are five standard errors of the panels' mean coverage (measured: 0.95, its spread 0.04).
    """
    found = []
    for seed in range(30):
        funds = simulated([2, seed], late=20)
        model = BayesianHierarchical().fit(funds.returns, funds.factors, funds.groups, **FEW)
        true = truths(model, funds.alphas)
        found.append(np.mean((model.table["hdi_low"] < true) & (true < model.table["hdi_high"])))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert 0.94 - 5.0 * error < np.mean(found) < 0.94 + 5.0 * error + 0.02
