"""What `MultivariateSV` takes for many assets, and how good its covariances are out of sample.

`python -m benchmarks.multivariate` prints the tables of benchmarks/multivariate.md; an idle core
takes three minutes. Each row of the first table is measured in a fresh process. CPU seconds are
those of all threads, so that a machine that has other work to do says the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

import puffin as pf
from benchmarks.measuring import MAXRSS_UNITS

SIZES = ((20, 1_000, 2), (90, 1_000, 4))
CHAINS, DRAWS, TUNE = 4, 1_000, 500
ASSETS, WINDOW, EVERY, DAYS = 20, 750, 21, 504
MODELS = ((1, "normal"), (2, "normal"), (4, "normal"), (4, "student"))


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multivariate", description=__doc__)
    parser.add_argument(
        "--one", nargs=3, type=int, metavar=("ASSETS", "DAYS", "FACTORS"), help="one row of costs"
    )
    parser.add_argument("--forecasts", action="store_true", help="the second table alone")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(cost(*options.one)))
        return
    if not options.forecasts:
        costs()
    forecasts()


def costs() -> None:
    """Print what fits take."""
    print("| assets | days | factors | CPU s | s | memory, MB | worst ESS | worst R-hat |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        command = [sys.executable, "-m", "benchmarks.multivariate", "--one", *map(str, size)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        shown = [f"{value:,.0f}" for value in (*size, *list(found.values())[:4])]
        print("|", " | ".join(shown), f"| {found['r_hat']:.3f} |")


def cost(n_assets: int, n_times: int, n_factors: int) -> dict[str, float]:
    """Return what a fit to simulated returns takes."""
    returns = simulated(n_assets, n_times, n_factors)
    warnings.simplefilter("ignore")
    pf.MultivariateSV(n_factors).fit(returns[:20], 10, 10)  # compiled, or read from the disk
    cpu, wall = time.process_time(), time.perf_counter()
    model = pf.MultivariateSV(n_factors).fit(returns, DRAWS, TUNE, chains=CHAINS, random_seed=1)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNITS / 1e6
    facts = model.diagnostics
    return {
        "cpu": cpu, "wall": wall, "memory": memory, "ess": facts["ess_bulk"],
        "r_hat": facts["r_hat"],
    }  # fmt: skip


def simulated(n_assets: int, n_times: int, n_factors: int) -> NDArray[np.float64]:
    """Return returns of a factor model whose first factor is a market."""
    stream = np.random.default_rng(1)
    loadings = 0.005 * stream.standard_normal((n_factors, n_assets))
    loadings[0] = stream.uniform(0.005, 0.015, n_assets)
    level = np.append(stream.normal(-8.8, 0.5, n_assets), np.zeros(n_factors))
    h = np.zeros((n_times, n_assets + n_factors))
    for t in range(1, n_times):
        h[t] = 0.97 * h[t - 1] + 0.2 * stream.standard_normal(h.shape[1])
    shocks = np.exp(0.5 * (level + h)) * stream.standard_normal(h.shape)
    return shocks[:, :n_assets] + shocks[:, n_assets:] @ loadings


def forecasts() -> None:
    """Print how covariances forecast the last two years of twenty US stocks."""
    returns = pf.datasets.load_equities().pct_change().dropna().iloc[-(WINDOW + DAYS) :, :ASSETS]
    rivals: dict[str, Callable[[pd.DataFrame], NDArray[np.float64]]] = {
        "DCC": dcc,
        "EWMA, lambda 0.94": lambda past: ewma(past, 0.94),
        "EWMA, lambda 0.97": lambda past: ewma(past, 0.97),
        "Ledoit-Wolf": ledoit_wolf,
        "sample covariance": lambda past: past.cov().to_numpy(),
    }
    print(f"\n{ASSETS} stocks, {DAYS} days, forecasts renewed every {EVERY} days")
    print("| forecast | log score a day | volatility of minimum variance, % a year |")
    print("| --- | --- | --- |")
    windows = [
        (returns[start - WINDOW : start], returns[start : start + EVERY])
        for start in range(WINDOW, len(returns), EVERY)
    ]
    for n_factors, distribution in MODELS:
        models = [factor_model(past, n_factors, distribution) for past, _ in windows]
        matrices = [model.covariance(horizon=EVERY).to_numpy() / EVERY for model in models]
        densities = [
            model.log_predictive_density(coming).to_numpy()
            for model, (_, coming) in zip(models, windows, strict=True)
        ]
        name = f"MultivariateSV({n_factors}), {distribution} errors"
        row(f"{name}, its own density", windows, matrices, densities)
        row(f"{name}, normal", windows, matrices, None)
    for name, covariance in rivals.items():
        row(f"{name}, normal", windows, [covariance(past) for past, _ in windows], None)


def row(
    name: str,
    windows: Sequence[tuple[pd.DataFrame, pd.DataFrame]],
    matrices: Sequence[NDArray[np.float64]],
    densities: Sequence[NDArray[np.float64]] | None,
) -> None:
    """Print a row: log scores of these densities, or of normal ones with these covariances."""
    if densities is None:
        densities = [
            np.atleast_1d(multivariate_normal(past.mean().to_numpy(), matrix).logpdf(coming))
            for (past, coming), matrix in zip(windows, matrices, strict=True)
        ]
    earned = []
    for (_, coming), matrix in zip(windows, matrices, strict=True):
        weights = np.linalg.solve(matrix, np.ones(ASSETS))
        earned.extend(coming.to_numpy() @ (weights / weights.sum()))
    volatility = 100.0 * np.sqrt(252.0) * np.std(earned)
    print(f"| {name} | {np.mean(np.concatenate(densities)):.2f} | {volatility:.2f} |")


def factor_model(past: pd.DataFrame, n_factors: int, distribution: str) -> pf.MultivariateSV:
    """Return a fit to the past."""
    warnings.simplefilter("ignore")
    model = pf.MultivariateSV(n_factors, distribution=distribution)
    return model.fit(past, 250, 250, chains=2, random_seed=1)


def dcc(past: pd.DataFrame) -> NDArray[np.float64]:
    """Return that of multiarch's DCC(1, 1) with GARCH(1, 1) margins, averaged over the periods."""
    from multiarch import DCC

    fitted = DCC(past).fit(se=None)
    matrices: NDArray[np.float64] = np.asarray(fitted.forecast(EVERY)["covariance"])
    mean: NDArray[np.float64] = matrices.mean(axis=0)
    return mean


def ewma(past: pd.DataFrame, decay: float) -> NDArray[np.float64]:
    """Return the exponentially weighted covariance."""
    centred = (past - past.mean()).to_numpy()
    weights = decay ** np.arange(len(centred) - 1.0, -1.0, -1.0)
    return (centred.T * (weights / weights.sum())) @ centred


def ledoit_wolf(past: pd.DataFrame) -> NDArray[np.float64]:
    """Return scikit-learn's shrunk covariance."""
    from sklearn.covariance import LedoitWolf

    matrix: NDArray[np.float64] = LedoitWolf().fit(past.to_numpy()).covariance_
    return matrix


if __name__ == "__main__":
    main()
