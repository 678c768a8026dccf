"""The rate of a period."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate


@pytest.mark.parametrize("annual", [0.05, 0.0, -0.01])
def test_it_compounds_to_the_annual_rate(annual):
    assert (1.0 + period_risk_free_rate(annual, 252.0)) ** 252 - 1.0 == pytest.approx(annual)
    assert period_risk_free_rate(annual, 1.0) == pytest.approx(annual)


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (5, r"below 1, which is 100% a year; found 5. 5% is 0.05"),
        (1.0, "below 1"),
        (-1.0, "above -1"),
        (np.nan, "finite"),
        ("2%", "number"),
    ],
)
def test_a_rate_in_percent_is_refused(rate, message):
    with pytest.raises((ValueError, TypeError), match=message):
        annual_risk_free_rate(rate)
    assert annual_risk_free_rate(0.05) == 0.05
