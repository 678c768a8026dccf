"""The rate of a period."""

from __future__ import annotations

import pytest

from puffin.validation.risk_free_rate import period_risk_free_rate


@pytest.mark.parametrize("annual", [0.05, 0.0, -0.01])
def test_it_compounds_to_the_annual_rate(annual):
    assert (1.0 + period_risk_free_rate(annual, 252.0)) ** 252 - 1.0 == pytest.approx(annual)
    assert period_risk_free_rate(annual, 1.0) == pytest.approx(annual)
