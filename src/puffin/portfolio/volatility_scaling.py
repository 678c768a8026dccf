"""Weights by volatility alone: inverse, and with correlations equal in risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.portfolio.optimise import OptimisationError
from puffin.portfolio.residual_correlation import residual_correlation
from puffin.posterior import NotFittedError, Predictive, PredictiveModel, predictive_return
from puffin.validation import positive_number
from puffin.validation.correlation import as_correlation

__all__ = ["equal_risk_weights", "forecast_volatilities", "inverse_volatility_weights"]

_STEPS = 100
_NEAR = 0.25
_PRECISION, _TOLERANCE = 1e-11, 1e-6

Models = Mapping[str, PredictiveModel]


def forecast_volatilities(models: Models) -> pd.Series[float]:
    r"""Return the standard deviation of each asset's next return, given its data alone.

    It is that of the posterior predictive distribution,

    .. math::

        \sqrt{E[e^{h}] + \operatorname{Var}[\text{mean}]},

    with h the next period's log-variance. Where little is known of h this is more than the
    volatility of a best guess, :math:`e^{E[h] / 2}`: of two assets that look alike, the one whose
    volatility is less sure is the riskier. It is for one period ahead; further ahead :math:`E[e^h]`
    need not exist.

    Parameters
    ----------
    models : mapping of str to PredictiveModel
        Fitted, each to the returns of one asset, all in one unit and up to one date.

    Returns
    -------
    Series
        By name, in the unit of the returns.

    Raises
    ------
    TypeError, ValueError, NotFittedError
        If there are no models, one of them is not fitted, or they end on different dates.
    """
    if not isinstance(models, Mapping) or not models:
        raise TypeError(
            "models must be a mapping of names to fitted models of returns; found "
            f"{type(models).__name__} of length {len(models) if hasattr(models, '__len__') else 0}."
        )
    predictives = {str(name): _predictive(name, model) for name, model in models.items()}
    _check_known_to_one_date(predictives)
    values = {name: float(one.standard_deviation) for name, one in predictives.items()}
    return pd.Series(values, name="volatility")


def inverse_volatility_weights(models: Models, *, total: float = 1.0) -> pd.Series[float]:
    r"""Weigh assets by the inverse of the volatility that is forecast for them.

    :math:`w_i \propto 1 / \sigma_i`, with the predictive standard deviations of
    `forecast_volatilities`. Equal in risk if all correlations are the same.

    Parameters
    ----------
    models : mapping of str to PredictiveModel
    total : float, default 1
        What the weights add up to.

    Returns
    -------
    Series
        Weights, by name.

    Raises
    ------
    TypeError, ValueError, NotFittedError
        As `forecast_volatilities`, or if `total` is not above zero.
    """
    total = positive_number("total", total)
    inverse = 1.0 / forecast_volatilities(models)
    return (total * inverse / inverse.sum()).rename("weight")


def equal_risk_weights(
    models: Models, correlation: Any = None, *, total: float = 1.0
) -> pd.Series[float]:
    r"""Weigh assets so that each contributes as much to the portfolio's forecast variance.

    With the predictive standard deviations of `forecast_volatilities` and a correlation matrix,
    :math:`w_i (C w)_i` is the same for all i. The weights are those of the only minimum of the
    convex :math:`\tfrac{1}{2} x' C x - \sum_i \log x_i`, scaled (Maillard, Roncalli & Teiletche
    2010, "The properties of equally weighted risk contribution portfolios", Journal of Portfolio
    Management 36; Spinu 2013, "An algorithm for computing risk parity weights").

    Parameters
    ----------
    models : mapping of str to PredictiveModel
    correlation : DataFrame or ndarray of shape (n_assets, n_assets), optional
        A frame is put into the order of the models. By default that of the standardised residuals
        on the dates that all assets have: of returns over their own volatility, so that the stormy
        times do not decide alone.
    total : float, default 1

    Returns
    -------
    Series
        Weights, by name.

    Raises
    ------
    TypeError, ValueError, NotFittedError
        As `forecast_volatilities`; if the correlation matrix is none, or singular; or if the
        assets share too few dates to estimate it.
    """
    total = positive_number("total", total)
    volatilities = forecast_volatilities(models)
    names = list(volatilities.index)
    matrix = (
        residual_correlation(models)
        if correlation is None
        else as_correlation("correlation", correlation, names)
    )
    weights = _equal_contributions(matrix) / volatilities.to_numpy()
    return pd.Series(total * weights / weights.sum(), names, name="weight")


def _equal_contributions(correlation: Array) -> Array:
    """Return the x > 0 with x_i (C x)_i = 1.

    Damped Newton steps on x'Cx / 2 - sum log x, which is self-concordant: they never leave x > 0,
    and arrive from anywhere (Spinu 2013). SciPy's own minimisers stop a millionth short.
    """
    x = np.ones(len(correlation))
    for _ in range(_STEPS):
        gradient = correlation @ x - 1.0 / x
        step = np.linalg.solve(correlation + np.diag(1.0 / x**2), gradient)
        decrement = float(np.sqrt(gradient @ step))
        x -= step / (1.0 + decrement) if decrement > _NEAR else step
        if decrement < _PRECISION:
            break
    if not np.abs(x * (correlation @ x) - 1.0).max() < _TOLERANCE:
        raise OptimisationError(
            "Equal contributions to risk were not found: the correlation matrix is nearly singular."
        )
    return x


def _predictive(name: str, model: PredictiveModel) -> Predictive:
    """Return what a model says comes next; where it does not, name the model."""
    try:
        return predictive_return(model)
    except NotFittedError:
        raise NotFittedError(f"models[{name!r}] is not fitted; call fit first.") from None
    except (TypeError, ValueError) as error:
        raise type(error)(f"models[{name!r}]: {error}") from None


def _check_known_to_one_date(predictives: Mapping[str, Predictive]) -> None:
    ends = {name: None if one.index is None else one.index[-1] for name, one in predictives.items()}
    first = next(iter(ends))
    for name, end in ends.items():
        if end != ends[first]:
            raise ValueError(
                f"models end on different dates: {first!r} at {ends[first]} and {name!r} at {end}. "
                "Fit all up to the same date, so that they forecast the same period."
            )
