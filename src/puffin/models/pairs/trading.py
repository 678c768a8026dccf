"""Hedge ratios that move, and the signals that trade their spread."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, overload

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed, Settings
from puffin.models.pairs.autocorrelation import warn_of_autocorrelation
from puffin.models.pairs.card import hedge_card, hedge_doubts
from puffin.models.pairs.fitted_hedge import FittedHedge
from puffin.models.pairs.hedge_fit import HedgeFit, is_rounding
from puffin.models.pairs.hedging import DynamicHedge, rolling_hedge, state_space_hedge
from puffin.models.pairs.plot import pairs_figure
from puffin.models.pairs.priors import PairsPriors
from puffin.models.pairs.signals import Thresholds, rolling_zscore, threshold_positions
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.showing.card import Card
from puffin.validation import (
    DataLike,
    as_pair,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
    choice,
    flag,
    positive_integer,
    price_rounding,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BayesianPairsTrading"]


class BayesianPairsTrading(FittedHedge):
    r"""A pair, or a basket: :math:`y_t = \alpha_t + \beta_t' x_t + e_t`, where beta is the hedge.

    ``method="rolling"``: a linear regression in each window (priors of `PairsPriors`), its exact
    posterior by quadrature, no sampling (`puffin.inference.rolling_regression`). With
    ``errors="ar1"`` its errors are autocorrelated, as a spread's are: intervals that take them for
    independent are far too narrow (of 94% intervals 55% hold the true hedge ratio at an
    autocorrelation of 0.8 and a window of 60; with ``"ar1"`` 94%).

    ``method="state-space"``: intercept and hedge ratios follow random walks, whose variances are
    learned from the past only (`puffin.inference.dynamic_regression`).

    Parameters
    ----------
    method : {"rolling", "state-space"}
    engine : {"native", "pymc"}
        PyMC refits the model for each row: hours. For tests, and short series.
    priors : PairsPriors, optional
    errors : {"iid", "ar1"}
        Of the rolling regression.
    log_prices : bool
        Whether to take logarithms first: then the hedge ratio is one of values, not of shares.

    Attributes
    ----------
    hedge : DataFrame
        The table that `fit_dynamic_hedge` returned.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities()
    >>> pair = pf.BayesianPairsTrading()
    >>> hedge = pair.fit_dynamic_hedge(prices["KO"], prices["PEP"])  # doctest: +SKIP
    >>> signals = pair.generate_signals()  # doctest: +SKIP
    """

    def __init__(
        self,
        method: str = "rolling",
        engine: str = "native",
        priors: PairsPriors | None = None,
        *,
        errors: str = "iid",
        log_prices: bool = False,
    ) -> None:
        self.method = choice("method", method, ("rolling", "state-space"))
        self.engine = check_engine(engine)
        self.priors = check_priors(priors, PairsPriors)
        self.errors = choice("errors", errors, ("iid", "ar1"))
        if self.errors == "ar1" and self.method == "state-space":
            raise ValueError(
                "errors='ar1' is for method='rolling'; the state space's intercept is a random "
                "walk, which takes up a spread that persists."
            )
        self.log_prices = flag("log_prices", log_prices)

    def _card(self) -> Card:
        title = (
            f"BayesianPairsTrading(method={self.method!r}, engine={self.engine!r}, "
            f"errors={self.errors!r}, log_prices={self.log_prices})"
        )
        return hedge_card(title, self._fitted, self.errors)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the hedge ratios; none where they are fine."""
        return tuple(hedge_doubts(self._require(), self.errors))

    def fit_dynamic_hedge(
        self,
        y: DataLike,
        x: DataLike,
        window: int = 60,
        *,
        date: str | None = None,
        samples: int = 2000,
        tune: int = 1000,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
    ) -> pd.DataFrame:
        """Return hedge ratio, spread and forecast of each row, from the rows before it.

        Rows in which a price is missing are skipped, as if they were not there, and are NaN in the
        result; so are the first `window` of the others, in which nothing is known yet.

        Parameters
        ----------
        y : array-like, pandas or polars, of shape (n_times,)
            Prices of one asset.
        x : array-like, pandas or polars, of shape (n_times,) or (n_times, n_hedges)
            Prices of its hedge, or hedges; put on y's dates if both have an index.
        window : int, default 60
            Rows of each regression; with the state space, of the warm-up, which sets its units.
        date : str, optional
            The column of polars frames that holds the dates.
        samples, tune, chains, cores, random_seed, progressbar
            As in every model. The native engine draws nothing here; `posterior` does.

        Returns
        -------
        DataFrame
            On y's index. `hedge_ratio_mean` and `hedge_ratio_std` (with several hedges one of each,
            followed by _ and its name); `spread`: y - hedge ratio x, of which only the hedge ratio
            excludes the row itself; `intercept_mean`; `forecast_mean` and `forecast_sd` of y, given
            the row's x and the rows before; `forecast_error`: (y - forecast_mean) / forecast_sd.

        Warns
        -----
        AutocorrelationWarning
            If residuals within windows say that independent errors mislead.
        UserWarning
            If y and x move as one in most rows, but for the rounding of their prices: there is no
            spread to trade then, and signals are 0.
        FallbackWarning
            If sampling failed and the result is rolling least squares.

        Raises
        ------
        ValueError, TypeError
            If prices or window are invalid: dates that do not meet, prices that stand still for a
            whole window, too few rows; the message says what was found and where.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        settings = replace(settings, seed=fixed_seed(settings.seed))
        window = positive_integer("window", window)
        pair = as_pair(y, x, date=date)
        check_enough(pair, window)
        rounding = price_rounding(pair, window)
        if self.log_prices:
            check_positive(pair)
            rounding = rounding / np.column_stack([pair.y, pair.X])[pair.complete]
            pair = replace(pair, y=np.log(pair.y), X=np.log(pair.X))
        check_moves(pair if self.method == "rolling" else pair.until(window), window)
        rows = pair.complete
        hedge = self._hedge(pair.X[rows], pair.y[rows], window, settings, self.engine)
        fitted = HedgeFit(pair, window, settings, hedge, self.method, self.priors, rounding)
        table = self._remember(fitted)
        _warn_of_rounding(fitted)
        if self.errors == "iid":
            warn_of_autocorrelation(hedge.autocorrelation, window, stacklevel=2)
        return table

    def _hedge(
        self, X: Array, y: Array, window: int, settings: Settings, engine: str
    ) -> DynamicHedge:
        if self.method == "rolling":
            return rolling_hedge(
                X, y, window, self.priors, engine, settings,
                autoregressive=self.errors == "ar1",
            )  # fmt: skip
        return state_space_hedge(X, y, window, self.priors, engine, settings)

    def _orders(self) -> tuple[HedgeFit, ...]:
        fitted = self._require()
        if len(fitted.pair.hedges) > 1:
            return (fitted,)
        pair, rows = fitted.pair.turned, fitted.rows
        hedge = self._hedge(pair.X[rows], pair.y[rows], fitted.window, fitted.settings, "native")
        return fitted, replace(fitted, pair=pair, hedge=hedge, rounding=fitted.rounding[:, ::-1])

    def zscore(
        self, spread: DataLike = None, *, zscore_window: int = 20, zscore: str = "rolling"
    ) -> pd.Series[float]:
        """Return what the thresholds are compared with.

        Parameters
        ----------
        spread : array-like or pandas Series, optional
            That of the fit by default.
        zscore_window : int, default 20
            Spreads in the mean and the standard deviation (ddof 1), the row's own included.
        zscore : {"rolling", "forecast"}
            "forecast": the standardised forecast error of the fit, which has a mean and a standard
            deviation of its own.

        Returns
        -------
        Series
            NaN, too, where y and x have moved as one in the last `zscore_window` rows but for the
            rounding of their prices (`puffin.models.pairs.hedge_fit.is_rounding`).
        """
        choice("zscore", zscore, ("rolling", "forecast"))
        window = positive_integer("zscore_window", zscore_window, minimum=2)
        if zscore == "forecast" and spread is not None:
            raise ValueError(
                "zscore='forecast' uses the forecast errors of the fit; leave spread out."
            )
        values, index = as_spread(self.spread if spread is None else spread)
        z = pd.Series(rolling_zscore(values, window), index, name="zscore")
        if spread is not None:
            return z
        if zscore == "forecast":
            z = self.hedge["forecast_error"].rename("zscore")
        rounding = is_rounding(self._require(), window)
        return z.mask(rounding.reindex(z.index, fill_value=False))

    def generate_signals(
        self,
        spread: DataLike = None,
        entry_threshold: float = 2.0,
        exit_threshold: float = 0.5,
        *,
        zscore_window: int = 20,
        zscore: str = "rolling",
        stop_threshold: float | None = None,
        max_holding: int | None = None,
    ) -> pd.Series[int]:
        r"""Return positions in the spread: 1 is long y and short its hedge, -1 the reverse, 0 flat.

        A state machine (`puffin.models.pairs.signals`): enter where \|z\| > entry_threshold,
        against the spread; hold; leave where \|z\| < exit_threshold. Beyond the opposite entry the
        position is turned round. A z that jumps over the exit to less than the opposite entry is
        held. Where z is undefined the position is 0. A signal knows its own row: trade it at the
        next.

        Parameters
        ----------
        spread : array-like or pandas Series, optional
            That of the fit by default; with a spread no fit is needed.
        entry_threshold, exit_threshold : float
        zscore_window, zscore
            As in `zscore`.
        stop_threshold : float, optional
            Leave where z is further out than this, and open nothing there. After a stop nothing is
            opened on its side for as long as z stays beyond the entry threshold.
        max_holding : int, optional
            Leave after so many rows, and likewise.

        Returns
        -------
        Series of int
        """
        thresholds = Thresholds(entry_threshold, exit_threshold, stop_threshold, max_holding)
        z = self.zscore(spread, zscore_window=zscore_window, zscore=zscore)
        return pd.Series(threshold_positions(z.to_numpy(), thresholds), z.index, name="signal")

    @overload
    def plot(
        self, entry_threshold: float = ..., exit_threshold: float = ..., *,
        zscore_window: int = ..., zscore: str = ..., stop_threshold: float | None = ...,
        max_holding: int | None = ...,
    ) -> Figure: ...  # fmt: skip

    @overload
    def plot(
        self, entry_threshold: float = ..., exit_threshold: float = ..., *,
        zscore_window: int = ..., zscore: str = ..., stop_threshold: float | None = ...,
        max_holding: int | None = ..., ax: Axes,
    ) -> Axes: ...  # fmt: skip

    def plot(
        self,
        entry_threshold: float = 2.0,
        exit_threshold: float = 0.5,
        *,
        zscore_window: int = 20,
        zscore: str = "rolling",
        stop_threshold: float | None = None,
        max_holding: int | None = None,
        ax: Axes | None = None,
    ) -> Figure | Axes:
        """Plot prices, hedge ratio with its band, and z-score with thresholds and trades.

        Returns
        -------
        Figure or Axes
            A new figure, which is returned and not shown; or `ax`, divided into three panels.
        """
        fitted = self._require()
        signals = self.generate_signals(
            entry_threshold=entry_threshold, exit_threshold=exit_threshold,
            zscore_window=zscore_window, zscore=zscore, stop_threshold=stop_threshold,
            max_holding=max_holding,
        )  # fmt: skip
        return pairs_figure(
            fitted.pair,
            self.hedge,
            self.zscore(zscore_window=zscore_window, zscore=zscore),
            signals,
            (entry_threshold, exit_threshold),
            "log price" if self.log_prices else "price",
            ax,
        )


def _warn_of_rounding(fitted: HedgeFit) -> None:
    rounding = is_rounding(fitted, fitted.window)
    if rounding.mean() > 0.5:
        warnings.warn(
            f"{fitted.pair.name} and {', '.join(fitted.pair.hedges)} move as one but for the "
            f"rounding of their prices in {rounding.sum():,} of {len(rounding):,} rows: there is "
            "no spread to trade, and signals are 0 there.",
            UserWarning,
            stacklevel=3,
        )
