"""Linear regression with a full posterior."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference import linear_regression, student_t_regression
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.ordinary_least_squares import sample_ordinary_least_squares
from puffin.inference.regression_units import RegressionUnits
from puffin.inference.settings import Seed, Settings
from puffin.models.regression.card import regression_card
from puffin.models.regression.priors import RegressionPriors
from puffin.models.settings import check_engine, check_priors, sampling_settings
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
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plotted import ParametersPlotted, Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import (
    DataLike,
    Regressors,
    as_regressors,
    as_target,
    choice,
    probability,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BayesianLinearRegression"]


Prediction: TypeAlias = "Array | pd.Series[float]"
"""A number a row: a Series where X has an index."""

_RESERVED = ("alpha", "sigma", "nu")
_PREDICTIONS_AT_ONCE = 4_000_000


class BayesianLinearRegression(Shown, Plotted, ParametersPlotted):
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
        self._checks: Summary = {}

    def _card(self) -> Card:
        title = f"BayesianLinearRegression(engine={self.engine!r}, likelihood={self.likelihood!r})"
        scalars = {} if self._posterior is None else self._scalars()
        return regression_card(title, self._posterior, scalars, self._checks)

    def fit(
        self,
        X: DataLike,
        y: DataLike,
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
        [noise] = streams(settings.seed, 1, purpose=Purpose.PREDICTION)
        regressors = as_regressors(X)
        target = as_target(y, regressors)
        _check_names(regressors)
        draws = self._draw(regressors.values, target, settings)
        self._posterior = _posterior(draws, regressors, target, self.engine)
        self._regressors = regressors
        self._settings = replace(settings, seed=int(noise.integers(2**63)))
        # Independent draws have nothing to converge to.
        self._checks = self.summary() if draws.statistics else {}
        if self._checks:
            warn_unless_converged(self._checks, settings.chains * settings.draws)
        return self

    def _draw(self, X: Array, y: Array, settings: Settings) -> Draws:
        """Return draws in the units of the data, from the engine or, if it fails, from OLS."""
        units = self.priors.units(X, y)
        scaled = units.scaled(X, y)
        try:
            draws = _sampler(self.engine, self.likelihood)(*scaled, self.priors.scaled, settings)
        except SAMPLING_FAILURES as error:
            if X.shape[0] <= X.shape[1] + 1:
                raise
            warnings.warn(
                f"Sampling failed ({error}); the result is ordinary least squares with its "
                "own intervals, without priors.",
                FallbackWarning,
                stacklevel=3,
            )
            draws = sample_ordinary_least_squares(*scaled, settings)
        return _in_units(draws, units)

    @property
    def posterior(self) -> Posterior:
        """The draws, in the units of the data."""
        if self._posterior is None:
            raise NotFittedError("This BayesianLinearRegression is not fitted yet; call fit first.")
        return self._posterior

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    def predict(
        self, X: DataLike, hdi_prob: float = 0.94, kind: str = "mean"
    ) -> tuple[Prediction, tuple[Prediction, Prediction]]:
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

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        return self.plot_posterior() if ax is None else self.plot_posterior(ax=ax)

    def _scalars(self) -> dict[str, Array]:
        variables = self.posterior.variables
        features = self.posterior.coords["feature"]
        return {
            "alpha": variables["alpha"],
            **{name: variables["beta"][..., i] for i, name in enumerate(features)},
            **{name: variables[name] for name in ("sigma", "nu") if name in variables},
        }


def _in_units(draws: Draws, units: RegressionUnits) -> Draws:
    """Return draws in the units of the data."""
    alpha, beta = units.coefficients(draws.variables["alpha"], draws.variables["beta"])
    sigma = units.y_scale * draws.variables["sigma"]
    return replace(
        draws, variables={**draws.variables, "alpha": alpha, "beta": beta, "sigma": sigma}
    )


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
