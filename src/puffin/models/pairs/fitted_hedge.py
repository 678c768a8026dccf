"""What a fitted hedge says: its ratios through time, its spread, how steady both are."""

from __future__ import annotations

import functools
from abc import abstractmethod

import pandas as pd

from puffin.models.pairs.hedge_fit import (
    HedgeFit,
    hedge_table,
    held_spread,
    is_rounding,
    next_coefficients,
    path_table,
)
from puffin.models.pairs.hedge_stability import (
    FEWEST_WINDOWS,
    disjoint_windows,
    hedge_variations,
    stability_table,
)
from puffin.models.pairs.hedging import path_posterior
from puffin.models.pairs.mean_reversion import MeanReversion, mean_reversion, over_all
from puffin.posterior import NotFittedError, Posterior
from puffin.posterior.arviz_data import ArvizData
from puffin.showing.shown import Shown
from puffin.validation import choice, positive_number, probability

__all__ = ["FittedHedge"]


class FittedHedge(Shown):
    """What a model says of a hedge once it has been fitted; `NotFittedError` before."""

    _fitted: HedgeFit | None = None

    def _remember(self, fitted: HedgeFit) -> pd.DataFrame:
        """Keep a fit, forget what followed from the one before, and return the table."""
        self._fitted, self._table = fitted, hedge_table(fitted)
        for name in ("posterior", "mean_reversion", "mean_reversion_by_order"):
            self.__dict__.pop(name, None)
        return self.hedge

    def _require(self) -> HedgeFit:
        if self._fitted is None:
            raise NotFittedError(
                f"This {type(self).__name__} is not fitted; call fit_dynamic_hedge first."
            )
        return self._fitted

    @property
    def hedge(self) -> pd.DataFrame:
        """Hedge ratio, spread and forecast of each row."""
        self._require()
        return self._table.copy()

    @property
    def fitted_by(self) -> str:
        """What made the hedge ratios; "rolling least squares" where sampling failed."""
        return self._require().hedge.method

    @property
    def next_hedge(self) -> pd.Series[float]:
        """Hedge ratios and intercept for the date to come: all rows are known to it."""
        return next_coefficients(self._require())

    @property
    def spread(self) -> pd.Series[float]:
        """The spread, y - hedge ratio x, with the hedge ratio that was known before the row."""
        return self.hedge["spread"]

    @functools.cached_property
    def mean_reversion(self) -> MeanReversion:
        r"""Whether the pair's spread returns to its mean, and how soon: one answer for the pair.

        Of the spread as its holder earns it,
        :math:`\sum (\Delta y_t - h_t' \Delta x_t)`, each step with the hedge ratio that was known
        before it; and, of a pair, of the spread that the same model finds with x and y exchanged.
        Which of the two reverts depends on which price has the noise. If :math:`y = h x + e`, the
        regression of x on y finds less than 1/h, since y has e in it; what that leaves of x
        wanders, though the pair does not. So either order may be the one that reverts, with the
        same prior probability, and their Bayes factors against a random walk are averaged; see
        `mean_reversion_by_order` for each.

        If y and x are independent random walks so is this, however the hedge ratio was fitted to
        them: with 500 rows and a window of 60 the probability is above one half for at most 2% of
        such pairs, by any method. Where the true spread is an AR(1) around a steady hedge ratio it
        is above one half for 97% at a coefficient of 0.8, whose half-life of 3.1 is put at 5.2, and
        for 27% at 0.95. With ``errors="ar1"`` these are 100%, at 3.8, and 65%; with the
        state space 99%, at 3.3, and 72%.

        The column `spread` would not do: there a change of the hedge ratio moves the spread by the
        whole price of x, and hides a mean reversion that is there. Nor would the forecast errors,
        which are those of a regression: they look stationary for 79% to 100% of pairs of walks.

        Raises
        ------
        ValueError
            If there are fewer than 10 rows after the window, or y and x move as one: then there is
            no spread.
        """
        self._check_spread()
        return over_all([held_spread(fit) for fit in self._orders()])

    @functools.cached_property
    def mean_reversion_by_order(self) -> dict[str, MeanReversion]:
        """Whether the spread returns to its mean, with y hedged by x, and with x hedged by y.

        Of a basket there is one order only. Where they differ the order of the legs matters: hold
        the one that reverts.
        """
        self._check_spread()
        return {
            f"{fit.pair.name} against {', '.join(fit.pair.hedges)}": mean_reversion(
                held_spread(fit)
            )
            for fit in self._orders()
        }

    @abstractmethod
    def _orders(self) -> tuple[HedgeFit, ...]:
        """Return the fit and, of a pair, that with y and x exchanged."""

    def _check_spread(self) -> None:
        fitted = self._require()
        if is_rounding(fitted, fitted.window).all():
            raise ValueError(
                f"{fitted.pair.name} and {', '.join(fitted.pair.hedges)} move as one but for the "
                "rounding of their prices: there is no spread between them."
            )

    @property
    def prob_mean_reverting(self) -> float:
        """Probability that the spread returns to its mean; see `mean_reversion`."""
        return self.mean_reversion.prob_mean_reverting

    @property
    def half_life(self) -> float:
        """Posterior median of the spread's half-life in rows, if it returns; likewise."""
        return self.mean_reversion.half_life

    def hedge_path(self, kind: str = "filtered") -> pd.DataFrame:
        """Return mean and standard deviation of the state space's hedge ratios at each row.

        In the warm-up, the first `window` rows, both know its units: the mean and the standard
        deviation of all its prices, unless the priors' scale is a number.

        Parameters
        ----------
        kind : {"filtered", "smoothed"}
            Given the rows up to and with the row itself; or given all, by the draws of
            `posterior`: hindsight, not for trading.
        """
        choice("kind", kind, ("filtered", "smoothed"))
        fitted = self._require()
        if fitted.hedge.filtered_mean is None or fitted.hedge.filtered_sd is None:
            raise ValueError(
                f"hedge_path is of method='state-space'; this fit is {fitted.hedge.method}. "
                "Its hedge ratios, which know the rows before only, are in `hedge`."
            )
        if kind == "filtered":
            mean, sd = fitted.hedge.filtered_mean[:, 1:], fitted.hedge.filtered_sd[:, 1:]
        else:
            draws = self.posterior.flat("hedge_ratio")
            mean, sd = draws.mean(axis=0, dtype=float), draws.std(axis=0, dtype=float)
        return path_table(fitted, mean, sd)

    @functools.cached_property
    def posterior(self) -> Posterior:
        """Draws of the state space given all rows: hedge ratios, intercept and noise through time.

        Independent draws, as many as take 200 MB, by the native engine.
        """
        fitted = self._require()
        if fitted.method != "state-space":
            raise ValueError(
                "posterior is of method='state-space'; the rolling regressions are not drawn from, "
                "their moments are exact."
            )
        return path_posterior(fitted.pair, fitted.window, fitted.priors, fitted.settings)

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`; of the state space, too."""
        return self.posterior.idata

    @property
    def has_stability(self) -> bool:
        """Whether there are windows enough for `hedge_stability`."""
        fitted = self._require()
        return fitted.hedge.filtered_mean is not None or disjoint_windows(fitted) >= FEWEST_WINDOWS

    def hedge_stability(self, tolerance: float = 0.1, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Say how much the hedge ratio moves, relative to its size, as a posterior.

        Rolling: the standard deviation of the hedge ratio between all disjoint windows, net of what
        each window does not know (`variation_between_windows`); a trend through the whole sample is
        in it. State space: the standard deviation of the random walk over one window, so that it is
        smaller than the other by about sqrt(6 / n_windows) if the hedge ratio is a random walk.

        Parameters
        ----------
        tolerance : float, default 0.1
            What still counts as stable.

        Returns
        -------
        DataFrame
            A row for each hedge: `variation` (posterior median), `hdi_low`, `hdi_high`, and
            `prob_stable`, the probability that the variation is below `tolerance`.
        """
        positive_number("tolerance", tolerance)
        probability("hdi_prob", hdi_prob)
        variations = hedge_variations(self._require())
        return stability_table(variations, tolerance, hdi_prob)
