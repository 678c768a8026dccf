"""Whether the largest fall is a surprise: the one that happened among those of other histories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.backtest.performance import below_peak
from puffin.findings.drawdowns import underwater
from puffin.findings.simulated_returns import simulated_returns
from puffin.models.sharpe import SharpePosterior

__all__ = ["ExpectedDrawdown", "expected_drawdown"]

_HISTORIES = 250
_MOST_PERIODS = 10_000


@dataclass(frozen=True)
class ExpectedDrawdown:
    """The largest fall that happened, and those of as long histories that the model expects.

    Attributes
    ----------
    observed : float
        A negative fraction.
    simulated : ndarray of shape (n_histories,)
        Likewise.
    """

    observed: float
    simulated: Array

    @property
    def prob_as_deep(self) -> float:
        """The share of histories with a fall at least as deep."""
        return float(np.mean(self.simulated <= self.observed))


def expected_drawdown(
    sharpe: SharpePosterior, returns: pd.Series[float], seed: int
) -> ExpectedDrawdown | None:
    """Return the largest fall beside what was to be expected; None after a total loss.

    It is a posterior predictive check: the histories are drawn given all returns, the fall among
    them. Of more than 10,000 returns there are too many to simulate: None.
    """
    below = underwater(returns)
    if below is None or len(returns) > _MOST_PERIODS:
        return None
    growth = np.cumprod(1.0 + simulated_returns(sharpe, len(returns), _HISTORIES, seed), axis=0)
    return ExpectedDrawdown(float(below.min()), below_peak(growth).min(axis=0))
