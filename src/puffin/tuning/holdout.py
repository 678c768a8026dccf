"""The days that were held out, once they are opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.backtest import BacktestResult
from puffin.models.sharpe import SharpeEstimate, SharpePosterior
from puffin.models.sharpe.dependence import long_run_ratio
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.shown import Shown
from puffin.tuning.store import Opening
from puffin.validation import is_constant, row_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["OpenedHoldout", "opened"]

_SURPRISING = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class OpenedHoldout(Shown, Plotted):
    """How the chosen strategy did on days that the search did not know.

    Attributes
    ----------
    backtest : BacktestResult
        Over those days, after costs.
    sharpe : SharpePosterior or None
        Of those days by themselves; None if it never traded in them.
    expected : ndarray of shape (n_draws,)
        Draws of the annual Sharpe ratio of the sample of such days that the search's posterior
        expects: what is known of the true one, and the noise of so few days, with what they have to
        do with each other counted as in the search (`puffin.models.sharpe.dependence`). The noise's
        mean is zero, so that what is expected is what was left.
    openings : tuple of Opening
        All so far, this one last.
    """

    backtest: BacktestResult
    sharpe: SharpePosterior | None
    expected: Array
    openings: tuple[Opening, ...]

    @property
    def ratio(self) -> float:
        """The sample's annual Sharpe ratio."""
        return float(self.backtest.summary()["net"].to_dict()["sharpe"])

    @property
    def prob_worse(self) -> float:
        """How probable the search's posterior had it that it would be as bad or worse."""
        return float(np.mean(self.expected <= self.ratio))

    @property
    def prob_better(self) -> float:
        """How probable the search's posterior had it that it would be as good or better."""
        return float(np.mean(self.expected >= self.ratio))

    @property
    def is_first(self) -> bool:
        """Whether it had not been opened before."""
        return len(self.openings) == 1

    def _card(self) -> Card:
        days = self.backtest.returns.index
        sentences = [
            f"Holdout, {len(days):,} periods from {row_label(days[0])} to {row_label(days[-1])}: "
            f"Sharpe ratio of the sample {decimal(self.ratio)} after costs, {self._against()} "
            f"Between {percent(_SURPRISING, 0)} and {percent(1.0 - _SURPRISING, 0)} is no surprise."
        ]
        rows = []
        if self.sharpe is not None:
            level = percent(self.sharpe["hdi_prob"], 0)
            bounds = interval(self.sharpe["hdi_low"], self.sharpe["hdi_high"])
            rows = [
                (f"{level} by these days alone", bounds),
                ("above zero by these days alone", probability(self.sharpe["prob_positive"])),
            ]
        doubts = [] if self.is_first else [_said_again(self.openings)]
        return Card("OpenedHoldout", sentences, doubts, Table(("Sharpe ratio", ""), rows))

    def _against(self) -> str:
        """Return how the sample compares with what the search expected."""
        expected = float(self.expected.mean())
        how, prob, tail = "worse", self.prob_worse, "as bad or worse"
        if self.ratio > expected:
            how, prob, tail = "better", self.prob_better, "as good or better"
        return (
            f"{how} than the search expected ({decimal(expected)}); it gave {probability(prob)} to "
            f"a result {tail}."
        )

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw equity over those days."""
        return self.backtest._figure(ax)


def opened(
    backtest: BacktestResult, ratios: Array, openings: tuple[Opening, ...], seed: int
) -> OpenedHoldout:
    """Return an opened holdout.

    Parameters
    ----------
    ratios : ndarray of shape (n_draws,)
        Of the chosen strategy's true annual Sharpe ratio.
    """
    traded = not is_constant(backtest.returns.to_numpy())
    error = _standard_error(backtest) if traded else 0.0
    noise = np.random.default_rng([seed, len(backtest.returns)]).standard_normal(ratios.size)
    noise -= noise.mean()
    sharpe = backtest.sharpe(random_seed=seed) if traded else None
    return OpenedHoldout(backtest, sharpe, ratios + error * noise, openings)


def _standard_error(backtest: BacktestResult) -> float:
    """Return that of the sample's annual Sharpe ratio, what hangs together in time counted."""
    estimate = SharpeEstimate.of(
        backtest.returns,
        risk_free_rate=backtest.terms.risk_free_rate,
        periods_per_year=backtest.periods_per_year,
    )
    deviations = backtest.returns.to_numpy() - backtest.returns.mean()
    z, ratio = deviations / deviations.std(), estimate.sharpe / estimate.periods_per_year**0.5
    dependence = long_run_ratio(z - 0.5 * ratio * (z**2 - 1.0))
    return estimate.standard_error() * dependence.factor


def _said_again(openings: tuple[Opening, ...]) -> str:
    first = openings[0]
    times = "once" if len(openings) == 2 else f"{len(openings) - 1} times"
    return (
        f"It was opened {times} before, first at {first.at} after {first.n_trials} trials: what "
        "was decided since knew of it, and it is no test of that."
    )
