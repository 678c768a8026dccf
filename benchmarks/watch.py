"""False alarms and time to detection of `sharpe_change`, by simulation.

`python -m benchmarks.watch` prints the tables of benchmarks/watch.md; two cores take half an hour.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.models.bayesian import sharpe_change

YEAR, BACKTEST_YEARS, LIVE_YEARS = 252, 5, 3
MONTHS = (3, 6, 12, 24, 36)
THRESHOLDS = (0.8, 0.9, 0.95)
TAILS, DAILY_SD = 5.0, 0.01
TRIED = 20


@dataclass(frozen=True)
class Scenario:
    """A strategy's true annual Sharpe ratio, in the backtest and since.

    Attributes
    ----------
    tried : int
        The backtest is the one with the best Sharpe ratio of so many, all equally good.
    """

    title: str
    before: float
    since: float
    tried: int = 1


SCENARIOS = (
    Scenario("no change: 1", 1.0, 1.0),
    Scenario("no change: 0.5, chosen as the best of 20", 0.5, 0.5, TRIED),
    Scenario("from 1 to 0.5", 1.0, 0.5),
    Scenario("from 1 to 0", 1.0, 0.0),
    Scenario("from 1 to -1", 1.0, -1.0),
    Scenario("from 2 to 0", 2.0, 0.0),
)


def main() -> None:
    """Simulate, with progress on the error stream, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch", description=__doc__)
    parser.add_argument("--repeats", type=int, default=200, help="simulated lives of each scenario")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    repeats = options.repeats
    alarms = {}
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for scenario in SCENARIOS:
            print(scenario.title, file=sys.stderr, flush=True)
            lives = pool.map(functools.partial(watched, scenario), range(repeats))
            alarms[scenario] = list(lives)
    print(f"{repeats} simulated lives of each: a share has a standard error of at most ", end="")
    print(f"{50 / np.sqrt(repeats):.1f} points, one of 5% of {22 / np.sqrt(repeats):.1f}.")
    for column, question in (
        ("prob_lower", "lower than in the backtest"),
        ("prob_negative", "below zero"),
    ):
        print(f"\n## Alarm where the Sharpe ratio is probably {question}\n")
        print(table(alarms, column))


def watched(scenario: Scenario, repeat: int) -> pd.DataFrame:
    """Return the path of one simulated life."""
    stream = np.random.default_rng([SCENARIOS.index(scenario), repeat])
    tries = [daily(stream, scenario.before, BACKTEST_YEARS) for _ in range(scenario.tried)]
    backtest = max(tries, key=lambda returns: float(returns.mean() / returns.std()))
    returns = np.concatenate([backtest, daily(stream, scenario.since, LIVE_YEARS)])
    found = sharpe_change(returns, since=backtest.size, samples=500, cores=1, random_seed=repeat)
    return found.path


def daily(stream: np.random.Generator, sharpe: float, years: int) -> NDArray[np.float64]:
    """Simulate daily returns: Student-t with 5 degrees of freedom."""
    errors = stream.standard_t(TAILS, years * YEAR) * np.sqrt((TAILS - 2.0) / TAILS)
    return DAILY_SD * (errors + sharpe / np.sqrt(YEAR))


def table(paths: dict[Scenario, list[pd.DataFrame]], column: str) -> str:
    """Return a Markdown table: a row for each scenario and threshold."""
    heads = [f"by month {month}" for month in MONTHS]
    lines = [
        "| Sharpe ratio | alarm above | " + " | ".join(heads) + " | median months | "
        "on one look in month 12 |",
        "| --- | --- |" + " --- |" * (len(heads) + 2),
    ]
    for scenario, lives in paths.items():
        for threshold in THRESHOLDS:
            months = [
                first_alarm(path[column], path["n_observations"], threshold) for path in lives
            ]
            by_then = [f"{np.mean([m <= month for m in months]):.0%}" for month in MONTHS]
            median = float(np.median(months))
            year = [path[column][path["n_observations"] <= YEAR].iloc[-1] for path in lives]
            lines.append(
                f"| {scenario.title} | {threshold:.0%} | {' | '.join(by_then)} | "
                f"{f'{median:.0f}' if np.isfinite(median) else f'over {MONTHS[-1]}'} | "
                f"{np.mean([p > threshold for p in year]):.0%} |"
            )
    return "\n".join(lines)


def first_alarm(
    probabilities: Sequence[float], observations: Sequence[int], threshold: float
) -> float:
    """Return the month of the first look at which the probability is above the threshold."""
    for probability, days in zip(probabilities, observations, strict=True):
        if probability > threshold:
            return 12.0 * days / YEAR
    return float("inf")


if __name__ == "__main__":
    main()
