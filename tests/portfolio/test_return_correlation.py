"""How returns move together, and what is not known of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import bayesian_sharpe
from puffin.portfolio.return_correlation import ReturnCorrelation


def of(frame):
    return ReturnCorrelation.of(
        [bayesian_sharpe(frame[name].dropna(), 60, random_seed=1) for name in frame]
    )


@pytest.fixture(scope="module")
def frame():
    stream = np.random.default_rng(1)
    common = stream.standard_t(5, (600, 1))
    values = 0.01 * (common + stream.standard_t(5, (600, 3)))
    return pd.DataFrame(values, pd.bdate_range("2018-01-01", periods=600), list("abc"))


def test_equal_weights_give_the_samples_correlation(frame):
    found = of(frame).given(np.ones(600))
    expected = np.corrcoef(frame.to_numpy().T) * 600 / 601
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(found, expected)


def test_weights_are_numbers_of_periods(frame):
    """Weights 0, 1 and 2: the correlation of a sample that has the periods so often."""
    weights = np.random.default_rng(2).integers(0, 3, 600)
    found = of(frame).given(weights.astype(float))
    repeated = np.repeat(frame.to_numpy(), weights, axis=0)
    expected = np.corrcoef(repeated.T) * weights.sum() / (weights.sum() + 1)
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(found, expected)


def test_pairs_go_by_the_periods_that_they_share(frame):
    cut = frame.copy()
    cut.loc[cut.index[:200], "b"] = np.nan
    cut.loc[cut.index[400:], "c"] = np.nan
    found = of(cut)
    matrix = found.given(np.ones(600))
    z = (cut - cut.mean()) / cut.std(ddof=0)
    both = z[["b", "c"]].dropna().to_numpy()
    expected = both.T @ both
    expected = expected[0, 1] / np.sqrt(expected[0, 0] * expected[1, 1]) * 200 / 201
    assert matrix[1, 2] == pytest.approx(expected)
    assert found.without_overlap() is None
    cut.loc[cut.index[:400], "b"] = np.nan
    apart = of(cut)
    assert apart.without_overlap() == ("b", "c")
    assert apart.given(np.ones(600))[1, 2] == 0.0


def test_matrix_of_pairs_is_made_positive():
    """Three pairs of periods whose correlations 0.9, 0.9 and -0.9 no three strategies can have."""
    stream = np.random.default_rng(3)
    dates = pd.bdate_range("2018-01-01", periods=900)
    values = np.full((900, 3), np.nan)
    for k, (i, j, sign) in enumerate(((0, 1, 1), (1, 2, 1), (0, 2, -1))):
        rows = slice(300 * k, 300 * (k + 1))
        one = stream.normal(size=300)
        values[rows, i] = one
        values[rows, j] = sign * one + 0.5 * stream.normal(size=300)
    columns = [pd.Series(values[:, k], dates).dropna() for k in range(3)]
    alone = [
        bayesian_sharpe(one.rename(str(k)), 60, random_seed=1) for k, one in enumerate(columns)
    ]
    for matrix in ReturnCorrelation.of(alone).draw(20, stream):
        assert np.linalg.eigvalsh(matrix)[0] > 0.0
        np.testing.assert_allclose(np.diag(matrix), 1.0)
        assert matrix[0, 1] > 0.3 > -0.3 > matrix[0, 2]


def test_spread_of_the_draws_is_the_standard_error():
    """Of normal returns with correlation 0.6: (1 - 0.36) / sqrt(2000), within a tenth.

    2,000 draws know their spread to 1.6%, the sample's fourth moments 5%: fixed seed.
    """
    stream = np.random.default_rng(4)
    a = stream.normal(size=2000)
    frame = pd.DataFrame({"a": a, "b": 0.6 * a + 0.8 * stream.normal(size=2000)})
    drawn = of(frame).draw(2000, stream)[:, 0, 1]
    assert drawn.std() == pytest.approx(0.64 / np.sqrt(2000), rel=0.1)


def test_errors_have_the_correlation_and_come_together(frame):
    """Correlations within 0.03; 40,000 draws, fixed seed. Of normal errors large ones would not."""
    found = of(frame)
    matrix = found.given(np.ones(600))
    errors = found.elliptical_errors(
        np.broadcast_to(matrix, (40_000, 3, 3)), np.random.default_rng(5)
    )
    np.testing.assert_allclose(np.corrcoef(errors.T), matrix, atol=0.03)
    np.testing.assert_allclose(errors.std(axis=0), 1.0, atol=0.03)
    large = np.abs(errors) > 3.0
    both = np.mean(large[:, 0] & large[:, 1])
    normal = np.random.default_rng(6).multivariate_normal(np.zeros(3), matrix, 40_000)
    assert both > 3 * np.mean((np.abs(normal[:, :2]) > 3.0).all(axis=1))
