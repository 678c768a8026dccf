"""Alphas of 500 and 3,000 simulated funds: against PyMC on the same estimates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Contestant, Job
from benchmarks.rivals import NUTPIE, pymc_contestants

if TYPE_CHECKING:
    import pandas as pd

    from benchmarks.measuring import Draws

SAMPLES = 500
MONTHS, FACTORS, STYLES, LOOKED_AT = 120, 3, 8, 20


def funds(count: int) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Monthly returns with two common factors in their errors, three given ones, and styles.

    A third of the funds start in the fifth year.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    dates = pd.date_range("2014-01-31", periods=MONTHS, freq="ME")
    factors = rng.normal(0.004, 0.04, (MONTHS, FACTORS))
    betas = rng.normal([1.0, 0.2, 0.0], 0.2, (count, FACTORS))
    shared = rng.standard_t(5, (MONTHS, 2)) @ rng.normal(0.002, 0.005, (2, count))
    errors = rng.standard_t(5, (MONTHS, count)) * rng.uniform(0.007, 0.03, count)
    returns = rng.normal(0.0, 0.02, count) / 12 + factors @ betas.T + shared + errors
    returns[:48, : count // 3] = np.nan
    names = [f"fund {i:04d}" for i in range(count)]
    return (
        pd.DataFrame(returns, dates, names),
        pd.DataFrame(factors, dates, ["market", "size", "value"]),
        [f"style {i % STYLES}" for i in range(count)],
    )


def _puffin(count: int) -> Callable[[int], Any]:
    import puffin

    data = funds(count)
    return lambda seed: puffin.BayesianHierarchical().fit(*data, SAMPLES, random_seed=seed)


def _puffin_draws(model: Any) -> Draws:
    variables = model.posterior.variables
    names = ("alpha_mean", "alpha_spread", "alpha_between", "beta_mean", "beta_spread")
    return {name: variables[name] for name in names} | {
        "alpha": variables["alpha"][:, :, :LOOKED_AT]
    }


def _pymc_model(count: int) -> Callable[[int], Any]:
    """Return the model of the estimates that Puffin makes; these are not in its time."""
    import puffin
    from puffin.models._pymc.hierarchical import hierarchical_model
    from puffin.models.hierarchical.arguments import HierarchicalArguments
    from puffin.models.hierarchical.fitting import SamplingProblem
    from puffin.models.hierarchical.panel import as_asset_panel

    panel = as_asset_panel(*funds(count), date=None, annual_rate=0.0, periods=None)
    priors = puffin.HierarchicalPriors()
    arguments = HierarchicalArguments("pymc", "return", None, "counted", 0.0, None, 0.94, priors)
    problem = SamplingProblem.of(panel, arguments)
    return lambda _: hierarchical_model(problem.noisy, problem.prior)


def _pymc_draws(trace: Any) -> Draws:
    posterior = trace["posterior"]
    names = ("mean", "spread", "between")
    return {name: posterior[name].values for name in names} | {
        "theta": posterior["theta"].values[:, :, :LOOKED_AT, 0]
    }


def _job(count: int, by: tuple[str, ...]) -> Job:
    return Job(
        f"hierarchical-{count}",
        f"BayesianHierarchical.fit: {count:,} funds, {MONTHS} months, {FACTORS} factors, "
        f"4 x {SAMPLES} draws",
        (
            Contestant("Puffin", functools.partial(_puffin, count), _puffin_draws, calls=3),
            *pymc_contestants(functools.partial(_pymc_model, count), _pymc_draws, SAMPLES, by=by),
        ),
    )


JOBS = (_job(500, (NUTPIE,)), _job(3_000, ()))
