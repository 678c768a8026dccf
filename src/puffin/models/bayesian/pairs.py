"""Hedge ratios that move, and the signals that trade their spread."""

from __future__ import annotations

import functools
import math
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.inference.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed, Settings
from puffin.models.bayesian.hedge_stability import stability_table, variation_between_windows
from puffin.models.bayesian.hedging import (
    DynamicHedge,
    coefficient_paths,
    hedge_steps,
    rolling_hedge,
    state_space_hedge,
)
from puffin.models.bayesian.mean_reversion import MeanReversion, mean_reversion
from puffin.models.bayesian.pairs_plot import pairs_figure
from puffin.models.bayesian.pairs_priors import PairsPriors
from puffin.models.bayesian.signals import rolling_zscore, threshold_positions
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.posterior import NotFittedError, Posterior
from puffin.validation import (
    PairPrices,
    as_pair,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = NDArray[np.intp]

__all__ = ["AutocorrelationWarning", "BayesianPairsTrading"]

_MOST_PATHS = 200_000_000 // 4
_FEWEST_WINDOWS = 3


class AutocorrelationWarning(UserWarning):
    """Residuals are autocorrelated, so that intervals which take them for independent mislead."""


@dataclass(frozen=True)
class _Fitted:
    """What `fit_dynamic_hedge` leaves: the prices of complete rows, and what is known of them."""

    pair: PairPrices
    rows: Rows
    y: Array
    X: Array
    window: int
    settings: Settings
    hedge: DynamicHedge
    table: pd.DataFrame


class BayesianPairsTrading:
    r"""A pair, or a basket: :math:`y_t = \alpha_t + \beta_t' x_t + e_t`, where beta is the hedge.

    ``method="rolling"``: a linear regression in each window (priors of `PairsPriors`), its exact
    posterior by quadrature, no sampling (`puffin.inference.rolling_regression`). With
    ``errors="ar1"`` its errors are autocorrelated, as a spread's are: intervals that take them for
    independent are far too narrow (of 94% intervals 55% hold the true hedge ratio at an
    autocorrelation of 0.8 and a window of 60; with ``"ar1"`` 95%).

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
        self._fitted: _Fitted | None = None

    def __repr__(self) -> str:
        return (
            f"BayesianPairsTrading(method={self.method!r}, engine={self.engine!r}, "
            f"errors={self.errors!r}, log_prices={self.log_prices})"
        )

    def fit_dynamic_hedge(
        self,
        y: Any,
        x: Any,
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
        if self.method == "rolling":
            check_moves(pair, window)
        else:
            check_moves(_warm_up(pair, window), window)
        rows = pair.complete
        X, target = pair.X[rows], pair.y[rows]
        hedge = self._hedge(X, target, window, settings)
        table = _table(pair, rows, window, hedge)
        self._fitted = _Fitted(pair, rows, target, X, window, settings, hedge, table)
        self.__dict__.pop("posterior", None)
        self.__dict__.pop("mean_reversion", None)
        if self.errors == "iid":
            _warn_of_autocorrelation(hedge.autocorrelation, window)
        return table.copy()

    def _hedge(self, X: Array, y: Array, window: int, settings: Settings) -> DynamicHedge:
        if self.method == "rolling":
            return rolling_hedge(
                X, y, window, self.priors, self.engine, settings,
                autoregressive=self.errors == "ar1",
            )  # fmt: skip
        return state_space_hedge(X, y, window, self.priors, self.engine, settings)

    def _require(self) -> _Fitted:
        if self._fitted is None:
            raise NotFittedError(
                "This BayesianPairsTrading is not fitted; call fit_dynamic_hedge first."
            )
        return self._fitted

    @property
    def hedge(self) -> pd.DataFrame:
        """Hedge ratio, spread and forecast of each row."""
        return self._require().table.copy()

    @property
    def fitted_by(self) -> str:
        """What made the hedge ratios; "rolling least squares" where sampling failed."""
        return self._require().hedge.method

    @property
    def next_hedge(self) -> pd.Series[float]:
        """Hedge ratios and intercept for the date to come: all rows are known to it."""
        fitted = self._require()
        values = _coefficient_columns(fitted.pair, fitted.hedge.mean[-1:], fitted.hedge.sd[-1:])
        return pd.Series({name: float(column[0]) for name, column in values.items()})

    @property
    def spread(self) -> pd.Series[float]:
        """The spread, y - hedge ratio x, with the hedge ratio that was known before the row."""
        return self._require().table["spread"].copy()

    def zscore(
        self, spread: Any = None, *, zscore_window: int = 20, zscore: str = "rolling"
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
            return self._require().table["forecast_error"].rename("zscore")
        values, index = as_spread(self.spread if spread is None else spread)
        return pd.Series(rolling_zscore(values, window), index, name="zscore")

    def generate_signals(
        self,
        spread: Any = None,
        entry_threshold: float = 2.0,
        exit_threshold: float = 0.5,
        *,
        zscore_window: int = 20,
        zscore: str = "rolling",
        stop_threshold: float | None = None,
        max_holding: int | None = None,
    ) -> pd.Series[int]:
        r"""Return positions in the spread: 1 is long y and short its hedge, -1 the reverse, 0 flat.

        A state machine: enter where \|z\| > entry_threshold, against the spread; hold; leave where
        \|z\| < exit_threshold. Beyond the opposite entry the position is turned round. Where z is
        undefined the position is 0. A signal knows its own row: trade it at the next.

        Parameters
        ----------
        spread : array-like or pandas Series, optional
            That of the fit by default; with a spread no fit is needed.
        entry_threshold, exit_threshold : float
        zscore_window, zscore
            As in `zscore`.
        stop_threshold : float, optional
            Leave where z is further out than this; no entry on that side until z has been within
            the entry threshold.
        max_holding : int, optional
            Leave after so many rows, and likewise.

        Returns
        -------
        Series of int
        """
        entry = positive_number("entry_threshold", entry_threshold)
        leave = finite_number("exit_threshold", exit_threshold)
        if not 0.0 <= leave < entry:
            raise ValueError(
                "exit_threshold must be at least 0 and below entry_threshold, which is "
                f"{entry:g}; found {leave:g}."
            )
        stop = math.inf
        if stop_threshold is not None:
            stop = positive_number("stop_threshold", stop_threshold)
            if stop <= entry:
                raise ValueError(
                    f"stop_threshold must be above entry_threshold, which is {entry:g}; found "
                    f"{stop:g}."
                )
        if max_holding is not None:
            max_holding = positive_integer("max_holding", max_holding)
        z = self.zscore(spread, zscore_window=zscore_window, zscore=zscore)
        positions = threshold_positions(z.to_numpy(), entry, leave, stop, max_holding)
        return pd.Series(positions, z.index, name="signal")

    @functools.cached_property
    def mean_reversion(self) -> MeanReversion:
        """Whether the spread of the fit returns to its mean, and how soon."""
        return mean_reversion(self.spread)

    @property
    def prob_mean_reverting(self) -> float:
        """Probability that the spread is stationary and not a random walk; one half a priori."""
        return self.mean_reversion.prob_mean_reverting

    @property
    def half_life(self) -> float:
        """Posterior median of the spread's half-life in rows, if it is mean-reverting."""
        return self.mean_reversion.half_life

    def hedge_path(self, kind: str = "filtered") -> pd.DataFrame:
        """Return mean and standard deviation of the state space's hedge ratios at each row.

        Parameters
        ----------
        kind : {"filtered", "smoothed"}
            Given the rows up to and with the row itself, or given all: hindsight, not for trading.
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
        table = pd.DataFrame(index=fitted.pair.index)
        for i, suffix in enumerate(_suffixes(fitted.pair)):
            for name, values in (("mean", mean), ("std", sd)):
                table[f"hedge_ratio_{name}{suffix}"] = _at(
                    fitted.rows, values[:, i], fitted.pair.index.size
                )
        return table

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
        per_draw = fitted.settings.chains * fitted.y.size * (1 + fitted.X.shape[1])
        settings = replace(
            fitted.settings, draws=min(fitted.settings.draws, max(1, _MOST_PATHS // per_draw))
        )
        variables = coefficient_paths(fitted.X, fitted.y, fitted.window, self.priors, settings)
        return Posterior(
            variables=variables,
            method="forward filtering, backward sampling",
            engine="native",
            dims={
                "intercept": ["time"],
                "hedge_ratio": ["time", "hedge"],
                "y": ["time"],
                "x": ["time", "hedge"],
            },
            coords={
                "time": np.asarray(fitted.pair.index[fitted.rows]),
                "hedge": list(fitted.pair.hedges),
            },
            observed={"y": fitted.y, "x": fitted.X},
        )

    @property
    def has_stability(self) -> bool:
        """Whether there are windows enough for `hedge_stability`."""
        fitted = self._require()
        windows = -(-len(fitted.hedge.mean) // fitted.window)
        return fitted.hedge.filtered_mean is not None or windows >= _FEWEST_WINDOWS

    def hedge_stability(self, tolerance: float = 0.1, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Say how much the hedge ratio changes from one window to the next, as a posterior.

        The variation is relative to the size of the hedge ratio. Rolling: the standard deviation
        between disjoint windows, net of what each window does not know
        (`variation_between_windows`). State space: the standard deviation of the random walk over
        a window, at the end of the sample.

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
        fitted = self._require()
        if fitted.hedge.filtered_mean is not None:
            return stability_table(self._walk_variation(), tolerance, hdi_prob)
        disjoint = slice(None, None, fitted.window)
        mean, sd = fitted.hedge.mean[disjoint, 1:], fitted.hedge.sd[disjoint, 1:]
        if not self.has_stability:
            raise ValueError(
                f"hedge_stability needs at least {_FEWEST_WINDOWS} disjoint windows; found "
                f"{len(mean)} of {fitted.window} rows."
            )
        variations = {
            name: variation_between_windows(mean[:, i], sd[:, i])
            for i, name in enumerate(fitted.pair.hedges)
        }
        return stability_table(variations, tolerance, hdi_prob)

    def _walk_variation(self) -> dict[str, Array]:
        fitted = self._require()
        steps = hedge_steps(fitted.X, fitted.y, fitted.window, self.priors, fitted.settings)
        variation = steps * math.sqrt(fitted.window) / np.abs(fitted.hedge.mean[:, 1:]).mean(axis=0)
        return {name: variation[:, i] for i, name in enumerate(fitted.pair.hedges)}

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
            fitted.table,
            self.zscore(zscore_window=zscore_window, zscore=zscore),
            signals,
            (entry_threshold, exit_threshold),
            "log price" if self.log_prices else "price",
        )


def _warm_up(pair: PairPrices, window: int) -> PairPrices:
    last = int(pair.complete[window - 1]) + 1
    return replace(pair, y=pair.y[:last], X=pair.X[:last], index=pair.index[:last])


def _suffixes(pair: PairPrices) -> list[str]:
    return [""] if len(pair.hedges) == 1 else [f"_{name}" for name in pair.hedges]


def _coefficient_columns(pair: PairPrices, mean: Array, sd: Array) -> dict[str, Array]:
    columns = {}
    for i, suffix in enumerate(_suffixes(pair), start=1):
        columns[f"hedge_ratio_mean{suffix}"] = mean[:, i]
        columns[f"hedge_ratio_std{suffix}"] = sd[:, i]
    columns["intercept_mean"] = mean[:, 0]
    return columns


def _at(rows: Rows, values: Array, size: int) -> Array:
    """Return an array of `size` with these values at `rows`, NaN elsewhere."""
    placed = np.full(size, np.nan)
    placed[rows] = values
    return placed


def _table(pair: PairPrices, rows: Rows, window: int, hedge: DynamicHedge) -> pd.DataFrame:
    rows = rows[window:]
    y, X = pair.y[rows], pair.X[rows]
    columns = _coefficient_columns(pair, hedge.mean[:-1], hedge.sd[:-1])
    intercept = columns.pop("intercept_mean")
    columns["spread"] = y - np.einsum("ti,ti->t", hedge.mean[:-1, 1:], X)
    columns["intercept_mean"] = intercept
    columns["forecast_mean"] = hedge.forecast_mean
    columns["forecast_sd"] = hedge.forecast_sd
    columns["forecast_error"] = (y - hedge.forecast_mean) / hedge.forecast_sd
    return pd.DataFrame(
        {name: _at(rows, values, pair.y.size) for name, values in columns.items()}, pair.index
    )


def _warn_of_autocorrelation(autocorrelation: float, window: int) -> None:
    """Warn where the residuals' autocorrelation is beyond two standard errors of none.

    With a hedge that is a random walk, the variance of its ratio is about (1 + r) / (1 - r) times
    what independent errors would give.
    """
    if autocorrelation <= 2.0 / math.sqrt(window):
        return
    narrow = math.sqrt((1.0 - autocorrelation) / (1.0 + autocorrelation))
    held = math.erf(1.8808 * narrow / math.sqrt(2.0))
    warnings.warn(
        f"Residuals within windows have an autocorrelation of {autocorrelation:.2f}: 94% intervals "
        f"that take them for independent hold the hedge ratio about {held:.0%} of the time. Use "
        "errors='ar1', or method='state-space'.",
        AutocorrelationWarning,
        stacklevel=3,
    )
