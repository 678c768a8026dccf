r"""The posterior of a Sharpe ratio: the model, from returns to the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.location_scale import sample_asymmetric_t, sample_student_t
from puffin.inference.normal_errors import sample_normal
from puffin.inference.settings import Seed
from puffin.models.settings import sampling_settings
from puffin.models.sharpe.annualisation import AnnualRatio
from puffin.models.sharpe.counted import ExcessReturns, count, misfit
from puffin.models.sharpe.hurdle import draw_activity
from puffin.models.sharpe.influence import score
from puffin.models.sharpe.notes import dependence_notes, fit_notes, misfit_words
from puffin.models.sharpe.priors import SharpePriors
from puffin.models.sharpe.result import SharpePosterior, summarise_sharpe
from puffin.models.sharpe.smoothing import smoothing_notes
from puffin.models.sharpe.terms import SharpeTerms, sharpe_terms
from puffin.posterior import Posterior, diagnose, warn_unless_converged
from puffin.validation import ReturnSeries, as_returns
from puffin.validation.flat import check_active, flat_value, repeated_value
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["bayesian_sharpe", "sharpe_posterior"]

Sampler = Callable[..., Draws]

_SAMPLERS: Mapping[str, Sampler] = {
    "normal": sample_normal,
    "student": sample_student_t,
    "asymmetric": sample_asymmetric_t,
}
_FEWEST_SURPRISED, _EXACT = 4, 1.0 - 1e-10


def bayesian_sharpe(
    returns: Any,
    samples: int = 5000,
    risk_free_rate: float = 0.0,
    *,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    distribution: str = "asymmetric",
    autocorrelation: str = "counted",
    priors: SharpePriors | None = None,
    date: str | None = None,
    engine: str = "native",
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> SharpePosterior:
    r"""Return the posterior of the annual Sharpe ratio of one series of returns.

    Excess returns have mean mu, standard deviation sd and errors of a law with mean 0 and variance
    1, by default a Student-t whose two sides have a scale and a tail each (`puffin.laws`), and

    .. math:: S = \sqrt{q} \, \frac{\mu}{sd}

    with q periods in a year. The priors are those of `SharpePriors`.

    Real returns are neither independent nor quite of any law. By default, therefore, both are
    looked at, and the result says what came of it (`note`, `dependence_factor`, `sample_weight`):

    - Where returns hang together in time (losses in clusters, smoothed values), their sum varies
      more than that of independent ones, and the posterior is wider by as much as their influences
      on S show (`puffin.models.sharpe.dependence`).
    - Where the law does not fit, so that the sample's mean or Sharpe ratio is more than a quarter
      of a standard error from its own, the answer is drawn to the sample's, all the way from three
      quarters on (`puffin.models.sharpe.sample_moments`). So it is for sellers of options.

    In worlds made of real series, where the true ratio is known, 94% intervals then hold it in 91
    to 96% of samples; benchmarks/coverage.md has the table.

    Widening says how much less is known, not what a year is. Where each return is like the one
    before, as those of smoothed values are, the ratio of yearly returns is lower than sqrt(q) says;
    the note says by how much (`puffin.models.sharpe.smoothing`).

    With ``autocorrelation="ignore"`` the posterior is that of independent returns to the letter.
    With ``"ar1"`` returns are :math:`r_t - \mu = \rho (r_{t-1} - \mu) + e_t`, conditional on the
    first, and S is annualised with the factor of Lo (2002): it is the ratio of yearly returns, not
    the usual one of :math:`\sqrt q`.

    Where one value is repeated in more than a twentieth of the returns (a strategy that is flat at
    times), a density would take it for its centre (`flat_value`). Then a hurdle model is used, and
    `model` says so: the strategy is active with probability p ~ Beta(1, 1), and active returns have
    the law. With flat excess returns c (zero if the risk-free rate is), the mean is
    :math:`m = p \mu + (1 - p) c` and the variance :math:`p (sd^2 + \mu^2) + (1 - p) c^2 - m^2`.

    Parameters
    ----------
    returns : array-like, pandas Series or polars Series, of shape (n_observations,)
        Simple returns, as fractions.
    samples : int, default 5000
        Draws of each chain.
    risk_free_rate : float, default 0
        Annual, as a fraction; converted to the rate of a period that compounds to it.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.
    hdi_prob : float, default 0.94
        Probability of the highest-density interval.
    distribution : {"asymmetric", "student", "normal"}
        The law of errors.
    autocorrelation : {"counted", "ignore", "ar1"}
    priors : SharpePriors, optional
    date : str, optional
        The column of dates, in a frame of polars or pandas.
    engine : {"native", "pymc"}
        The native engine is independence Metropolis; it needs no tuning and ignores `tune`.
    tune, chains, cores, random_seed, progressbar
        As in every model: warm-up, chains, threads, seed, and whether to show progress.

    Returns
    -------
    SharpePosterior

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message says which and what to do.
    ImportError
        If `engine` is "pymc" and PyMC is not installed.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> sharpe = pf.bayesian_sharpe(returns, random_seed=1)
    >>> print(round(sharpe["mean"], 1), round(sharpe["prob_positive"], 1))
    0.2 0.9
    """
    terms = sharpe_terms(
        risk_free_rate=risk_free_rate, periods_per_year=periods_per_year, hdi_prob=hdi_prob,
        distribution=distribution, autocorrelation=autocorrelation, priors=priors, engine=engine,
        settings=sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        ),
    )  # fmt: skip
    series = as_returns(returns, date=date, minimum=terms.least_observations)
    sharpe = sharpe_posterior(series, terms)
    warn_unless_converged({"sharpe": sharpe.diagnostics}, sharpe.draws.size)
    return sharpe


def sharpe_posterior(series: ReturnSeries, terms: SharpeTerms) -> SharpePosterior:
    """Return the posterior that `bayesian_sharpe` does, of clean returns and without warnings."""
    periods = terms.periods_per_year or series.periods_per_year
    rate = period_risk_free_rate(terms.risk_free_rate, periods)
    flat = _flat_value(series.values, terms)
    returns = _excess_returns(series.values, rate, flat, terms.priors)
    ratio = AnnualRatio(periods, 0.0 if flat is None else flat - rate)
    draws = _draw(returns, terms)
    finding = _judge(draws.variables, ratio, returns, terms)
    variables = {**draws.variables, **finding.variables}
    variables["sharpe"] = ratio(variables)
    posterior = Posterior(
        variables=variables,
        method=draws.method,
        engine=terms.engine,
        dims={"excess_returns": ["time"]},
        coords={"time": series.labels},
        observed={"excess_returns": returns.values},
        statistics=draws.statistics,
        report=draws.report,
        log_prior=terms.priors.log_density(variables, returns.scale),
    )
    diagnostics = diagnose(variables["sharpe"])
    excess = returns.values
    return SharpePosterior(
        posterior,
        series.name,
        {
            **summarise_sharpe(variables["sharpe"], terms.hdi_prob),
            "hdi_prob": terms.hdi_prob,
            "sample_sharpe": float(np.sqrt(periods) * excess.mean() / excess.std(ddof=1)),
            "periods_per_year": periods,
            "risk_free_rate": terms.risk_free_rate,
            "n_observations": int(excess.size),
            "flat": flat,
            "ess": _finite(diagnostics["ess_bulk"]),
            "r_hat": _finite(diagnostics["r_hat"]),
            "model": _name(returns, terms),
            "distribution": terms.law.name,
            "dependence_factor": finding.dependence_factor,
            "sample_weight": finding.sample_weight,
            "unit_doubt": series.unit_doubt if series.other_units else None,
            "note": " ".join(filter(None, [_unit_note(series), finding.note])) or None,
            "method": posterior.method,
            "engine": terms.engine,
        },
        finding.influence,
    )


def _unit_note(series: ReturnSeries) -> str:
    """Say that a series does not look like returns, on which all that is said rests."""
    return f"What was given {series.unit_doubt}" if series.unit_doubt else ""


def _flat_value(values: Array, terms: SharpeTerms) -> float | None:
    """Return the return of periods without a position, if there are any."""
    if not terms.autoregressive:
        return flat_value(values)
    _check_surprises(values)
    repeated = repeated_value(values)
    if repeated is not None:
        raise ValueError(
            f"autocorrelation='ar1' is not defined for returns that are {repeated:g} on most days; "
            "use autocorrelation='counted'."
        )
    return None


def _check_surprises(values: Array) -> None:
    """Refuse returns that follow from the one before to the letter: an AR(1) fits them exactly."""
    before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
    most = float(np.linalg.norm(before) * np.linalg.norm(after))
    if values.size > _FEWEST_SURPRISED and abs(float(before @ after)) > _EXACT * most > 0.0:
        raise ValueError(
            "each return follows from the one before it, so that autocorrelation='ar1' leaves "
            "nothing to chance; use autocorrelation='counted'."
        )


def _excess_returns(
    values: Array, rate: float, flat: float | None, priors: SharpePriors
) -> ExcessReturns:
    active = np.ones(values.size, np.bool_) if flat is None else values != flat
    excess = values - rate
    if flat is not None:
        check_active(excess[active])
    return ExcessReturns(excess, active, priors.unit(excess[active]))


def _name(returns: ExcessReturns, terms: SharpeTerms) -> str:
    label = f"{terms.law.label} AR(1)" if terms.autoregressive else terms.law.label
    if returns.active.all():
        return label
    return f"hurdle {label} (flat on {1.0 - returns.active.mean():.0%} of periods)"


def _finite(value: float) -> float | None:
    return value if 0.0 < value < float("inf") else None


def _draw(returns: ExcessReturns, terms: SharpeTerms) -> Draws:
    """Draw mu and sd in the units of the returns, the shape, and rho or prob_active."""
    sample = _SAMPLERS[terms.law.name]
    if terms.engine == "pymc":
        from puffin.models._pymc.location_scale import SAMPLERS

        sample = SAMPLERS[terms.law.name]
    draws = sample(
        returns.values[returns.active] / returns.scale,
        terms.priors.of_sampler,
        terms.settings,
        autoregressive=terms.autoregressive,
    )
    variables = dict(draws.variables)
    for name in ("mu", "sd"):
        variables[name] = returns.scale * variables[name]
    if not returns.active.all():
        variables["prob_active"] = draw_activity(
            int(returns.active.sum()), returns.active.size, terms.settings
        )
    return replace(draws, variables=variables)


@dataclass(frozen=True)
class _Finding:
    """What was found of the law's fit and of the dependence, and what it changes."""

    influence: Array
    variables: Mapping[str, Array]
    dependence_factor: float = 1.0
    sample_weight: float = 0.0
    note: str | None = None


def _judge(
    variables: Mapping[str, Array], ratio: AnnualRatio, returns: ExcessReturns, terms: SharpeTerms
) -> _Finding:
    scores = score(terms.law, variables, returns.values, returns.active)
    if terms.autocorrelation != "counted":
        influence = scores.influence(ratio(variables).ravel())
        if terms.autoregressive:
            return _Finding(influence, {})
        *_, weight = misfit(variables, ratio, scores, returns, terms.priors)
        fits = [f"{misfit_words(terms.law)}."] if weight > 0.0 else []
        notes = [*fits, *smoothing_notes(returns.values, ratio.periods)]
        return _Finding(influence, {}, note=" ".join(notes) or None)
    counted = count(variables, ratio, scores, returns, terms.priors, terms.settings)
    notes = [
        *fit_notes(terms.law, counted.sample_weight),
        *dependence_notes(counted.dependence),
        *smoothing_notes(returns.values, ratio.periods),
    ]
    return _Finding(
        counted.influence,
        counted.variables,
        counted.dependence.factor,
        counted.sample_weight,
        " ".join(notes) or None,
    )
