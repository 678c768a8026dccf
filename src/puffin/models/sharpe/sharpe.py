r"""The posterior of a Sharpe ratio."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from puffin.arrays import Array
from puffin.inference import student_t
from puffin.inference.draws import Draws
from puffin.inference.settings import Seed, Settings
from puffin.inference.student_t import LocationScalePrior
from puffin.laws.student_t import StudentT
from puffin.models.settings import (
    Scale,
    check_engine,
    check_priors,
    check_scale,
    sampling_settings,
)
from puffin.models.sharpe.annualisation import autocorrelated_annualisation
from puffin.models.sharpe.hurdle import draw_activity, hurdle_sharpe
from puffin.models.sharpe.influence import sharpe_influence
from puffin.posterior import (
    Posterior,
    diagnose,
    highest_density_interval,
    warn_unless_converged,
)
from puffin.posterior.plots import density_figure
from puffin.validation import (
    ReturnSeries,
    as_returns,
    choice,
    finite_number,
    positive_number,
    probability,
)
from puffin.validation import (
    periods_per_year as infer_periods_per_year,
)
from puffin.validation.flat import check_active, flat_value, repeated_value
from puffin.validation.risk_free_rate import period_risk_free_rate

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from xarray import DataTree

__all__ = [
    "SharpePosterior",
    "SharpePriors",
    "SharpeTerms",
    "bayesian_sharpe",
    "sharpe_posterior",
    "sharpe_terms",
]


@dataclass(frozen=True)
class SharpePriors:
    """Priors of the Sharpe ratio's model, on excess returns divided by `scale`.

    Attributes
    ----------
    mu_sd : float
        mu ~ Normal(0, mu_sd).
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd).
    nu_mean : float
        nu - 2 ~ Exponential with this mean.
    rho_sd : float
        rho ~ Normal(0, rho_sd) within (-1, 1), where autocorrelation is modelled.
    scale : "data" or float
        The standard deviation of the returns (ddof 0; weakly informative, and it does use the
        data), or a number in their units, which makes the model generative.
    """

    mu_sd: float = 2.0
    sigma_sd: float = 2.0
    nu_mean: float = 10.0
    rho_sd: float = 0.3
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("mu_sd", "sigma_sd", "nu_mean", "rho_sd"):
            positive_number(name, getattr(self, name))
        check_scale(self.scale)

    @property
    def sharpe_scale(self) -> float:
        """The scale of the Cauchy distribution that is the prior of mu over the spread."""
        return self.mu_sd / self.sigma_sd

    def __str__(self) -> str:
        unit = "the returns' standard deviation" if self.scale == "data" else f"{self.scale:g}"
        return (
            f"excess returns in units of {unit}:\n"
            f"  mu ~ Normal(0, {self.mu_sd:g})\n"
            f"  sigma ~ HalfNormal({self.sigma_sd:g})\n"
            f"  nu - 2 ~ Exponential(mean {self.nu_mean:g})\n"
            f"  rho ~ Normal(0, {self.rho_sd:g}) within (-1, 1), if modelled"
        )


class SharpePosterior(dict[str, Any]):
    """The posterior of an annual Sharpe ratio: a dict of its summary, and the draws behind it.

    Keys: `mean`, `std`, `hdi_low`, `hdi_high`, `prob_positive`; `hdi_prob`, `sample_sharpe` (the
    usual point estimate), `periods_per_year`, `risk_free_rate`, `n_observations`, `flat` (the
    return of the periods without a position, None where there is none of those), `ess` (bulk),
    `r_hat`, `model`, `method` (the sampler) and `engine`. All are plain Python values, so that
    `json.dumps(sharpe)` and `pandas.DataFrame([sharpe])` take it; `ess` and `r_hat` are None where
    there are too few draws to tell.

    Attributes
    ----------
    posterior : Posterior
        Variables `mu` and `sd` (mean and standard deviation of a period's excess return, of active
        periods where there is `prob_active`), `sigma` and `nu` (scale and degrees of freedom),
        `sharpe`, and `rho` or `prob_active` where the model has them.
    name : str
    influence : ndarray of shape (n_observations,)
        What each observation does to the posterior mean of the Sharpe ratio; see `influence.py`.
    """

    posterior: Posterior
    name: str
    influence: Array

    def __init__(
        self, posterior: Posterior, name: str, summary: dict[str, Any], influence: Array
    ) -> None:
        super().__init__(summary)
        self.posterior = posterior
        self.name = name
        self.influence = influence

    def __reduce__(self) -> tuple[Any, ...]:
        return (SharpePosterior, (self.posterior, self.name, dict(self), self.influence))

    def copy(self) -> SharpePosterior:
        """Return a copy of the summary on the same draws."""
        return SharpePosterior(self.posterior, self.name, dict(self), self.influence)

    @property
    def flat_excess(self) -> float:
        """The excess return of a period without a position; 0 where there is none of those."""
        if self["flat"] is None:
            return 0.0
        rate = period_risk_free_rate(self["risk_free_rate"], self["periods_per_year"])
        return float(self["flat"] - rate)

    def predict(
        self, stream: np.random.Generator, moments: Mapping[str, Array] | None = None
    ) -> Array:
        """Draw the next period's excess return given each posterior draw, in their shape.

        Of all periods, those without a position included; independent of the returns so far.

        Parameters
        ----------
        stream : Generator
        moments : mapping of str to ndarray of shape (n_chains, n_draws), optional
            Draws of `mu`, `sd` and `prob_active` to take the place of the own ones: those of a
            comparison, say.
        """
        variables = {**self.posterior.variables, **(moments or {})}
        errors = StudentT().draw(stream, variables["mu"].shape, variables)
        returns = variables["mu"] + variables["sd"] * errors
        if "prob_active" in variables:
            active = stream.random(returns.shape) < variables["prob_active"]
            returns = np.where(active, returns, self.flat_excess)
        return np.asarray(returns)

    @property
    def draws(self) -> Array:
        """Draws of the annual Sharpe ratio, all chains in a row: shape (n_chains * n_draws,)."""
        return self.posterior.flat("sharpe")

    @property
    def idata(self) -> DataTree:
        """The draws as an ArviZ container."""
        return self.posterior.idata

    def prob_greater(self, threshold: float) -> float:
        """Return the probability that the Sharpe ratio is greater than `threshold`."""
        return float(np.mean(self.draws > finite_number("threshold", threshold)))

    def years_until(self, threshold: float = 0.0, *, prob: float = 0.95) -> float:
        r"""Return how many more years it takes until P(Sharpe ratio > `threshold`) is `prob`.

        After so many more years it is as likely as not that the probability has passed `prob`.
        With m and s the posterior mean and standard deviation after Y years, all that is known
        coming from returns, the variance after y more is :math:`s^2 Y / (Y + y)`, and the mean to
        come is expected at m, as often above as below. So

        .. math::

            y = Y \left[ \left( \frac{\Phi^{-1}(prob) \, s}{m - x} \right)^2 - 1 \right]

        It is 0 where P(Sharpe ratio > x) is `prob` already, and infinite where m is not above x:
        more returns are then more likely to say no. `minimum_track_record_length` is the
        frequentist counterpart, in periods from the first.

        Parameters
        ----------
        threshold : float, default 0
            Annual Sharpe ratio x.
        prob : float, default 0.95
            Above a half.
        """
        prob = probability("prob", prob)
        if prob <= 0.5:
            raise ValueError(f"prob must be above 0.5; found {prob:g}.")
        if self.prob_greater(threshold) >= prob:
            return 0.0
        above = self["mean"] - threshold
        if above <= 0.0:
            return float("inf")
        years = self["n_observations"] / self["periods_per_year"]
        return float(years * max((ndtri(prob) * self["std"] / above) ** 2 - 1.0, 0.0))

    def plot(self) -> Figure:
        """Plot the density, its interval, and the point estimate."""
        return density_figure(
            {f"Annual Sharpe ratio of {self.name}": self.draws},
            self["hdi_prob"],
            marks={"sample Sharpe": self["sample_sharpe"], "zero": 0.0},
        )


def bayesian_sharpe(
    returns: Any,
    samples: int = 5000,
    risk_free_rate: float = 0.0,
    *,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    autocorrelation: str = "ignore",
    priors: SharpePriors | None = None,
    engine: str = "native",
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> SharpePosterior:
    r"""Return the posterior of the annual Sharpe ratio of one series of returns.

    Excess returns are Student-t with location mu, scale sigma and nu > 2 degrees of freedom, and

    .. math::

        S = \sqrt{q} \, \frac{\mu}{\sigma \sqrt{\nu / (\nu - 2)}}

    with q periods in a year: mean over standard deviation, not over the scale. The priors are
    those of `SharpePriors`.

    With ``autocorrelation="ar1"`` they are :math:`r_t - \mu = \rho (r_{t-1} - \mu) + e_t` with
    Student-t errors, and S is annualised with the factor of Lo (2002), conditional on the first
    return.

    Where one value is repeated in more than a twentieth of the returns (a strategy that is flat at
    times), the Student-t would take it for their centre, and where it is most of them collapse
    onto it (`flat_value`). Then a hurdle model is used, and `model` says so: the strategy
    is active with probability p ~ Beta(1, 1), and active returns are Student-t. With flat excess
    returns c (zero if the risk-free rate is), the mean is :math:`m = p \mu + (1 - p) c` and the
    variance :math:`p (sd^2 + \mu^2) + (1 - p) c^2 - m^2`.

    The Student-t is symmetric: mu is where most returns are, and single large ones count little.
    Where large returns are mostly on one side, as an index's losses are, mu is not their average:
    for the S&P 500 from 1999 to 2018 the posterior mean is 0.59 and the sample's Sharpe ratio 0.28,
    two posterior standard deviations below. `sample_sharpe` stands in the result for this
    comparison; where the two are far apart, the answer hangs on the model.

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
    autocorrelation : {"ignore", "ar1"}
    priors : SharpePriors, optional
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
    >>> sharpe["mean"], sharpe["prob_positive"]  # doctest: +SKIP
    """
    terms = sharpe_terms(
        risk_free_rate=risk_free_rate, periods_per_year=periods_per_year, hdi_prob=hdi_prob,
        autocorrelation=autocorrelation, priors=priors, engine=engine,
        settings=sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        ),
    )  # fmt: skip
    sharpe = sharpe_posterior(as_returns(returns, minimum=terms.least_observations), terms)
    warn_unless_converged(
        {"sharpe": diagnose(sharpe.posterior.variables["sharpe"])}, sharpe.draws.size
    )
    return sharpe


@dataclass(frozen=True)
class SharpeTerms:
    """The checked arguments of `bayesian_sharpe`, which any number of series share.

    `periods_per_year` may be None: it is then read off each series' dates.
    """

    risk_free_rate: float
    periods_per_year: float | None
    hdi_prob: float
    autoregressive: bool
    priors: SharpePriors
    engine: str
    settings: Settings

    @property
    def least_observations(self) -> int:
        """How many observations the model needs."""
        return 3 if self.autoregressive else 2


def sharpe_terms(
    *,
    risk_free_rate: float,
    periods_per_year: float | None,
    hdi_prob: float,
    settings: Settings,
    autocorrelation: str = "ignore",
    priors: SharpePriors | None = None,
    engine: str = "native",
) -> SharpeTerms:
    """Return the arguments, checked; raise as `bayesian_sharpe` does."""
    check_engine(engine)
    risk_free_rate = finite_number("risk_free_rate", risk_free_rate)
    if risk_free_rate <= -1.0:
        raise ValueError(f"risk_free_rate must be above -1; found {risk_free_rate}.")
    return SharpeTerms(
        risk_free_rate=risk_free_rate,
        periods_per_year=None
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year),
        hdi_prob=probability("hdi_prob", hdi_prob),
        autoregressive=choice("autocorrelation", autocorrelation, ("ignore", "ar1")) == "ar1",
        priors=check_priors(priors, SharpePriors),
        engine=engine,
        settings=settings,
    )


def sharpe_posterior(series: ReturnSeries, terms: SharpeTerms) -> SharpePosterior:
    """Return the posterior that `bayesian_sharpe` does, of clean returns and without warnings."""
    periods = terms.periods_per_year or infer_periods_per_year(series.index)
    excess = series.values - period_risk_free_rate(terms.risk_free_rate, periods)
    flat = repeated_value(series.values) if terms.autoregressive else flat_value(series.values)
    if flat is not None and terms.autoregressive:
        raise ValueError(
            f"autocorrelation='ar1' is not defined for returns that are {flat:g} on most days; "
            "use autocorrelation='ignore'."
        )
    active = np.ones(excess.size, np.bool_) if flat is None else series.values != flat
    if flat is None:
        draws, model = _student_t(excess, periods, terms)
    else:
        check_active(excess[active])
        draws = _hurdle(excess[active], excess.size, float(excess[~active][0]), periods, terms)
        model = f"hurdle Student-t (flat on {1.0 - active.mean():.0%} of periods)"
    posterior = _posterior(draws, series, excess, terms.engine)
    diagnostics = diagnose(draws.variables["sharpe"])
    return SharpePosterior(
        posterior,
        series.name,
        {
            **summarise_sharpe(draws.variables["sharpe"], terms.hdi_prob),
            "hdi_prob": terms.hdi_prob,
            "sample_sharpe": float(np.sqrt(periods) * excess.mean() / excess.std(ddof=1)),
            "periods_per_year": periods,
            "risk_free_rate": terms.risk_free_rate,
            "n_observations": int(excess.size),
            "flat": flat,
            "ess": _finite(diagnostics["ess_bulk"]),
            "r_hat": _finite(diagnostics["r_hat"]),
            "model": model,
            "method": posterior.method,
            "engine": terms.engine,
        },
        sharpe_influence(draws.variables, excess[active], active),
    )


def _finite(value: float) -> float | None:
    return value if 0.0 < value < float("inf") else None


def summarise_sharpe(draws: Array, hdi_prob: float) -> dict[str, float]:
    """Return the summary that the contract names, of draws of any shape."""
    flat = draws.ravel()
    low, high = highest_density_interval(flat, hdi_prob)
    return {
        "mean": float(flat.mean()),
        "std": float(flat.std(ddof=1)) if flat.size > 1 else 0.0,
        "hdi_low": float(low),
        "hdi_high": float(high),
        "prob_positive": float(np.mean(flat > 0.0)),
    }


def _student_t(excess: Array, periods: float, terms: SharpeTerms) -> tuple[Draws, str]:
    draws = _draw(excess, terms)
    variables = dict(draws.variables)
    sd = standard_deviation(variables["sigma"], variables["nu"])
    factor: Array | float = np.sqrt(periods)
    if terms.autoregressive:
        rho = variables["rho"]
        sd = sd / np.sqrt(1.0 - rho**2)
        factor = autocorrelated_annualisation(rho, periods)
    variables["sd"] = sd
    variables["sharpe"] = factor * variables["mu"] / sd
    model = "Student-t AR(1)" if terms.autoregressive else "Student-t"
    return dataclasses.replace(draws, variables=variables), model


def _hurdle(
    active: Array, observations: int, flat: float, periods: float, terms: SharpeTerms
) -> Draws:
    draws = _draw(active, terms)
    variables = dict(draws.variables)
    activity = draw_activity(active.size, observations, terms.settings)
    variables["prob_active"] = activity
    variables["sd"] = standard_deviation(variables["sigma"], variables["nu"])
    variables["sharpe"] = np.sqrt(periods) * hurdle_sharpe(
        activity, variables["mu"], variables["sd"], flat
    )
    return dataclasses.replace(draws, variables=variables)


def standard_deviation(sigma: Array, nu: Array) -> Array:
    """Return the standard deviation of a Student-t with this scale."""
    return np.asarray(sigma * np.sqrt(nu / (nu - 2.0)))


def _draw(excess: Array, terms: SharpeTerms) -> Draws:
    """Draw mu and sigma in the units of the returns, nu, and rho if autoregressive."""
    priors = terms.priors
    scale = float(excess.std()) if priors.scale == "data" else float(priors.scale)
    prior = LocationScalePrior(priors.mu_sd, priors.sigma_sd, priors.nu_mean, priors.rho_sd)
    sample: Callable[..., Draws] = student_t.sample_student_t
    if terms.engine == "pymc":
        from puffin.models._pymc.student_t import sample_student_t

        sample = sample_student_t
    draws = sample(excess / scale, prior, terms.settings, autoregressive=terms.autoregressive)
    units = {"mu": scale, "sigma": scale}
    variables = {name: values * units.get(name, 1.0) for name, values in draws.variables.items()}
    return Draws(variables, draws.method, draws.statistics, draws.report)


def _posterior(draws: Draws, series: ReturnSeries, excess: Array, engine: str) -> Posterior:
    return Posterior(
        variables=draws.variables,
        method=draws.method,
        engine=engine,
        dims={"excess_returns": ["time"]},
        coords={"time": series.labels},
        observed={"excess_returns": excess},
        statistics=draws.statistics,
        report=draws.report,
    )
