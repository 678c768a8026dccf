"""How heavy the tail of weights is."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats

from puffin.inference.pareto import pareto_k_hat


@pytest.mark.parametrize("tail", [0.2, 0.5, 1.2])
@pytest.mark.parametrize("size", [50, 400, 20_000])
def test_k_hat_is_that_of_arviz(tail, size):
    log_weights = np.log(stats.genpareto(tail).rvs(size, random_state=4))
    theirs = array_stats.psislw(-log_weights)[1]
    assert pareto_k_hat(log_weights) == pytest.approx(float(theirs), rel=1e-6)


def test_k_hat_of_equal_weights():
    assert pareto_k_hat(np.zeros(1000)) == -np.inf
    assert pareto_k_hat(np.zeros(10)) == np.inf
