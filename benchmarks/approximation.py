"""Would an approximation be five times faster than Puffin's exact samplers, and good enough?

    python -m benchmarks.approximation

The samplers of volatility models draw parameters and states together from an approximation, and
correct it by weights. The approximation alone, corrected in the same way, is that sampler with
fewer draws. So what is measured is the exact sampler with 4 x 1,000, 4 x 125 and 4 x 60 draws: CPU
seconds, of which the share that finds the approximation, and the error (root mean square over
seeds) of the 3% and 97% quantiles of the parameters and of the last day's volatility, in posterior
standard deviations, against 4 x 20,000 draws. An approximation is worth having at a fifth of the
time with an error below 0.05. Regression and Sharpe ratios: the same, of their parameters.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import puffin as pf

Scalars: TypeAlias = Mapping[str, NDArray[np.float64]]
Fit: TypeAlias = Callable[[int, int], Scalars]

_PROBABILITIES = (0.03, 0.97)
_SAMPLES, _REFERENCE, _SEEDS = (1_000, 125, 60), 20_000, 10


def main() -> None:
    """Measure, and print one table."""
    # Few draws of a Gibbs sampler have not converged; that is in the errors.
    warnings.simplefilter("ignore", pf.ConvergenceWarning)
    table = Table(title="Exact samplers with fewer draws")
    for heading in ("model", "draws", "CPU s", "times as fast", "error of quantiles, sd"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, fit in _fits().items():
        reference = fit(_REFERENCE, 10_000)
        base = None
        for samples in _SAMPLES:
            seconds, error = _measured(fit, samples, reference)
            base = base or seconds
            label = name if samples == _SAMPLES[0] else ""
            table.add_row(
                label, f"4 x {samples:,}", f"{seconds:.3f}", f"{base / seconds:.1f}", f"{error:.3f}"
            )
    Console(width=100).print(table)


def _measured(fit: Fit, samples: int, reference: Scalars) -> tuple[float, float]:
    """Return the median CPU seconds of a fit, and the largest root mean square error."""
    seconds, errors = [], []
    for seed in range(_SEEDS):
        start = time.process_time()
        scalars = fit(samples, seed)
        seconds.append(time.process_time() - start)
        errors.append([_errors(scalars[name], reference[name]) for name in reference])
    return float(np.median(seconds)), float(np.sqrt(np.mean(np.square(errors), axis=0)).max())


def _errors(draws: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    gap = np.quantile(draws, _PROBABILITIES) - np.quantile(reference, _PROBABILITIES)
    return np.asarray(gap / reference.std())


def _fits() -> dict[str, Fit]:
    returns = np.log(pf.datasets.load_equities()["JPM"]).diff().dropna()

    def volatility(distribution: str, n_times: int) -> Fit:
        data = returns.iloc[-n_times:]

        def fit(samples: int, seed: int) -> Scalars:
            model = pf.StochasticVolatilityModel(distribution)
            model.fit(data, samples, random_seed=seed)
            return _scalars(model) | {"last": model.posterior.flat("h_last")}

        return fit

    def regression(samples: int, seed: int) -> Scalars:
        market = np.log(pf.datasets.load_equities()["XOM"]).diff().loc[returns.index]
        model = pf.BayesianLinearRegression(likelihood="student")
        return _scalars(model.fit(market, returns, samples, random_seed=seed))

    def sharpe(samples: int, seed: int) -> Scalars:
        found = pf.bayesian_sharpe(returns, 4 * samples, random_seed=seed)
        return {"sharpe": np.asarray(found.draws).ravel()}

    fits = {
        f"volatility, {law}, {n_times:,} days": volatility(law, n_times)
        for law in ("normal", "student")
        for n_times in (500, 2_500)
    }
    return fits | {"regression, student": regression, "Sharpe ratio": sharpe}


def _scalars(model: Any) -> dict[str, NDArray[np.float64]]:
    variables = model.posterior.variables
    return {name: one.ravel() for name, one in variables.items() if one.ndim == 2}


if __name__ == "__main__":
    main()
