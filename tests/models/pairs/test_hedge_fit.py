"""The table of a fitted hedge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.models.pairs.simulated_pair import METHODS, WINDOW, fitted, pair

pytestmark = pytest.mark.filterwarnings("ignore::puffin.models.bayesian.AutocorrelationWarning")


@pytest.mark.parametrize("options", METHODS)
@pytest.mark.parametrize("hedges", [1, 3])
def test_the_table(options, hedges):
    y, x = pair(hedges=hedges)
    model, table = fitted(y, x, **options)
    names = ["PEP", "MNST", "KDP"]
    suffixes = [""] if hedges == 1 else [f"_{name}" for name in names]
    ratios = [f"hedge_ratio_{kind}{suffix}" for suffix in suffixes for kind in ("mean", "std")]
    assert list(table) == [
        *ratios, "spread", "intercept_mean", "forecast_mean", "forecast_sd", "forecast_error",
    ]  # fmt: skip
    assert table.index.equals(y.index)
    assert table.index.name == "date"
    assert table.iloc[:WINDOW].isna().all().all()
    assert np.isfinite(table.iloc[WINDOW:]).all().all()
    assert (table.filter(like="_std").iloc[WINDOW:] > 0).all().all()
    X = x.to_frame() if hedges == 1 else x
    hedge = table[[f"hedge_ratio_mean{suffix}" for suffix in suffixes]].to_numpy()
    np.testing.assert_allclose(table["spread"], y - (hedge * X.to_numpy()).sum(axis=1))
    np.testing.assert_allclose(
        table["forecast_error"], (y - table["forecast_mean"]) / table["forecast_sd"]
    )
    pd.testing.assert_frame_equal(model.hedge, table)
    table.iloc[:] = 0.0
    assert not (model.hedge.iloc[WINDOW:] == 0.0).all().all()
    assert list(model.next_hedge.index) == [*ratios, "intercept_mean"]
    pd.testing.assert_series_equal(model.spread, model.hedge["spread"])
    assert "rolling" in repr(model) or "state-space" in repr(model)


@pytest.mark.parametrize("options", METHODS)
def test_next_hedge_is_that_of_the_row_to_come(options):
    y, x = pair()
    model, _ = fitted(y.iloc[:-1], x.iloc[:-1], **options)
    _, longer = fitted(y, x, **options)
    pd.testing.assert_series_equal(
        model.next_hedge, longer.iloc[-1][model.next_hedge.index], check_names=False, rtol=1e-12
    )


@pytest.mark.parametrize("options", METHODS)
def test_a_row_does_not_know_itself(options):
    """Another price of the row moves its spread, and neither its hedge ratio nor its forecast."""
    y, x = pair()
    changed = y.copy()
    changed.iloc[60] += 100.0
    _, one = fitted(y, x, **options)
    _, other = fitted(changed, x, **options)
    known = ["hedge_ratio_mean", "hedge_ratio_std", "intercept_mean", "forecast_mean"]
    pd.testing.assert_series_equal(one.iloc[60][known], other.iloc[60][known], check_exact=True)
    assert other.iloc[60]["spread"] == pytest.approx(one.iloc[60]["spread"] + 100.0)
    assert other.iloc[61]["hedge_ratio_mean"] != one.iloc[61]["hedge_ratio_mean"]


@pytest.mark.parametrize("options", METHODS)
def test_rows_with_a_gap_are_as_if_deleted(options):
    y, x = pair(hedges=2)
    y, x = y.copy(), x.copy()
    y.iloc[[3, 50]] = np.nan
    x.iloc[[50, 51, 119], 0] = np.nan
    _, table = fitted(y, x, **options)
    gaps = y.isna() | x.isna().any(axis=1)
    _, deleted = fitted(y[~gaps], x[~gaps], **options)
    assert table[gaps].isna().all().all()
    pd.testing.assert_frame_equal(table[~gaps], deleted, check_exact=True, check_freq=False)
