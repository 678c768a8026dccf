r"""The posterior of a Sharpe ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference import student_t
from puffin.inference.draws import Draws
from puffin.inference.settings import Seed, Settings
from puffin.inference.student_t import LocationScalePrior
from puffin.models.settings import (
    Scale,
    check_engine,
    check_priors,
    check_scale,
    sampling_settings,
)
from puffin.models.sharpe.annualisation import autocorrelated_annualisation
from puffin.models.sharpe.hurdle import draw_activity, hurdle_sharpe
from puffin.posterior import (
    Posterior,
    diagnose,
    highest_density_interval,
    warn_unless_converged,
)
from puffin.posterior.plots import density_figure
from puffin.validation import (
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
    import pandas as pd
    from matplotlib.figure import Figure
    from xarray import DataTree

    Index = pd.Index[Any]

__all__ = ["SharpePosterior", "SharpePriors", "bayesian_sharpe", "posterior_alone"]


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
        Variables `mu` and `sigma` (mean and scale of a period's excess return), `nu`, `sharpe`,
        and `rho` or `prob_active` where the model has them.
    name : str
    """

    posterior: Posterior
    name: str

    def __init__(self, posterior: Posterior, name: str, summary: dict[str, Any]) -> None:
        super().__init__(summary)
        self.posterior = posterior
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return (SharpePosterior, (self.posterior, self.name, dict(self)))

    def copy(self) -> SharpePosterior:
        """Return a copy of the summary on the same draws."""
        return SharpePosterior(self.posterior, self.name, dict(self))

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
    check_engine(engine)
    hdi_prob = probability("hdi_prob", hdi_prob)
    risk_free_rate = finite_number("risk_free_rate", risk_free_rate)
    if risk_free_rate <= -1.0:
        raise ValueError(f"risk_free_rate must be above -1; found {risk_free_rate}.")
    autoregressive = choice("autocorrelation", autocorrelation, ("ignore", "ar1")) == "ar1"
    series = as_returns(returns, minimum=3 if autoregressive else 2)
    settings = sampling_settings(
        samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
        progressbar=progressbar,
    )  # fmt: skip
    periods = (
        infer_periods_per_year(series.index)
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year)
    )
    excess = series.values - period_risk_free_rate(risk_free_rate, periods)
    priors = check_priors(priors, SharpePriors)
    flat = repeated_value(series.values) if autoregressive else flat_value(series.values)
    if flat is not None and autoregressive:
        raise ValueError(
            f"autocorrelation='ar1' is not defined for returns that are {flat:g} on most days; "
            "use autocorrelation='ignore'."
        )
    if autoregressive:
        posterior, model = _student_t(
            excess, series.index, periods, priors, engine, settings, autoregressive
        )
    else:
        is_flat = np.zeros(excess.size, np.bool_) if flat is None else series.values == flat
        posterior, model = posterior_alone(
            excess, is_flat, series.index, periods, priors, engine, settings
        )
    summary = summarise_sharpe(posterior.variables["sharpe"], hdi_prob)
    diagnostics = diagnose(posterior.variables["sharpe"])
    warn_unless_converged({"sharpe": diagnostics}, settings.chains * settings.draws)
    return SharpePosterior(
        posterior,
        series.name,
        {
            **summary,
            "hdi_prob": hdi_prob,
            "sample_sharpe": float(np.sqrt(periods) * excess.mean() / excess.std(ddof=1)),
            "periods_per_year": periods,
            "risk_free_rate": risk_free_rate,
            "n_observations": int(excess.size),
            "flat": flat,
            "ess": _finite(diagnostics["ess_bulk"]),
            "r_hat": _finite(diagnostics["r_hat"]),
            "model": model,
            "method": posterior.method,
            "engine": engine,
        },
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


def posterior_alone(
    excess: Array,
    is_flat: NDArray[np.bool_],
    index: Index | None,
    periods: float,
    priors: SharpePriors,
    engine: str,
    settings: Settings,
) -> tuple[Posterior, str]:
    """Return the posterior of one strategy, flat at times or never, and its model in words."""
    if is_flat.any():
        return _hurdle(excess, is_flat, index, periods, priors, engine, settings)
    return _student_t(excess, index, periods, priors, engine, settings, autoregressive=False)


def _student_t(
    excess: Array,
    index: Index | None,
    periods: float,
    priors: SharpePriors,
    engine: str,
    settings: Settings,
    autoregressive: bool,
) -> tuple[Posterior, str]:
    draws = _draw(excess, priors, engine, settings, autoregressive)
    variables = dict(draws.variables)
    sd = standard_deviation(variables["sigma"], variables["nu"])
    if autoregressive:
        rho = variables["rho"]
        variables["sharpe"] = (
            autocorrelated_annualisation(rho, periods)
            * variables["mu"]
            / (sd / np.sqrt(1.0 - rho**2))
        )
        model = "Student-t AR(1)"
    else:
        variables["sharpe"] = np.sqrt(periods) * variables["mu"] / sd
        model = "Student-t"
    return _posterior(draws, variables, excess, index, engine), model


def _hurdle(
    excess: Array,
    is_flat: NDArray[np.bool_],
    index: Index | None,
    periods: float,
    priors: SharpePriors,
    engine: str,
    settings: Settings,
) -> tuple[Posterior, str]:
    active, flat = excess[~is_flat], float(excess[is_flat][0])
    check_active(active)
    draws = _draw(active, priors, engine, settings, autoregressive=False)
    variables = dict(draws.variables)
    activity = draw_activity(active.size, excess.size, settings)
    variables["prob_active"] = activity
    variables["sharpe"] = np.sqrt(periods) * hurdle_sharpe(
        activity, variables["mu"], standard_deviation(variables["sigma"], variables["nu"]), flat
    )
    model = f"hurdle Student-t (flat on {is_flat.mean():.0%} of periods)"
    return _posterior(draws, variables, excess, index, engine), model


def standard_deviation(sigma: Array, nu: Array) -> Array:
    """Return the standard deviation of a Student-t with this scale."""
    return np.asarray(sigma * np.sqrt(nu / (nu - 2.0)))


def _draw(
    excess: Array, priors: SharpePriors, engine: str, settings: Settings, autoregressive: bool
) -> Draws:
    """Draw mu and sigma in the units of the returns, nu, and rho if autoregressive."""
    scale = float(excess.std()) if priors.scale == "data" else float(priors.scale)
    prior = LocationScalePrior(priors.mu_sd, priors.sigma_sd, priors.nu_mean, priors.rho_sd)
    sample: Callable[..., Draws] = student_t.sample_student_t
    if engine == "pymc":
        from puffin.models._pymc.student_t import sample_student_t

        sample = sample_student_t
    draws = sample(excess / scale, prior, settings, autoregressive=autoregressive)
    units = {"mu": scale, "sigma": scale}
    variables = {name: values * units.get(name, 1.0) for name, values in draws.variables.items()}
    return Draws(variables, draws.method, draws.statistics, draws.report)


def _posterior(
    draws: Draws, variables: dict[str, Array], excess: Array, index: Index | None, engine: str
) -> Posterior:
    return Posterior(
        variables=variables,
        method=draws.method,
        engine=engine,
        dims={"excess_returns": ["time"]},
        coords={"time": np.arange(excess.size) if index is None else index.to_numpy()},
        observed={"excess_returns": excess},
        statistics=draws.statistics,
        report=draws.report,
    )
