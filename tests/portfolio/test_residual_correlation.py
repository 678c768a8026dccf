"""The correlation of residuals, where assets trade on the same days and where not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.portfolio.residual_correlation import residual_correlation

DAYS = pd.date_range("2018-01-01", periods=7 * 520)
WEEKDAY = DAYS.day_of_week < 5


class Fitted:
    """A model that has these residuals."""

    def __init__(self, values, index):
        self.values = pd.Series(values, index, name="residual")

    def residuals(self):
        return self.values


def weekend_in_monday(values):
    """Return what a market that rests on weekends makes of daily news: Monday's has three days."""
    moved = pd.Series(values, DAYS).cumsum()[WEEKDAY]
    return moved.diff().iloc[1:]


def two(correlation, seed=0):
    stream = np.random.default_rng(seed)
    coin = stream.standard_normal(len(DAYS))
    other = correlation * coin + np.sqrt(1 - correlation**2) * stream.standard_normal(len(DAYS))
    share = weekend_in_monday(other)
    return coin, share / np.where(share.index.day_of_week == 0, np.sqrt(3.0), 1.0)


def test_on_the_same_dates_it_is_that_of_the_samples():
    values = np.random.default_rng(1).standard_normal((2, 300))
    models = {name: Fitted(one, DAYS[:300]) for name, one in zip("ab", values, strict=True)}
    np.testing.assert_allclose(residual_correlation(models), np.corrcoef(values), rtol=1e-12)
    undated = {name: Fitted(one, range(300)) for name, one in zip("ab", values, strict=True)}
    np.testing.assert_allclose(residual_correlation(undated), np.corrcoef(values), rtol=1e-12)


@pytest.mark.parametrize("filled", [False, True])
def test_what_happened_on_weekends_counts(filled):
    """0.8 on shared days alone is 0.71 (Mondays have 1/3 of theirs); the sd of either is 0.008."""
    coin, share = two(0.8)
    stock = Fitted(share.reindex(DAYS) if filled else share, DAYS if filled else share.index)
    found = residual_correlation({"coin": Fitted(coin, DAYS), "stock": stock})[0, 1]
    assert abs(found - 0.8) < 4.5 * 0.008
    table = pd.concat([pd.Series(coin, DAYS), share], axis=1, join="inner")
    assert table.corr().iloc[0, 1] < 0.75


def test_a_missing_residual_leaves_out_what_it_would_go_into():
    coin, share = two(0.8)
    saturday = 5 + 7 * 100
    coin[saturday] = np.nan
    found = residual_correlation({"a": Fitted(coin, DAYS), "b": Fitted(share, share.index)})
    coin[saturday], share[DAYS[saturday + 2]] = 1e9, np.nan
    again = residual_correlation({"a": Fitted(coin, DAYS), "b": Fitted(share, share.index)})
    np.testing.assert_allclose(found, again, rtol=1e-12)


def test_dates_of_which_none_is_shared():
    values = np.random.default_rng(1).standard_normal((2, 300))
    apart = {"a": Fitted(values[0], DAYS[:300]), "b": Fitted(values[1], DAYS[300:600])}
    with pytest.raises(ValueError, match="share 0 dates"):
        residual_correlation(apart)
