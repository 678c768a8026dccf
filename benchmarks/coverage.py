"""How often intervals of the Sharpe ratio hold the true one, in worlds of real returns.

`python -m benchmarks.coverage` prints the tables of benchmarks/coverage.md; two cores take hours.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.stats import norm, t

from benchmarks.coverage_worlds import Source, sources
from puffin.models.bayesian import bayesian_sharpe
from puffin.posterior import ConvergenceWarning

BLOCKS = (30, 60)
PROB = 0.94
RESAMPLES = 500
Interval = tuple[float, float]
Method = Callable[[NDArray[np.float64], int, int], Interval]


def main() -> None:
    """Fit worlds, with progress on the error stream, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--replicates", type=int, default=200, help="samples of each world")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--save", help="a CSV file for the table of all worlds")
    options = parser.parse_args()
    cells = [(one, size, block) for one in sources() for size in one.sizes for block in BLOCKS]
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        results = pool.map(functools.partial(of_cell, range(options.replicates)), cells)
        rows = []
        for cell, found in zip(cells, results, strict=True):
            print(cell[0].group, cell[0].name, *cell[1:], file=sys.stderr, flush=True)
            rows += found
    table = pd.DataFrame(rows)
    if options.save:
        table.to_csv(options.save, index=False)
    print(f"{options.replicates} samples of each of {len(cells)} worlds.\n")
    print(by_group(table))
    print(worst(table))


def of_cell(replicates: range, cell: tuple[Source, int, int]) -> list[dict[str, object]]:
    """Return coverage and mean width of every method in one kind of world."""
    source, size, block = cell
    held: dict[str, list[bool]] = {name: [] for name in METHODS}
    widths: dict[str, list[float]] = {name: [] for name in METHODS}
    for replicate in replicates:
        stream = np.random.default_rng(
            [*source.name.encode(), source.periods, size, block, replicate]
        )
        returns = source.world(size, block, stream)
        for name, method in METHODS.items():
            low, high = method(returns, source.periods, replicate)
            held[name].append(low <= source.true_sharpe <= high)
            widths[name].append(high - low)
    place = {"group": source.group, "series": source.name, "size": size, "block": block}
    return [
        {**place, "method": name, "coverage": np.mean(held[name]), "width": np.mean(widths[name])}
        for name in METHODS
    ]


def puffin(returns: NDArray[np.float64], periods: int, seed: int) -> Interval:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        sharpe = bayesian_sharpe(
            returns, 1_000, periods_per_year=periods, hdi_prob=PROB, chains=2, cores=1,
            random_seed=seed,
        )  # fmt: skip
    return sharpe["hdi_low"], sharpe["hdi_high"]


def bootstrap(returns: NDArray[np.float64], periods: int, seed: int) -> Interval:
    """Percentiles of resampled returns, each for itself."""
    stream = np.random.default_rng(seed)
    drawn = returns[stream.integers(returns.size, size=(RESAMPLES, returns.size))]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.sqrt(periods) * drawn.mean(axis=1) / drawn.std(axis=1)
    low, high = np.nanquantile(ratios, [(1.0 - PROB) / 2.0, (1.0 + PROB) / 2.0])
    return float(low), float(high)


def normal(returns: NDArray[np.float64], periods: int, _: int) -> Interval:
    """The sample's ratio and its standard error by skewness and kurtosis (Mertens 2002)."""
    influence, ratio = influences(returns, periods)
    error = np.linalg.norm(influence) * norm.ppf(0.5 + PROB / 2.0)
    return ratio - error, ratio + error


def long_run(returns: NDArray[np.float64], periods: int, _: int) -> Interval:
    """The same with dependence counted, by 0.4 n^(2/3) cosines (Lazarus and others 2018)."""
    influence, ratio = influences(returns, periods)
    cosines = max(4, int(0.4 * returns.size ** (2 / 3)))
    spectrum = dct(influence, norm="ortho")[1 : cosines + 1]
    error = np.sqrt(returns.size * np.mean(spectrum**2)) * t.ppf(0.5 + PROB / 2.0, cosines)
    return ratio - error, ratio + error


def influences(returns: NDArray[np.float64], periods: int) -> tuple[NDArray[np.float64], float]:
    ratio = returns.mean() / returns.std()
    z = (returns - returns.mean()) / returns.std()
    influence = np.sqrt(periods) * (z - 0.5 * ratio * (z**2 - 1.0)) / returns.size
    return influence, float(np.sqrt(periods) * ratio)


METHODS: dict[str, Method] = {
    "puffin": puffin,
    "bootstrap": bootstrap,
    "normal": normal,
    "normal, long run": long_run,
}


def by_group(table: pd.DataFrame) -> str:
    """Return coverage, least coverage, and width against the bootstrap's, as Markdown."""
    keys = ["group", "series", "size", "block"]
    base = table[table.method == "bootstrap"].set_index(keys).width
    own = table.set_index(keys)
    relative = (own.width / base.reindex(own.index)).to_numpy()
    grouped = table.assign(relative=relative).groupby(["group", "method"], sort=False)
    lines = ["| group | method | coverage | least | width to the bootstrap's |", "| --- " * 5 + "|"]
    for (group, method), rows in grouped:
        lines.append(
            f"| {group} | {method} | {rows.coverage.mean():.1%} | {rows.coverage.min():.0%} | "
            f"{rows.relative.mean():.2f} |"
        )
    return "\n".join(lines) + "\n"


def worst(table: pd.DataFrame) -> str:
    """Return every world of `puffin` by series and size, as Markdown; blocks of 30 / of 60."""
    own = table[table.method == "puffin"]
    lines = []
    for group, rows in own.groupby("group", sort=False):
        sizes = sorted(rows["size"].unique())
        lines += ["", f"| {group} | " + " | ".join(f"n = {size:,}" for size in sizes) + " |"]
        lines.append("| --- " * (len(sizes) + 1) + "|")
        for series, of_series in rows.groupby("series", sort=False):
            cells = of_series.set_index(["size", "block"]).coverage
            said = [" / ".join(f"{cells[size, block]:.0%}" for block in BLOCKS) for size in sizes]
            lines.append(f"| {series} | " + " | ".join(said) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
