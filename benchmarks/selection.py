"""Searches whose truth is known: is what is left of the best right, and is it a good choice?

    python -m benchmarks.selection [searches [world ...]]

Writes a row for each kind of world. No backtests are run: a trial's returns are drawn from a world
in which they are a function of its settings (`selection_worlds`). It is searched as
`BayesianOptimizer` does, and by Optuna's TPE told the sample's ratios.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
import pandas as pd
from scipy import stats

from benchmarks.selection_worlds import YEAR, World
from puffin import BayesianOptimizer
from puffin.models.selection import SelectionPriors
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.hierarchy import Hierarchy
from puffin.tuning.evaluation import Evaluation
from puffin.tuning.proposals import Proposals, default_sampler
from puffin.tuning.space import Space
from puffin.tuning.trial import Trial

TRIALS, LEVEL = 200, 0.95
PRIOR_SD = 0.75


class ByPoint(Trial):
    """A trial of which the search is told the sample's ratio."""

    def told(self, periods: float, prior_sd: float) -> float:  # noqa: ARG002
        return float(np.sqrt(periods) * self.ratio)


def by_parzen(trials: list[Trial], space: Space) -> Callable[[int], optuna.samplers.BaseSampler]:  # noqa: ARG001
    """Return Optuna's own sampler, which knows what it is told only."""
    return lambda seed: optuna.samplers.TPESampler(seed=seed)


def search(
    world: World, seed: int, kind: type[Trial], sampler: Callable[..., Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return settings, and the returns of each, of a search."""
    names = [f"x{i}" for i in range(world.frequencies.shape[1])]
    space = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in names}
    trials: list[Trial] = []
    made = sampler(trials, space)
    proposals = Proposals.new(space, made, seed, YEAR, PRIOR_SD, "benchmark")
    settings = []
    for number in range(TRIALS):
        asked = proposals.ask(number)
        settings.append([asked.params[name] for name in names])
        returns = world.returns(np.array(settings[-1:]))[:, 0]
        trials.append(kind(number, asked.params, returns))
        proposals.tell(asked, trials[-1])
    return np.array(settings), np.column_stack([one.excess for one in trials])


@dataclass(frozen=True)
class Searched:
    """What a search chose, what it said of it, and what is true."""

    rank: float
    declared: bool
    apparent: float
    left: float
    truth: float
    regret: float
    point_regret: float
    known_apart: float


def searched(world: World, seed: int) -> Searched:
    stream = np.random.default_rng([99, seed])
    settings, returns = search(world, seed, Trial, default_sampler)
    estimates = TrialEstimates.of(returns, YEAR)
    hierarchy = Hierarchy.of(estimates, SelectionPriors())
    best = int(hierarchy.mean().argmax())
    draws, truth = hierarchy.draw(2000, stream)[:, best], world.truth(settings)
    regret = point_regret = known_apart = 0.0
    if np.ptp(truth) > 1e-9:
        point_settings, point_returns = search(world, seed, ByPoint, by_parzen)
        point = int((point_returns.mean(axis=0) / point_returns.std(axis=0)).argmax())
        point_truth = world.truth(point_settings)
        # The best there is: of many settings, and of those that either search tried.
        there = world.truth(stream.random((20_000, settings.shape[1])))
        highest = max(there.max(), truth.max(), point_truth.max())
        regret, point_regret = float(highest - truth[best]), float(highest - point_truth[point])
        both = world.expected(np.stack([settings[best], point_settings[point]]))
        known_apart = float(both[1] - both[0])
    return Searched(
        rank=float((draws < truth[best]).mean()),
        declared=bool((draws > 0.0).mean() > LEVEL),
        apparent=float(estimates.sharpe[best]),
        left=float(draws.mean()),
        truth=float(truth[best]),
        regret=regret,
        point_regret=point_regret,
        known_apart=known_apart,
    )


def edges(stream: np.random.Generator, **kind: float) -> World:
    """Draw a world whose edges are drawn as the prior has them."""
    edge, common = abs(stream.normal(0.0, 0.5)), kind.get("common", 0.4)
    return World.draw(stream, edge=edge, level=0.5 * np.sqrt(common), **kind)


WORLDS: dict[str, Callable[[np.random.Generator], World]] = {
    "no edge": World.draw,
    "no edge, all alike": lambda stream: World.draw(stream, common=0.9),
    "no edge, nothing in common": lambda stream: World.draw(stream, common=0.0),
    "no edge, two years": lambda stream: World.draw(stream, days=504),
    "edges": edges,
    "edges, nothing in common": lambda stream: edges(stream, common=0.01),
    "edges, ten years": lambda stream: edges(stream, days=2520),
    "a level only": lambda stream: World.draw(stream, level=0.5 * np.sqrt(0.4)),
    "edges of another kind": lambda stream: edges(stream).with_other_edges(stream),
}


def row(name: str, searches: int) -> dict[str, object]:
    found = []
    for seed in range(searches):
        stream = np.random.default_rng([*name.encode(), seed])
        found.append(searched(WORLDS[name](stream), seed))
    table = pd.DataFrame([vars(one) for one in found])
    apart = table["regret"] - table["point_regret"]
    return {
        "world": name,
        "searches": searches,
        "declared": table["declared"].mean(),
        "mean rank": table["rank"].mean(),
        "in the 94%": table["rank"].between(0.03, 0.97).mean(),
        "p of uniform": stats.kstest(table["rank"], "uniform").pvalue,
        "apparent": table["apparent"].mean(),
        "left": table["left"].mean(),
        "true": table["truth"].mean(),
        "regret": table["regret"].mean(),
        "TPE's": table["point_regret"].mean(),
        "difference": apart.mean(),
        "its error": apart.std() / np.sqrt(searches),
        "by what is known": table["known_apart"].mean(),
        "error of that": table["known_apart"].std() / np.sqrt(searches),
    }


class _Sign:
    """A strategy that takes no time, so that what the search takes is seen."""

    def __init__(self, lag: int, share: float) -> None:
        self.lag, self.share = lag, share

    def weights(self, prices: pd.DataFrame) -> pd.DataFrame:
        return self.share * np.sign(prices.pct_change(self.lag)).fillna(0.0)


def overhead(trials: int = TRIALS) -> float:
    """Return the seconds of a core that a trial takes beside its backtest, with a store."""
    stream = np.random.default_rng(1)
    moves = 0.01 * stream.standard_normal((2000, 3))
    index = pd.bdate_range("2015-01-01", periods=len(moves))
    prices = pd.DataFrame(np.exp(np.cumsum(moves, axis=0)), index)
    spent = [0.0]
    trial = Evaluation.trial

    def timed(self, *args, **options):
        began = time.process_time()
        try:
            return trial(self, *args, **options)
        finally:
            spent[0] += time.process_time() - began

    Evaluation.trial = timed
    try:
        with tempfile.TemporaryDirectory() as store:
            search = BayesianOptimizer(
                _Sign, {"lag": (1, 250), "share": (0.1, 1.0)}, n_trials=trials,
                least_gain=1e-12, store=store, random_seed=1,
            )  # fmt: skip
            began = time.process_time()
            search.fit(prices)
            return (time.process_time() - began - spent[0]) / trials
    finally:
        Evaluation.trial = trial


def main(searches: int = 100, *names: str) -> None:
    if not names:
        print(f"beside each backtest: {1000.0 * overhead():.2f} ms a trial", flush=True)
    rows = []
    for name in names or WORLDS:
        rows.append(row(name, searches))
        print(rows[-1], flush=True)
    print(pd.DataFrame(rows).to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
