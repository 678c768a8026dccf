"""Simulated funds: true alphas, factors, and errors with heavy tails that hang together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

PERIODS = 12.0


class Funds(NamedTuple):
    returns: pd.DataFrame
    factors: pd.DataFrame
    alphas: pd.Series
    betas: pd.DataFrame
    groups: dict[str, str]


def simulated(seed, *, n=60, n_months=96, late=0, alphas=None, tails=4.0, common=0.01):
    """Monthly returns; `alphas` are annual, by default N(0, 2%) about 1% in every other group."""
    stream = np.random.default_rng(seed)
    names = [f"fund{i:04d}" for i in range(n)]
    groups = {name: "value" if i % 2 else "growth" for i, name in enumerate(names)}
    if alphas is None:
        alphas = 0.02 * stream.standard_normal(n) + np.where(np.arange(n) % 2, 0.01, 0.0)
    dates = pd.date_range("2012-01-31", periods=n_months, freq="ME")
    factors = stream.normal(0.005, 0.04, (n_months, 2))
    betas = stream.normal([1.0, 0.2], 0.25, (n, 2))

    def heavy(*shape):
        return stream.standard_t(tails, shape) / np.sqrt(tails / (tails - 2.0))

    errors = heavy(n_months, n) * stream.uniform(0.01, 0.03, n)
    shared = heavy(n_months, 2) @ stream.normal(0.5 * common, common, (2, n))
    values = alphas / PERIODS + factors @ betas.T + shared + errors
    values[: n_months // 2, :late] = np.nan
    return Funds(
        pd.DataFrame(values, dates, names),
        pd.DataFrame(factors, dates, ["market", "size"]),
        pd.Series(alphas, names),
        pd.DataFrame(betas, names, ["market", "size"]),
        groups,
    )
