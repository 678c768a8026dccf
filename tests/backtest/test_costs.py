"""What trading and holding cost."""

from __future__ import annotations

import pytest

from puffin.backtest import Costs


def test_units():
    costs = Costs(commission_bps=2.0, slippage_bps=50.0, borrow_rate=0.0252, risk_free_rate=0.05)
    assert costs.commission == pytest.approx(0.0002)
    assert costs.slippage == pytest.approx(0.005)
    assert costs.period_borrow_rate(252.0) == pytest.approx(0.0001)
    assert (1.0 + costs.period_risk_free_rate(12.0)) ** 12 == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"commission_bps": -1.0}, "commission_bps must be at least zero; found -1"),
        ({"borrow_rate": float("nan")}, "borrow_rate must be finite"),
        ({"risk_free_rate": -1.0}, "risk_free_rate must be above -1"),
    ],
)
def test_what_cannot_be_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        Costs(**options)
