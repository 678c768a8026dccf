"""Linear regression with a full posterior."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference import linear_regression, student_t_regression
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.ordinary_least_squares import sample_ordinary_least_squares
from puffin.inference.settings import Seed, Settings
from puffin.models.settings import (
    Scale,
    check_engine,
    check_priors,
    check_scale,
    sampling_settings,
)
from puffin.posterior import (
    SAMPLING_FAILURES,
    FallbackWarning,
    NotFittedError,
    Posterior,
    Summary,
    highest_density_interval,
    summarise,
    warn_unless_converged,
)
from puffin.posterior.plots import density_figure
from puffin.validation import (
    Regressors,
    as_regressors,
    as_target,
    choice,
    positive_number,
    probability,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from xarray import DataTree

__all__ = ["BayesianLinearRegression", "RegressionPriors"]


_NOISE = 2
_RESERVED = ("alpha", "sigma", "nu")
_ROUNDING = 1e-12
_SMALLEST = 1e-75
_PREDICTIONS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class RegressionPriors:
    """Priors of the linear regression, on scaled data.

    Attributes
    ----------
    alpha_sd : float
        Intercept ~ Normal(0, alpha_sd).
    beta_sd : float
        Each coefficient ~ Normal(0, beta_sd).
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd), above 1e-6: an exact fit has no proper posterior otherwise.
    nu_mean : float
        nu - 2 ~ Exponential with this mean, for Student-t errors.
    scale : "data" or float
        "data" takes the mean from y and from each feature and divides by its standard deviation
        (ddof 0; weakly informative, and it does use the data). A number divides both y and X and
        takes nothing away, which makes the model generative.
    """

    alpha_sd: float = 1.0
    beta_sd: float = 1.0
    sigma_sd: float = 1.0
    nu_mean: float = 10.0
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("alpha_sd", "beta_sd", "sigma_sd", "nu_mean"):
            positive_number(name, getattr(self, name))
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "standardised y and X" if self.scale == "data" else f"y and X over {self.scale:g}"
        return (
            f"{unit}:\n"
            f"  alpha ~ Normal(0, {self.alpha_sd:g})\n"
            f"  beta ~ Normal(0, {self.beta_sd:g})\n"
            f"  sigma ~ HalfNormal({self.sigma_sd:g}), above 1e-6\n"
            f"  nu - 2 ~ Exponential(mean {self.nu_mean:g}), for Student-t errors"
        )


class BayesianLinearRegression:
    r"""Linear regression, y = alpha + X beta + error.

    Gaussian errors have exact, independent draws from the posterior (see
    `puffin.inference.linear_regression`); Student-t errors, for outliers, a Gibbs sampler
    (`puffin.inference.student_t_regression`). More features than observations, collinear or
    constant features still give a proper posterior: what the data do not say, the prior does.

    Parameters
    ----------
    engine : {"native", "pymc"}
    likelihood : {"normal", "student"}
    priors : RegressionPriors, optional

    Attributes
    ----------
    posterior : Posterior
        Variables `alpha`, `beta` (dim `feature`), `sigma` and, for Student-t errors, `nu`, in the
        units of the data.
    method : str
        What made the draws; "ordinary least squares" where sampling failed.

    Examples
    --------
    >>> import numpy as np
    >>> from puffin.models.bayesian import BayesianLinearRegression
    >>> market = np.random.default_rng(1).normal(size=250)
    >>> stock = 0.1 + 1.2 * market + np.random.default_rng(2).normal(size=250)
    >>> model = BayesianLinearRegression().fit(market, stock, random_seed=1)
    >>> round(model.summary()["x0"]["mean"], 1)
    1.3
    """

    def __init__(
        self,
        engine: str = "native",
        likelihood: str = "normal",
        priors: RegressionPriors | None = None,
    ) -> None:
        self.engine = check_engine(engine)
        self.likelihood = choice("likelihood", likelihood, ("normal", "student"))
        self.priors = check_priors(priors, RegressionPriors)
        self._posterior: Posterior | None = None
        self._regressors: Regressors | None = None
        self._settings: Settings | None = None

    def __repr__(self) -> str:
        return f"BayesianLinearRegression(engine={self.engine!r}, likelihood={self.likelihood!r})"

    def fit(
        self,
        X: Any,
        y: Any,
        samples: int = 2000,
        tune: int = 1000,
        *,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
    ) -> Self:
        """Draw from the posterior given features and target.

        Parameters
        ----------
        X : array-like of shape (n_observations, n_features) or (n_observations,)
            NumPy, pandas (names and index kept) or polars.
        y : array-like of shape (n_observations,)
        samples : int, default 2000
            Draws of each chain.
        tune : int, default 1000
            Warm-up of each chain: ignored by the exact sampler, at least 200 for Student-t errors.

        Returns
        -------
        self

        Warns
        -----
        FallbackWarning
            If sampling failed and the result is ordinary least squares, with its own intervals.

        Raises
        ------
        ValueError, TypeError
            If X or y is invalid; the message says what was found, where, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        # A seed of its own, so that predictions are the same each time they are asked for.
        [noise] = streams(settings.seed, 1, purpose=_NOISE)
        regressors = as_regressors(X)
        target = as_target(y, regressors)
        _check_names(regressors)
        scaling = _scaling(regressors.values, target, self.priors.scale)
        draws = self._draw(regressors.values, target, scaling, settings)
        self._posterior = _posterior(draws, regressors, target, self.engine)
        self._regressors = regressors
        self._settings = replace(settings, seed=int(noise.integers(2**63)))
        if draws.statistics:  # a chain: independent draws have nothing to converge to
            warn_unless_converged(self.summary(), settings.chains * settings.draws)
        return self

    def _draw(self, X: Array, y: Array, scaling: _Scaling, settings: Settings) -> Draws:
        """Return draws in the units of the data, from the engine or, if it fails, from OLS."""
        prior = RegressionPrior(
            intercept_sd=self.priors.alpha_sd,
            coefficient_sd=self.priors.beta_sd,
            sigma_sd=self.priors.sigma_sd,
            sigma_floor=1e-6,
            tail_mean=self.priors.nu_mean,
        )
        scaled_X = (X - scaling.X_centre) / scaling.X_scale
        scaled_y = (y - scaling.y_centre) / scaling.y_scale
        try:
            draws = _sampler(self.engine, self.likelihood)(scaled_X, scaled_y, prior, settings)
        except SAMPLING_FAILURES as error:
            if X.shape[0] <= X.shape[1] + 1:
                raise
            warnings.warn(
                f"Sampling failed ({error}); the result is ordinary least squares with its "
                "own intervals, without priors.",
                FallbackWarning,
                stacklevel=3,
            )
            draws = sample_ordinary_least_squares(scaled_X, scaled_y, settings)
        return scaling.unscale(draws)

    @property
    def posterior(self) -> Posterior:
        """The draws, in the units of the data."""
        if self._posterior is None:
            raise NotFittedError("This BayesianLinearRegression is not fitted yet; call fit first.")
        return self._posterior

    @property
    def idata(self) -> DataTree:
        """The draws as an ArviZ container."""
        return self.posterior.idata

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    def predict(
        self, X: Any, hdi_prob: float = 0.94, kind: str = "mean"
    ) -> tuple[Any, tuple[Any, Any]]:
        """Return predictions and their highest-density intervals.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Named columns are matched to those of the fit.
        hdi_prob : float, default 0.94
        kind : {"mean", "outcome"}
            Interval of the expected value of y, or of y itself, noise included.

        Returns
        -------
        mean, (lower, upper) : ndarray of shape (n_rows,), or Series on X's index

        Raises
        ------
        NotFittedError, ValueError, TypeError
        """
        posterior = self.posterior
        probability("hdi_prob", hdi_prob)
        choice("kind", kind, ("mean", "outcome"))
        regressors = as_regressors(X, fitted=self._regressors)
        noise = self._noise() if kind == "outcome" else None
        alpha, beta = posterior.flat("alpha"), posterior.flat("beta")
        rows = max(1, _PREDICTIONS_AT_ONCE // alpha.size)
        parts = []
        for start in range(0, len(regressors.values), rows):
            centre = regressors.values[start : start + rows] @ beta.T + alpha
            outcome = centre if noise is None else centre + noise(centre.shape[0])
            parts.append((centre.mean(axis=1), *highest_density_interval(outcome, hdi_prob)))
        index = X.index if isinstance(X, pd.DataFrame | pd.Series) else None
        mean, lower, upper = (
            np.concatenate(arrays) if index is None else pd.Series(np.concatenate(arrays), index)
            for arrays in zip(*parts, strict=True)
        )
        return mean, (lower, upper)

    def _noise(self) -> Callable[[int], Array]:
        """Return a function that draws errors for so many rows, shape (n_rows, n_draws)."""
        assert self._settings is not None
        [stream] = streams(self._settings.seed, 1)
        sigma = self.posterior.flat("sigma")
        if self.likelihood == "student" and "nu" in self.posterior.variables:
            nu = self.posterior.flat("nu")
            return lambda rows: sigma * stream.standard_t(nu, (rows, nu.size))
        return lambda rows: sigma * stream.standard_normal((rows, sigma.size))

    def summary(self, hdi_prob: float = 0.94) -> Summary:
        """Return mean, sd, hdi_low, hdi_high, ess_bulk, ess_tail and r_hat of each parameter.

        Keys are alpha, the features by name, sigma and, for Student-t errors, nu.
        """
        return summarise(self._scalars(), probability("hdi_prob", hdi_prob))

    def plot_posterior(self, param_name: str | None = None) -> Figure:
        """Plot the density of one parameter, or of all, with highest-density intervals."""
        scalars = self._scalars()
        if param_name is not None:
            scalars = {param_name: scalars[choice("param_name", param_name, list(scalars))]}
        return density_figure({name: draws.ravel() for name, draws in scalars.items()}, 0.94)

    def _scalars(self) -> dict[str, Array]:
        variables = self.posterior.variables
        features = self.posterior.coords["feature"]
        return {
            "alpha": variables["alpha"],
            **{name: variables["beta"][..., i] for i, name in enumerate(features)},
            **{name: variables[name] for name in ("sigma", "nu") if name in variables},
        }


@dataclass(frozen=True)
class _Scaling:
    """The affine map from the user's units to those of the priors."""

    X_centre: Array
    X_scale: Array
    y_centre: float
    y_scale: float

    def unscale(self, draws: Draws) -> Draws:
        """Return draws in the user's units."""
        variables = dict(draws.variables)
        beta = variables["beta"] * (self.y_scale / self.X_scale)
        variables["alpha"] = (
            self.y_centre + self.y_scale * variables["alpha"] - beta @ self.X_centre
        )
        variables["beta"] = beta
        variables["sigma"] = self.y_scale * variables["sigma"]
        return Draws(variables, draws.method, draws.statistics, draws.report)


def _scaling(X: Array, y: Array, scale: Scale) -> _Scaling:
    if scale != "data":
        number = float(scale)
        return _Scaling(np.zeros(X.shape[1]), np.full(X.shape[1], number), 0.0, number)
    if _is_constant(y):
        raise ValueError(
            f"y has no variance: all {y.size} values are {y[0]:g}. "
            "A regression needs a target that moves."
        )
    centre, spread = X.mean(axis=0), X.std(axis=0)
    constant = np.array([_is_constant(column) for column in X.T])
    return _Scaling(centre, np.where(constant, 1.0, spread), float(y.mean()), float(y.std()))


def _is_constant(values: Array) -> bool:
    return bool(np.ptp(values) <= max(_ROUNDING * np.abs(values).max(), _SMALLEST))


def _sampler(engine: str, likelihood: str) -> Callable[..., Draws]:
    if engine == "pymc":
        from puffin.models._pymc import linear_regression as by_pymc

        student: Callable[..., Draws] = by_pymc.sample_student_t_regression
        return student if likelihood == "student" else by_pymc.sample_linear_regression
    if likelihood == "student":
        return student_t_regression.sample_student_t_regression
    return linear_regression.sample_linear_regression


def _posterior(draws: Draws, regressors: Regressors, y: Array, engine: str) -> Posterior:
    index = regressors.index
    return Posterior(
        variables=draws.variables,
        method=draws.method,
        engine=engine,
        dims={"beta": ["feature"], "X": ["observation", "feature"], "y": ["observation"]},
        coords={
            "feature": list(regressors.names),
            "observation": np.arange(y.size) if index is None else np.asarray(index),
        },
        observed={"X": regressors.values, "y": y},
        statistics=draws.statistics,
        report=draws.report,
    )


def _check_names(regressors: Regressors) -> None:
    taken = [name for name in regressors.names if name in _RESERVED]
    if taken:
        raise ValueError(
            f"X has a column named {taken[0]!r}, which is the name of a parameter; rename it."
        )
