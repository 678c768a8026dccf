"""Smoothed returns get a hint, independent ones do not."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import puffin as pf
from puffin.models.sharpe.annualisation import autocorrelated_annualisation
from puffin.models.sharpe.smoothing import smoothing_notes


def smoothed(seed, rows=120, share=0.4):
    """Monthly returns of which so much is told at once, and the rest in the two months after."""
    true = np.random.default_rng([31, seed]).normal(0.007, 0.02, rows + 2)
    later = 0.5 * (1.0 - share)
    told = share * true[2:] + later * true[1:-1] + later * true[:-2]
    return pd.Series(told, pd.date_range("2010-01-31", periods=rows, freq="ME"), name="credit")


def test_the_hint_has_the_number_of_the_formula():
    returns = smoothed(1).to_numpy()
    [note] = smoothing_notes(returns, 12.0)
    deviations = returns - returns.mean()
    rho = np.sum(deviations[1:] * deviations[:-1]) / np.sum(deviations**2)
    share = autocorrelated_annualisation(np.array(rho), 12.0) / np.sqrt(12.0)
    assert re.findall(r"\d\.\d\d", note) == [f"{rho:.2f}", f"{share:.2f}"]
    assert note.endswith("times this one (autocorrelation 'ar1').")


def test_smoothed_returns_are_noticed():
    """Their first autocorrelation is 0.63, seven standard errors."""
    assert all(smoothing_notes(smoothed(seed).to_numpy(), 12.0) for seed in range(50))


@pytest.mark.parametrize(("rows", "periods"), [(36, 12.0), (120, 12.0), (1250, 252.0)])
def test_independent_returns_are_not_accused(rows, periods):
    """At most 0.6% by chance; more than the bound a false alarm below 1e-4."""
    draws = np.random.default_rng(rows).standard_t(5, (1000, rows))
    noticed = sum(bool(smoothing_notes(one, periods)) for one in draws)
    assert noticed <= stats.binom(1000, 0.0062).ppf(1.0 - 1e-4)


@pytest.mark.parametrize("autocorrelation", ["counted", "ignore"])
def test_the_result_says_so(autocorrelation):
    found = pf.bayesian_sharpe(smoothed(2), 500, random_seed=1, autocorrelation=autocorrelation)
    assert "Each return is like the one before" in found["note"]
    yearly = pf.bayesian_sharpe(smoothed(2), 500, random_seed=1, autocorrelation="ar1")
    assert yearly["note"] is None
    share = float(re.search(r"about (0\.\d+) times", found["note"]).group(1))
    assert yearly["mean"] == pytest.approx(share * found["mean"], rel=0.15)
