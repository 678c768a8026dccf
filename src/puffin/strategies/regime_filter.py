"""A strategy that holds more or less by the regime that comes next."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.backtest import Strategy
from puffin.backtest.decisions import align_decisions
from puffin.models.regimes import BayesianRegimeSwitching
from puffin.strategies.holdings import intended_holdings
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    choice,
    finite_number,
    positive_integer,
)

__all__ = ["RegimeFilter"]


@dataclass(frozen=True)
class RegimeFilter:
    r"""Scale a strategy's weights by the probabilities of the regime to come.

    .. math:: w_t = v_t \sum_k e_k \, P(s_{t+1} = k \mid r_1, \dots, r_t)

    where v is what the strategy would hold, and e the exposure in each regime, from the calmest to
    the wildest: (1, 0) holds all of it if the calm regime is certain, and nothing in the other. The
    probabilities are those of `BayesianRegimeSwitching`, of the returns of one asset, or of all in
    equal parts.

    **Nothing looks ahead.** The model is fitted to the first `minimum` returns, filtered on from
    there, and fitted again every `every` returns, or earlier if its draws are worn out
    (`BayesianRegimeSwitching.real_time`); before that nothing is decided. Within `walk_forward` it
    is fitted to each window's training prices instead, and filtered on through the rows that
    follow.

    That a regime is calm says little of its mean: this is a rule for how much risk to bear, which
    need not earn anything. Compare it with the strategy alone, and with `VolatilityTarget`.

    Attributes
    ----------
    strategy : Strategy
    exposure : sequence of float, default (1, 0)
        One for each regime, which is how many there are: at least two.
    distribution : {"student", "normal", "asymmetric"}, default "student"
    asset : str, optional
        The column whose returns have the regimes; by default the mean of all.
    minimum, every : int, default 500 and 252
        Returns before the first fit, and between fits.
    band : float, default 0.1
        Trade only when the factor has moved by more than this since the last trade, or the strategy
        decides something.
    samples : int, default 500
        Draws of each of two chains.
    random_seed : int, default 1

    References
    ----------
    Ang & Bekaert (2004), How regimes affect asset allocation. Financial Analysts Journal 60.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_sp500().to_frame().loc["2005":"2010"]
    >>> calm = pf.strategies.RegimeFilter(pf.strategies.BuyAndHold(), exposure=(1.0, 0.2))
    >>> pf.backtest.run(calm.weights(prices), prices).summary()  # doctest: +SKIP
    """

    strategy: Strategy
    exposure: Sequence[float] = (1.0, 0.0)
    distribution: str = "student"
    asset: str | None = None
    minimum: int = 500
    every: int = 252
    band: float = 0.1
    samples: int = 500
    random_seed: int = 1
    _fitted: BayesianRegimeSwitching | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.strategy, Strategy):
            raise TypeError(
                "strategy must have a method weights(prices); found "
                f"{type(self.strategy).__name__}."
            )
        if not isinstance(self.exposure, Sequence | np.ndarray) or len(self.exposure) < 2:
            raise ValueError(
                f"exposure must have a number for each of two or more regimes; found "
                f"{self.exposure!r}."
            )
        for one in self.exposure:
            finite_number("exposure", one)
        model = self._model()
        positive_integer("minimum", self.minimum, minimum=10 * model.n_regimes)
        positive_integer("every", self.every)
        positive_integer("samples", self.samples)
        if finite_number("band", self.band) < 0.0:
            raise ValueError(f"band must be at least zero; found {self.band:g}.")

    def _model(self) -> BayesianRegimeSwitching:
        return BayesianRegimeSwitching(len(self.exposure), self.distribution)

    def fit(self, prices: DataLike) -> RegimeFilter:
        """Return this strategy with regimes as training prices have them.

        The strategy that it scales is fitted too, where it can be.
        """
        panel = as_prices(prices)
        inner = self.strategy
        if hasattr(inner, "fit"):
            found = inner.fit(panel.frame)
            inner = found if isinstance(found, Strategy) else inner
        model = self._model().fit(
            self._returns(panel), self.samples, chains=2, random_seed=self.random_seed,
            missing="skip",
        )  # fmt: skip
        return dataclasses.replace(self, strategy=inner, _fitted=model)

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return the scaled weights in every row in which to trade, NaN in the others."""
        panel = as_prices(prices)
        check_positive_prices("prices", panel, "for returns to exist")
        decisions = align_decisions(copy.copy(self.strategy).weights(panel.frame), panel)
        factors = self._factors(panel)
        weights = np.full(panel.values.shape, np.nan)
        if decisions.made.any():
            intended, used = intended_holdings(decisions, panel), None
            for row in range(int(np.argmax(decisions.made)), len(factors)):
                if np.isnan(factors[row]):
                    continue
                moved = used is None or abs(factors[row] - used) > self.band
                if decisions.made[row] or moved:
                    weights[row], used = factors[row] * intended[row], factors[row]
        return pd.DataFrame(weights, panel.index, panel.frame.columns)

    def _factors(self, panel: PricePanel) -> Array:
        """Return what weights of each row are multiplied by; NaN before the first fit."""
        factors = np.full(len(panel.values), np.nan)
        returns = self._returns(panel)
        if self._fitted is not None:
            factors[1:] = self._fitted.filtered_on(returns) @ np.asarray(self.exposure)
        elif len(returns) > self.minimum:
            table = self._model().real_time(
                returns, self.minimum, every=self.every, samples=self.samples, chains=2,
                random_seed=self.random_seed, missing="skip",
            )  # fmt: skip
            known = table.drop(columns="log_score").to_numpy()
            factors[1 + self.minimum :] = known @ np.asarray(self.exposure)
        return factors

    def _returns(self, panel: PricePanel) -> pd.Series[float]:
        """Return the returns that have the regimes, from the second row on."""
        changes = panel.values[1:] / panel.values[:-1] - 1.0
        if self.asset is not None:
            names = [str(name) for name in panel.frame.columns]
            values = changes[:, names.index(choice("asset", self.asset, names))]
        else:
            known = np.isfinite(changes)
            total = np.where(known, changes, 0.0).sum(axis=1)
            with np.errstate(invalid="ignore"):
                values = total / known.sum(axis=1)
        return pd.Series(values, panel.frame.index[1:], name="returns")
