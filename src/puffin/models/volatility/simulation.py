"""Returns with stochastic volatility, simulated from given parameters."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from puffin.inference.chains import streams
from puffin.inference.settings import Seed
from puffin.laws import LAWS, Law, find_law
from puffin.models.settings import checked_seed
from puffin.models.volatility.forecast import simulate_forward
from puffin.validation import finite_number, positive_integer, positive_number, probability

__all__ = ["simulate"]


def simulate(
    n_periods: int,
    *,
    mu: float = -9.0,
    phi: float = 0.97,
    sigma: float = 0.2,
    nu: float | None = None,
    asymmetry: float | None = None,
    nu_left: float | None = None,
    nu_right: float | None = None,
    rho: float = 0.0,
    kappa: float | None = None,
    jump_mean: float | None = None,
    jump_sd: float | None = None,
    mean: float = 0.0,
    index: Any = None,
    random_seed: Seed = None,
) -> pd.DataFrame:
    """Draw returns and their volatility.

    Parameters
    ----------
    n_periods : int
    mu : float, default -9
        Mean log-variance: exp(mu / 2) is a typical volatility, 1.1% a period by default.
    phi : float, default 0.97
        Persistence, between -1 and 1.
    sigma : float, default 0.2
        Volatility of log-variance.
    nu : float, optional
        Degrees of freedom of Student-t errors, above 2; normal errors without any of these.
    asymmetry, nu_left, nu_right : float, optional
        Of asymmetric errors (`puffin.laws.AsymmetricT`), all three: log of the left side's scale
        over the right one's, and degrees of freedom of each side, above 2.
    rho : float, default 0
        Leverage: correlation of a return's shock with that of the next log-variance.
    kappa, jump_mean, jump_sd : float, optional
        Of jumps, all three: their probability in a period, and mean and standard deviation of
        their size. They are for normal and Student-t errors.
    mean : float, default 0
    index : optional
        Index of the result, such as dates.
    random_seed : int, optional

    Returns
    -------
    DataFrame
        Columns `returns` and `volatility`, exp(h / 2), jumps apart.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or volatility leaves the range of floating-point numbers.
    """
    count = positive_integer("n_periods", n_periods)
    for name, value in (("phi", phi), ("rho", rho)):
        if not -1.0 < finite_number(name, value) < 1.0:
            raise ValueError(f"{name} must be between -1 and 1; found {value}.")
    given = {"nu": nu, "asymmetry": asymmetry, "nu_left": nu_left, "nu_right": nu_right}
    shape = {name: finite_number(name, one) for name, one in given.items() if one is not None}
    for name, value in shape.items():
        if name != "asymmetry" and value <= 2.0:
            raise ValueError(f"{name} must be above 2, where the variance exists; found {value}.")
    law = _law_of(shape)
    jumps = {"kappa": kappa, "jump_mean": jump_mean, "jump_sd": jump_sd}
    if any(one is not None for one in jumps.values()):
        law = find_law(law.name, jumps=True)
        shape |= _checked_jumps(jumps)
    if index is not None and len(index) != count:
        raise ValueError(f"index has {len(index)} labels for {count} periods; they must match.")
    mu, sigma = finite_number("mu", mu), positive_number("sigma", sigma)
    [stream] = streams(checked_seed(random_seed), 1)
    first = mu + sigma / math.sqrt(1.0 - phi**2) * stream.standard_normal()
    numbers = {"h_next": first, "mu": mu, "phi": phi, "sigma": sigma, "rho": rho}
    numbers["mean"] = finite_number("mean", mean)
    parameters = {name: np.array([float(value)]) for name, value in {**numbers, **shape}.items()}
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        states, returns = simulate_forward(parameters, law, count, stream)
        volatility = np.exp(0.5 * states[0])
    if not (np.isfinite(returns).all() and np.isfinite(volatility).all() and volatility.all()):
        raise ValueError(
            f"mu={mu:g}, phi={phi:g} and sigma={sigma:g} lead to volatilities that no float can "
            "hold; exp(mu / 2) is a typical one."
        )
    return pd.DataFrame({"returns": returns[0], "volatility": volatility}, index)


def _law_of(shape: Collection[str]) -> Law:
    """Return the law with these shape parameters."""
    for law in LAWS.values():
        if set(law.shape_names) == set(shape):
            return law
    raise ValueError(
        f"nu alone, or asymmetry, nu_left and nu_right together; found {', '.join(shape)}."
    )


def _checked_jumps(given: Mapping[str, float | None]) -> dict[str, float]:
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise ValueError(f"jumps need {', '.join(given)}; {', '.join(missing)} is missing.")
    return {
        "kappa": probability("kappa", given["kappa"]),
        "jump_mean": finite_number("jump_mean", given["jump_mean"]),
        "jump_sd": positive_number("jump_sd", given["jump_sd"]),
    }
