"""What a setting earns, on the same days as all others."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.backtest import BacktestResult, Costs, LookAheadError, Strategy, run
from puffin.backtest.costs import CostOptions
from puffin.backtest.look_ahead import LookAheadCheck, telling_rows
from puffin.backtest.walking import out_of_sample
from puffin.tuning.trial import Trial, label_of
from puffin.validation import PricePanel, is_constant

__all__ = ["Evaluation", "Tunable", "built"]

Tunable = Strategy | Callable[..., Strategy]
"""A strategy whose fields are set, or what makes one of settings: its class, a function."""


def built(strategy: Tunable, params: Mapping[str, Any]) -> Strategy:
    """Return the strategy with these settings."""
    if dataclasses.is_dataclass(strategy) and not isinstance(strategy, type):
        made: object = dataclasses.replace(strategy, **params)
    elif callable(strategy):
        made = strategy(**params)
    else:
        raise TypeError(
            "strategy must be a class, a function that returns a strategy, or a dataclass with "
            f"the settings as fields; found {type(strategy).__name__}."
        )
    if not isinstance(made, Strategy):
        raise TypeError(
            "strategy must have a method weights(prices) that returns target weights; with "
            f"{label_of(params)} it is a {type(made).__name__}."
        )
    return made


@dataclass(frozen=True)
class Evaluation:
    """Prices, the days of the search and those of the holdout, and what trading costs.

    ::

        rows   |--- train ---|------- search -------|--- holdout ---|
               0             train                  cut             n

    Attributes
    ----------
    panel : PricePanel
    train, test : int
        As in `walk_forward`. Strategies without a fit need the first for their averages.
    cut : int
        The first row of the holdout; the search is not given it, nor any after it.
    periods_per_year : float
    costs : dict
        Those of `run`.
    """

    panel: PricePanel
    train: int
    test: int
    cut: int
    periods_per_year: float
    costs: CostOptions

    @property
    def days(self) -> pd.Index[Any]:
        """The days of whose returns all trials are judged."""
        return self.panel.index[self.train + 1 : self.cut]

    @property
    def risk_free(self) -> float:
        """What cash earns in a period."""
        return Costs(**self.costs).period_risk_free_rate(self.periods_per_year)

    def trial(
        self, number: int, strategy: Tunable, params: Mapping[str, Any], *, check: bool
    ) -> Trial:
        """Return what comes of a setting; the strategy's own errors are the trial's.

        Parameters
        ----------
        check : bool
            Whether to check that it does not look ahead, which takes a second.

        Raises
        ------
        LookAheadError
            If the strategy knows later prices.
        TypeError
            If what is made is no strategy.
        """
        try:
            backtest = self.search(built(strategy, params), check=check)
        except LookAheadError:
            raise
        except ValueError as error:
            return Trial(number, params, np.empty(0), str(error))
        excess = self.excess(backtest)
        if is_constant(excess):
            return Trial(number, params, np.empty(0), "It never trades.")
        return Trial(number, params, excess)

    def search(self, strategy: Strategy, *, check: bool = True) -> BacktestResult:
        """Return the backtest over the days of the search."""
        panel = self.panel[: self.cut]
        ahead = LookAheadCheck(telling_rows(panel, self.train) if check else {})
        result = self._backtest(strategy, panel, self.train, ahead)
        ahead.warn(stacklevel=2)
        return result

    def held_out(self, strategy: Strategy) -> BacktestResult:
        """Return the backtest over the days of the holdout, which knows all prices before them."""
        check = LookAheadCheck(telling_rows(self.panel, self.cut))
        result = self._backtest(strategy, self.panel, self.cut, check)
        check.warn(stacklevel=2)
        return result

    def excess(self, backtest: BacktestResult) -> Array:
        """Return excess returns of all days of the search, 0 of those before the first decision."""
        excess = np.zeros(len(self.days))
        excess[excess.size - len(backtest.returns) :] = backtest.returns - self.risk_free
        return excess

    @property
    def digest(self) -> str:
        """What tells these prices from others."""
        found = hashlib.sha256(np.ascontiguousarray(self.panel.values).tobytes())
        found.update(
            repr((list(map(str, self.panel.names)), list(map(str, self.panel.index)))).encode()
        )
        return found.hexdigest()

    def _backtest(
        self, strategy: Strategy, panel: PricePanel, first: int, check: LookAheadCheck
    ) -> BacktestResult:
        weights = out_of_sample(strategy, panel, self.train, self.test, check, first=first)
        if len(weights) < len(panel.index) - first:
            raise KeyboardInterrupt
        return run(
            weights,
            panel[first:].frame,
            name=type(strategy).__name__,
            periods_per_year=self.periods_per_year,
            **self.costs,
        )
