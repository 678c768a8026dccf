"""What was known at the time: nothing later is in it, and in the end it is what is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.multivariate.filtering import filtered_states
from puffin.posterior.diagnostics import monte_carlo_error
from tests.models.multivariate.worlds import NAMES, fit, quick, simulated


def test_returns_to_come_change_nothing_before():
    """By parameters of a fit that ends before, however many returns come, and on any cores."""
    returns, _ = simulated(60)
    model, later = quick(returns[:40], 20, 20), returns[40:]
    every = model.covariance("filtered", coming=later)
    assert every.index.equals(pd.MultiIndex.from_product([later.index, NAMES]))
    for count in (1, 7):
        few = model.covariance("filtered", coming=later[NAMES[::-1]].head(count))
        pd.testing.assert_frame_equal(few, every.head(4 * count))
    shaken = later.copy()
    shaken.iloc[7:] *= 5.0
    found = model.covariance("filtered", coming=shaken)
    pd.testing.assert_frame_equal(found.head(28), every.head(28))
    assert not np.allclose(found.loc[later.index[8]], every.loc[later.index[8]])
    correlations = model.correlation("filtered", coming=later)
    np.testing.assert_allclose(correlations.loc[later.index[0]].to_numpy().diagonal(), 1.0)


@pytest.mark.calibration
def test_on_the_last_date_it_is_the_posterior():
    """Log-variances given all returns: filtered or smoothed, means within 4.6 errors (5 of them).

    False alarm 2e-5. Errors of the filter are those of its 32 draws of parameters.
    """
    model = fit()
    found = model.covariance("filtered")
    assert found.shape == (1000, 4)
    np.testing.assert_allclose(found.loc["2022-12-16"], model.covariance("2022-12-16"), rtol=0.25)
    of_each = filtered_states(model.fitted, None).h[:, -1].reshape(32, 16, 5).mean(axis=1)
    last = model.fitted.draws.h_last
    errors = np.hypot(
        of_each.std(axis=0) / np.sqrt(32), [monte_carlo_error(last[..., i]) for i in range(5)]
    )
    gaps = of_each.mean(axis=0) - last.mean(axis=(0, 1))
    assert np.all(np.abs(gaps) < 4.6 * errors), gaps / errors
