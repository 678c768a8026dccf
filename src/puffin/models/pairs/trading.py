"""Hedge ratios that move, and the signals that trade their spread."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed, Settings
from puffin.models.pairs.autocorrelation import AutocorrelationWarning, warn_of_autocorrelation
from puffin.models.pairs.hedge_fit import (
    HedgeFit,
    hedge_table,
    held_spread,
    next_coefficients,
    path_table,
)
from puffin.models.pairs.hedge_stability import (
    FEWEST_WINDOWS,
    disjoint_windows,
    hedge_variations,
    stability_table,
)
from puffin.models.pairs.hedging import (
    DynamicHedge,
    path_posterior,
    rolling_hedge,
    state_space_hedge,
)
from puffin.models.pairs.mean_reversion import MeanReversion, mean_reversion
from puffin.models.pairs.plot import pairs_figure
from puffin.models.pairs.priors import PairsPriors
from puffin.models.pairs.signals import Thresholds, rolling_zscore, threshold_positions
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.posterior import NotFittedError, Posterior
from puffin.validation import (
    DataLike,
    as_pair,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
    choice,
    positive_integer,
    positive_number,
    probability,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["AutocorrelationWarning", "BayesianPairsTrading"]


class BayesianPairsTrading:
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
        PyMC fits the model anew for each row: hours. For tests, and short series.
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
        if not isinstance(log_prices, bool | np.bool_):
            raise TypeError(f"log_prices must be True or False; found {log_prices!r}.")
        self.log_prices = bool(log_prices)
        self._fitted: HedgeFit | None = None
        self._table: pd.DataFrame | None = None

    def __repr__(self) -> str:
        return (
            f"BayesianPairsTrading(method={self.method!r}, engine={self.engine!r}, "
            f"errors={self.errors!r}, log_prices={self.log_prices})"
        )

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
            Rows that each regression sees; with the state space, the warm-up, from which it has its
            units.
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
        if self.log_prices:
            check_positive(pair)
            pair = replace(pair, y=np.log(pair.y), X=np.log(pair.X))
        seen = pair if self.method == "rolling" else pair.until(window)
        check_moves(seen, window)
        rows = pair.complete
        hedge = self._hedge(pair.X[rows], pair.y[rows], window, settings)
        self._fitted = HedgeFit(pair, window, settings, hedge)
        self._table = hedge_table(self._fitted)
        self.__dict__.pop("posterior", None)
        self.__dict__.pop("mean_reversion", None)
        if self.errors == "iid":
            warn_of_autocorrelation(hedge.autocorrelation, window, stacklevel=2)
        return self._table.copy()

    def _hedge(self, X: Array, y: Array, window: int, settings: Settings) -> DynamicHedge:
        if self.method == "rolling":
            return rolling_hedge(
                X, y, window, self.priors, self.engine, settings,
                autoregressive=self.errors == "ar1",
            )  # fmt: skip
        return state_space_hedge(X, y, window, self.priors, self.engine, settings)

    def _require(self) -> HedgeFit:
        if self._fitted is None:
            raise NotFittedError(
                "This BayesianPairsTrading is not fitted; call fit_dynamic_hedge first."
            )
        return self._fitted

    @property
    def hedge(self) -> pd.DataFrame:
        """Hedge ratio, spread and forecast of each row."""
        self._require()
        assert self._table is not None
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
        """
        choice("zscore", zscore, ("rolling", "forecast"))
        window = positive_integer("zscore_window", zscore_window, minimum=2)
        if zscore == "forecast":
            if spread is not None:
                raise ValueError(
                    "zscore='forecast' uses the forecast errors of the fit; leave spread out."
                )
            return self.hedge["forecast_error"].rename("zscore")
        values, index = as_spread(self.spread if spread is None else spread)
        return pd.Series(rolling_zscore(values, window), index, name="zscore")

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

    @functools.cached_property
    def mean_reversion(self) -> MeanReversion:
        r"""Whether the spread returns to its mean, and how soon.

        Of the spread as one who holds it sees it,
        :math:`\sum (\Delta y_t - h_t' \Delta x_t)`, each step with the hedge ratio that was known
        before it. If y and x are independent random walks so is this, however the hedge ratio was
        fitted to them: with 500 rows and a window of 60 the probability is above one half for 1% of
        such pairs, by any method. Where the true spread is an AR(1) around a steady hedge ratio it
        is above one half for 97% at a coefficient of 0.8, whose half-life of 3.1 is put at 5.5, and
        for 29% at 0.95. With ``errors="ar1"`` these are 100%, at 4.2, and 74%; with the state space
        100%, at 3.6, and 78%.

        The column `spread` would not do: there a change of the hedge ratio moves the spread by the
        whole price of x, and hides a mean reversion that is there. Nor would the forecast errors,
        which are those of a regression: they look stationary for 79% to 100% of pairs of walks.

        Raises
        ------
        ValueError
            If there are fewer than 10 rows after the window.
        """
        return mean_reversion(held_spread(self._require()))

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
        if self.method != "state-space":
            raise ValueError(
                "posterior is of method='state-space'; the rolling regressions are not drawn from, "
                "their moments are exact."
            )
        return path_posterior(fitted.pair, fitted.window, self.priors, fitted.settings)

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
        variations = hedge_variations(self._require(), self.priors)
        return stability_table(variations, tolerance, hdi_prob)

    def plot(
        self,
        entry_threshold: float = 2.0,
        exit_threshold: float = 0.5,
        *,
        zscore_window: int = 20,
        zscore: str = "rolling",
        stop_threshold: float | None = None,
        max_holding: int | None = None,
    ) -> Figure:
        """Plot prices, hedge ratio with its band, and z-score with thresholds and trades."""
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
        )
