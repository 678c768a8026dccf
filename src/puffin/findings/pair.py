"""A pair: its hedge ratio now, where its spread is, and what trading it would have earned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from puffin import backtest
from puffin.backtest import BacktestResult
from puffin.findings.progress import Progress
from puffin.findings.quantity import Quantity, SkewedQuantity
from puffin.findings.settings import AnalysisSettings, PairSettings
from puffin.findings.sharpe import estimate_sharpe
from puffin.models.pairs import BayesianPairsTrading
from puffin.models.sharpe import SharpePosterior
from puffin.posterior import gaussian_interval
from puffin.showing.periods import period_label
from puffin.strategies.pairs_strategy import PairsStrategy

__all__ = ["PairFindings", "PairsToTrade", "find_pair"]


@dataclass(frozen=True)
class PairsToTrade:
    """Pairs to be looked at: of each the asset, then its hedges; and the prices of all of them."""

    prices: pd.DataFrame
    names: tuple[tuple[str, ...], ...]
    settings: PairSettings


@dataclass(frozen=True)
class PairFindings:
    """What is known of a pair.

    Attributes
    ----------
    strategy : PairsStrategy
    settings : PairSettings
    model : BayesianPairsTrading
    hedges : mapping of name to Quantity
        Hedge ratios for the date to come.
    zscore : Series
    signals : Series
    held : int
        For how many rows the last position has been held; 0 without one.
    variation, prob_stable : mapping of name to float
        Of each hedge ratio from one window to the next, relative to its size; empty where there
        are too few windows to tell.
    prob_mean_reverting : float
        Of the pair, whichever leg is hedged by the other.
    by_order : mapping of str to float
        The same for each order of the legs alone, the one that is traded first.
    half_life : SkewedQuantity
        In rows, of the spread if it is mean-reverting.
    result : BacktestResult
    gross, net : SharpePosterior or None
        None where nothing was ever traded.
    """

    strategy: PairsStrategy
    settings: PairSettings
    model: BayesianPairsTrading
    hedges: dict[str, Quantity]
    zscore: pd.Series[float]
    signals: pd.Series[int]
    held: int
    variation: dict[str, float]
    prob_stable: dict[str, float]
    prob_mean_reverting: float
    by_order: dict[str, float]
    half_life: SkewedQuantity
    result: BacktestResult
    gross: SharpePosterior | None
    net: SharpePosterior | None

    @property
    def name(self) -> str:
        """The pair in words."""
        return f"{self.strategy.y} against {', '.join(self.strategy.hedges)}"

    @property
    def position(self) -> int:
        """1 long of the spread, -1 short, 0 flat: after the last row."""
        return int(self.signals.iloc[-1])

    @property
    def trades(self) -> int:
        """How many positions were opened."""
        before = self.signals.shift(1, fill_value=0)
        return int(((self.signals != before) & (self.signals != 0)).sum())

    @property
    def last_label(self) -> str:
        """The last date, or the number of its row."""
        return period_label(self.signals.index[-1])


def find_pair(
    prices: pd.DataFrame,
    names: tuple[str, ...],
    pair: PairSettings,
    settings: AnalysisSettings,
    progress: Progress,
) -> PairFindings:
    """Fit the hedge ratio, and backtest the strategy that trades its spread.

    Parameters
    ----------
    prices : DataFrame
        With the columns `names`. Rows in which one of them is missing are left out.
    names : tuple of str
        The asset, then its hedges.

    Raises
    ------
    ValueError
        If the prices cannot be used.
    """
    y, x = names[0], names[1:]
    progress.expect(2)
    progress.begin(f"Hedge ratio of {y}")
    strategy = pair.strategy(y, x)
    prices = strategy.prices_of(prices).dropna()
    model = strategy.fit_hedge(prices)
    signals = strategy.signals(model)
    progress.begin(f"Backtest of {y}")
    result = backtest.run(
        strategy.weights_of(model, prices),
        prices,
        name=f"{y}/{'+'.join(x)}",
        periods_per_year=min(settings.periods_of(name) for name in names),
        commission_bps=pair.commission_bps,
        slippage_bps=pair.slippage_bps,
        borrow_rate=pair.borrow_rate,
        risk_free_rate=settings.risk_free_rate,
    )
    # Days without a position have no AR(1) to model.
    counted = replace(settings, autocorrelation="counted")
    traded = bool((result.turnover > 0.0).any())
    variation, prob_stable = _stability(model)
    return PairFindings(
        strategy=strategy,
        settings=pair,
        model=model,
        hedges=_hedges(model, x, settings.hdi_prob),
        zscore=model.zscore(zscore_window=pair.zscore_window, zscore=pair.zscore),
        signals=signals,
        held=_rows_held(signals),
        variation=variation,
        prob_stable=prob_stable,
        prob_mean_reverting=model.prob_mean_reverting,
        by_order={
            order: found.prob_mean_reverting
            for order, found in model.mean_reversion_by_order.items()
        },
        half_life=SkewedQuantity(
            model.half_life, *model.mean_reversion.interval(settings.hdi_prob)
        ),
        result=result,
        gross=estimate_sharpe(result.gross_returns, counted) if traded else None,
        net=estimate_sharpe(result.returns, counted) if traded else None,
    )


def _hedges(model: BayesianPairsTrading, x: tuple[str, ...], prob: float) -> dict[str, Quantity]:
    known = model.next_hedge
    suffixes = [""] if len(x) == 1 else [f"_{name}" for name in x]
    found = {}
    for name, suffix in zip(x, suffixes, strict=True):
        mean, sd = known[f"hedge_ratio_mean{suffix}"], known[f"hedge_ratio_std{suffix}"]
        found[name] = Quantity(mean, *gaussian_interval(mean, sd, prob))
    return found


def _stability(model: BayesianPairsTrading) -> tuple[dict[str, float], dict[str, float]]:
    if not model.has_stability:
        return {}, {}
    rows = model.hedge_stability()[["variation", "prob_stable"]].to_dict("index")
    return (
        {str(name): row["variation"] for name, row in rows.items()},
        {str(name): row["prob_stable"] for name, row in rows.items()},
    )


def _rows_held(signals: pd.Series[int]) -> int:
    values = signals.to_numpy()
    if values[-1] == 0:
        return 0
    others = np.flatnonzero(values != values[-1])
    return int(values.size - 1 - others[-1]) if others.size else int(values.size)
