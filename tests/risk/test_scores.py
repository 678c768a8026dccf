"""Differences of scores: by hand, against statsmodels, and false alarms.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.risk import (
    diebold_mariano_test,
)

FALSE_ALARM = 1e-4


def test_newey_west_by_hand():
    """Differences 1, 3, 2, 6: mean 3, autocovariances 14/4 and -3/4 at lag 1.

    With one lag the variance of the mean is (3.5 + 2 * 0.5 * (-0.75)) / 4 = 0.6875.
    """
    result = diebold_mariano_test([2.0, 5.0, 5.0, 10.0], [1.0, 2.0, 3.0, 4.0], lags=1)
    assert result.mean == 3.0
    assert result.error == pytest.approx(np.sqrt(0.6875))
    assert result.statistic == pytest.approx(3 / np.sqrt(0.6875))
    assert (result.lags, result.periods) == (1, 4)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(result.statistic))


def test_newey_west_is_statsmodels():
    linear_model = pytest.importorskip("statsmodels.regression.linear_model")
    values = np.cumsum(np.random.default_rng(1).normal(size=300)) * 0.1
    result = diebold_mariano_test(values, np.zeros(300))
    assert result.lags == 5
    fit = linear_model.OLS(values, np.ones(300)).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
    assert result.error == pytest.approx(fit.bse[0])


def test_diebold_mariano_false_alarms():
    """Of differences with mean zero, autocorrelated: nominal 5%, 400 series; up to 8% is allowed.

    The Bartlett kernel takes in some of the autocorrelation only.
    """
    noise = np.random.default_rng(2).normal(size=(400, 1001))
    correlated = noise[:, 1:] + 0.5 * noise[:, :-1]
    p_values = np.array([diebold_mariano_test(d, np.zeros(1000)).p_value for d in correlated])
    count = int((p_values < 0.05).sum())
    assert stats.binomtest(count, 400, 0.08, alternative="greater").pvalue > FALSE_ALARM
    # Without lags it is well above.
    naive = [diebold_mariano_test(d, np.zeros(1000), lags=0).p_value for d in correlated]
    assert (np.array(naive) < 0.05).mean() > 0.1
