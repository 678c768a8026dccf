"""How much each strategy moves: now, in the next period, and usually."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.findings.each import estimate_each
from puffin.findings.leaning import Leaning, Told
from puffin.findings.progress import Progress
from puffin.findings.quantity import Quantity, SkewedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.findings.turning_points import turning_points
from puffin.models.volatility import (
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    VolatilityForecast,
)
from puffin.models.volatility.observed import NotObservedWarning
from puffin.models.volatility.paths import volatility_table
from puffin.models.volatility.regime import REGIMES, regime_probabilities
from puffin.posterior import PowerScaling
from puffin.realized import garman_klass, parkinson
from puffin.risk import TailRisk, tail_risk
from puffin.showing.checks import draws_are_fine
from puffin.showing.periods import period_label

__all__ = [
    "Volatility",
    "estimate_volatility",
    "log_returns",
    "range_measure",
    "volatilities",
]

_MOST_SHOWN = 240
_LIKELY = 0.5
_LATE = 4


@dataclass(frozen=True)
class Volatility:
    """What is known of the volatility of one series, per period and in the returns' unit.

    Attributes
    ----------
    returns : Series
        NaN in periods that count as not observed, as where a strategy is flat.
    path : DataFrame
        Columns mean, hdi_low and hdi_high, given all returns. Of a long series at the peaks and
        troughs of the mean only, as many as a figure can show; the last period is among them.
    late : DataFrame
        The same, whole, in the last periods: four times as many as are forecast.
    now : Quantity
        In the last period of the returns.
    next_period : Quantity
    forecast : VolatilityForecast or None
        Of as many periods as were asked for; None where sampling failed.
    parameters : mapping of str to Quantity
        Of mean, mu, phi, sigma, the law's shape parameters and rho, those that the model has, and
        of a measure's.
    typical : SkewedQuantity or None
        exp(mu / 2).
    half_life : SkewedQuantity or None
        Periods until half of a change of log-variance is gone.
    regime : {"low", "normal", "high"}
        The most probable one in the last period.
    regime_probability : float
    periods_per_year : float
        Of those at which it is observed: filled weekends are none.
    share_flat : float
        Of the periods: those that count as not observed.
    note : str
        Why they do; empty where all count.
    model : str
        The distribution of the errors, and what is known beside returns, in words.
    method : str
        What made the draws.
    is_fallback : bool
        Whether sampling failed, so that only a path and the next period are known.
    ess, r_hat, acceptance, pareto_k_hat : float
        The sampler's diagnostics, NaN where there are none.
    n_draws : int
    regimes : Series
        The most probable regime of every period, given all returns.
    jumps : DataFrame or None
        Periods that more likely than not had a jump, with its probability and expected size; None
        where the model has no jumps.
    tail_risk : TailRisk or None
        Of the next period; None where sampling failed.
    log_prior : ndarray or None
        Log density of the prior at each draw; None where sampling failed.
    told : tuple of Told
        What is said of it, with the draws: see `leaning`.
    """

    returns: pd.Series[float]
    path: pd.DataFrame
    late: pd.DataFrame
    now: Quantity
    next_period: Quantity
    forecast: VolatilityForecast | None
    parameters: Mapping[str, Quantity]
    typical: SkewedQuantity | None
    half_life: SkewedQuantity | None
    regime: str
    regime_probability: float
    periods_per_year: float
    share_flat: float
    note: str
    model: str
    method: str
    is_fallback: bool
    ess: float
    r_hat: float
    acceptance: float
    pareto_k_hat: float
    n_draws: int
    regimes: pd.Series[str]
    jumps: pd.DataFrame | None = None
    tail_risk: TailRisk | None = None
    log_prior: Array | None = None
    told: tuple[Told, ...] = ()

    @property
    def leaning(self) -> list[Leaning]:
        """How much what is said leans on the prior; worked out for whoever shows it."""
        if self.log_prior is None:
            return []
        scaling = PowerScaling.of(self.log_prior)
        return [Leaning(one.label, scaling.sensitivity(one.draws), one.kind) for one in self.told]

    @property
    def n_observations(self) -> int:
        """The number of returns that were modelled."""
        return int(self.returns.count())

    @property
    def is_fine(self) -> bool:
        """Whether the model's own draws were made, and can be relied on."""
        return not self.is_fallback and draws_are_fine(self.ess, self.r_hat)

    @property
    def last_label(self) -> str:
        """The date of the last period, or the number of its row."""
        return period_label(self.returns.index[-1])


def log_returns(returns: pd.Series[float]) -> pd.Series[float]:
    """Return ln(1 + return), which volatility models are for.

    Raises
    ------
    ValueError
        If a return is -100% or less.
    """
    if (returns <= -1.0).any():
        raise ValueError("a return of -100% or less has no logarithm, and so no volatility here.")
    return pd.Series(np.log1p(returns.to_numpy()), returns.index, name=returns.name)


def range_measure(bars: pd.DataFrame) -> pd.Series[float]:
    """Return the variance of each period by its range: Garman & Klass's where there are opens.

    Raises
    ------
    ValueError
        If there is no high or no low, or a row is no bar.
    """
    return garman_klass(bars) if "open" in bars else parkinson(bars)


def volatilities(
    returns: Mapping[str, pd.Series[float]],
    settings: AnalysisSettings,
    progress: Progress,
    measures: Mapping[str, pd.Series[float]] | None = None,
) -> tuple[dict[str, Volatility], dict[str, str]]:
    """Return the volatility of each series of returns as given, and why some have none.

    Parameters
    ----------
    returns, settings, progress
    measures : mapping of str to Series, optional
        A realised measure of the variance of those series that have one.
    """
    known = measures or {}

    def estimate(series: pd.Series[float], settings: AnalysisSettings) -> Volatility:
        return _with_named_warnings(series, settings, known.get(str(series.name)))

    return estimate_each(returns, "Volatility of", estimate, settings, progress)


def _with_named_warnings(
    returns: pd.Series[float], settings: AnalysisSettings, measure: pd.Series[float] | None
) -> Volatility:
    """Estimate, with warnings that say which of several series they are about."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        volatility = estimate_volatility(returns, settings, measure)
    for one in caught:
        warnings.warn(f"Volatility of {returns.name}: {one.message}", one.category, stacklevel=3)
    return volatility


def estimate_volatility(
    returns: pd.Series[float],
    settings: AnalysisSettings,
    measure: pd.Series[float] | None = None,
) -> Volatility:
    """Fit a stochastic volatility model, perhaps to a measure too, and return what it says.

    Raises
    ------
    ValueError
        If there are fewer than five returns, or none that differs.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotObservedWarning)  # the note is among the doubts
        model = _fitted(returns, settings, measure)
    hidden = model.fitted.taken.hidden
    return _summarise(model, returns.mask(hidden), settings, measure)


def _fitted(
    returns: pd.Series[float], settings: AnalysisSettings, measure: pd.Series[float] | None
) -> StochasticVolatilityModel:
    asked, engine = settings.volatility, settings.engine
    seed, cores = settings.seed, settings.cores
    if measure is None:
        alone = StochasticVolatilityModel(
            asked.distribution, asked.leverage, engine=engine, jumps=asked.jumps
        )
        return alone.fit(returns, asked.samples, cores=cores, random_seed=seed)
    measured = RealizedVolatilityBayes(
        asked.distribution, asked.leverage, engine=engine, jumps=asked.jumps
    )
    return measured.fit(returns, asked.samples, measures=measure, cores=cores, random_seed=seed)


def _summarise(
    model: StochasticVolatilityModel,
    returns: pd.Series[float],
    settings: AnalysisSettings,
    measure: pd.Series[float] | None,
) -> Volatility:
    hdi_prob, posterior = settings.hdi_prob, model.posterior
    states, facts = model.fitted.flat_states, model.diagnostics
    shown = turning_points(model.volatility_path, _MOST_SHOWN)
    late = np.arange(len(returns))[-_LATE * settings.volatility.horizon - 1 :]
    parameters = {
        name: Quantity.of(posterior.flat(name), hdi_prob)
        for name in model.fitted.draws.parameter_names()
    }
    has_dynamics = "phi" in parameters
    probabilities = regime_probabilities(model.fitted)
    likely = np.array(REGIMES)[np.argmax(probabilities, axis=0)]
    return Volatility(
        returns=returns,
        path=_path(model, returns, shown, hdi_prob),
        late=_path(model, returns, late, hdi_prob),
        now=Quantity.of(np.exp(0.5 * states[:, -1].astype(np.float64)), hdi_prob),
        next_period=Quantity.of(np.exp(0.5 * posterior.flat("h_next")), hdi_prob),
        forecast=_forecast(model, settings) if has_dynamics else None,
        parameters=parameters,
        typical=SkewedQuantity.of(_level, posterior.flat("mu"), hdi_prob) if has_dynamics else None,
        half_life=SkewedQuantity.of(_periods_to_half, posterior.flat("phi"), hdi_prob)
        if has_dynamics
        else None,
        regime=str(likely[-1]),
        regime_probability=float(probabilities[:, -1].max()),
        periods_per_year=settings.periods_of(str(returns.name)) * model.fitted.share_of_year,
        share_flat=float(returns.isna().mean()),
        note=model.note,
        model=_in_words(model, measure),
        method=model.method,
        is_fallback=not has_dynamics,
        ess=min(facts.get("ess_bulk", math.nan), facts.get("ess_tail", math.nan)),
        r_hat=facts.get("r_hat", math.nan),
        acceptance=facts.get("acceptance", math.nan),
        pareto_k_hat=facts.get("pareto_k_hat", math.nan),
        n_draws=posterior.flat("h_next").size,
        regimes=pd.Series(likely, returns.index),
        jumps=_likely_jumps(model) if model.jumps and has_dynamics else None,
        tail_risk=tail_risk(model, loss=settings.volatility.loss) if has_dynamics else None,
        log_prior=_log_prior(model) if has_dynamics else None,
        told=_told(model) if has_dynamics else (),
    )


def _path(
    model: StochasticVolatilityModel,
    returns: pd.Series[float],
    rows: NDArray[np.intp],
    hdi_prob: float,
) -> pd.DataFrame:
    """Return the posterior of the volatility in these rows."""
    states, path = model.fitted.flat_states[:, rows], model.volatility_path[rows]
    return volatility_table(states, path, hdi_prob).set_axis(returns.index[rows])


def _log_prior(model: StochasticVolatilityModel) -> Array:
    draws = model.fitted.draws
    return draws.unit.log_prior_of_all(draws.variables, draws.parameter_names(), model.priors)


def _told(model: StochasticVolatilityModel) -> tuple[Told, ...]:
    draws = model.fitted.draws.variables
    return (
        Told("volatility of the next period", np.exp(0.5 * draws["h_next"]), "small_percent"),
        Told("typical volatility", np.exp(0.5 * draws["mu"]), "small_percent"),
        Told("persistence of volatility φ", draws["phi"], "decimal"),
    )


def _likely_jumps(model: StochasticVolatilityModel) -> pd.DataFrame:
    table = model.jump_probability()
    return table.loc[table["probability"] > _LIKELY]


def _in_words(model: StochasticVolatilityModel, measure: pd.Series[float] | None) -> str:
    said = f"{model.law.label} errors" + (" with leverage" if model.leverage else "")
    if measure is None:
        return said
    return f"{said}, and {str(measure.name).replace('_', '-').title()} ranges"


def _level(mu: float) -> float:
    return math.exp(0.5 * mu)


def _periods_to_half(phi: float) -> float:
    # Without persistence a shock is gone in the next period.
    return math.log(0.5) / math.log(phi) if phi > 0.0 else 0.0


def _forecast(model: StochasticVolatilityModel, settings: AnalysisSettings) -> VolatilityForecast:
    tail = round(0.5 * (1.0 - settings.hdi_prob), 6)
    levels = sorted({tail, 0.25, 0.5, 0.75, round(1.0 - tail, 6)})
    return model.forecast(settings.volatility.horizon, levels)
