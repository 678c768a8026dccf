"""A stock, its market, and regressions of one on the other."""

from __future__ import annotations

import pytest

from puffin.models.bayesian import BayesianLinearRegression

LIKELIHOODS = pytest.mark.parametrize("likelihood", ["normal", "student"])


QUICK = {"samples": 500, "tune": 300, "random_seed": 1}


def fitted(X, y, likelihood="normal", **options):
    return BayesianLinearRegression(likelihood=likelihood).fit(X, y, **(QUICK | options))
