"""What came of one setting."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.showing.numbers import significant

__all__ = ["Trial", "label_of", "written"]


@dataclass(frozen=True, eq=False)
class Trial:
    """A setting that was tried.

    Attributes
    ----------
    number : int
        From 0, in the order in which they were tried.
    params : mapping of str to object
        The setting.
    excess : ndarray of shape (n_observations,)
        Excess returns after costs on the days that all trials share; empty if there are none.
    reason : str
        Why there are none: what the strategy, or its backtest, said.
    """

    number: int
    params: Mapping[str, Any]
    excess: Array
    reason: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the setting could be backtested."""
        return not self.reason

    @property
    def label(self) -> str:
        """The number and the setting."""
        return f"trial {self.number} ({label_of(self.params)})"

    @functools.cached_property
    def ratio(self) -> float:
        """The Sharpe ratio of a period, of the sample."""
        return float(self.excess.mean() / self.excess.std())

    def told(self, periods: float, prior_sd: float) -> float:
        """Return what a sampler is told: the ratio's posterior mean, were this the only trial.

        With a prior N(0, prior_sd^2), and the standard error by the returns' own skewness and
        kurtosis (Mertens 2002).
        """
        ratio, z = self.ratio, (self.excess - self.excess.mean()) / self.excess.std()
        influence = z - 0.5 * ratio * (z**2 - 1.0)
        error = periods * float(np.mean(influence**2)) / self.excess.size
        share = prior_sd**2 / (prior_sd**2 + error)
        return float(share * np.sqrt(periods) * ratio)


def label_of(params: Mapping[str, Any]) -> str:
    """Return a setting in words."""
    return ", ".join(f"{name}={written(value)}" for name, value in params.items())


def written(value: object) -> str:
    """Return a value of a setting in words."""
    return significant(value) if isinstance(value, float) else str(value)
