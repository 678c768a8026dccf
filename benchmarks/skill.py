"""Who of 300 simulated funds is named, with normal alphas and with a spike at zero.

`python -m benchmarks.skill few some normal` writes a line for each world and distribution;
`skill.md` has what it found. Worlds differ in their true alphas alone: ten years of months, two
factors that are given and one that is not, errors of a Student t with five degrees of freedom.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

import puffin as pf

PANELS, FUNDS, MONTHS, FDR = 40, 300, 120, 0.1
Alphas = Callable[[np.random.Generator], np.ndarray]


def _few(about: float, others: float, share: float = 0.05) -> Alphas:
    """A share with alphas of Normal(4%, 1.5%), the others' about a level."""

    def draw(stream: np.random.Generator) -> np.ndarray:
        chosen = stream.random(FUNDS) < share
        skilled = stream.normal(0.04, 0.015, FUNDS)
        rest = stream.normal(0.0, others, FUNDS) if others else np.zeros(FUNDS)
        return np.where(chosen, skilled, rest) + about

    return draw


def _some(stream: np.random.Generator) -> np.ndarray:
    return np.where(stream.random(FUNDS) < 0.3, stream.normal(0.02, 0.02, FUNDS), 0.0)


WORLDS: Mapping[str, Alphas] = {
    "few": _few(0.0, 0.0),
    "fees": _few(-0.01, 0.0),
    "few2": _few(0.0, 0.003),
    "some": _some,
    "normal": lambda stream: stream.normal(0.0, 0.02, FUNDS),
    "small": lambda stream: stream.normal(0.0, 0.01, FUNDS),
    "t3": lambda stream: 0.015 * stream.standard_t(3, FUNDS),
    "none": lambda _: np.zeros(FUNDS),
}


def panel(alphas: Alphas, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return returns, factors and true alphas."""
    stream = np.random.default_rng([7, seed])
    dates = pd.date_range("2014-01-31", periods=MONTHS, freq="ME")
    names = [f"fund {i:03d}" for i in range(FUNDS)]
    true = alphas(stream)
    factors = stream.normal(0.005, 0.04, (MONTHS, 2))
    betas = stream.normal([1.0, 0.2], 0.2, (FUNDS, 2))

    def heavy(*shape: int) -> np.ndarray:
        return stream.standard_t(5, shape) / np.sqrt(5.0 / 3.0)

    shared = heavy(MONTHS, 1) @ stream.normal(0.0, 0.005, (1, FUNDS))
    own = heavy(MONTHS, FUNDS) * stream.uniform(0.01, 0.035, FUNDS)
    returns = true / 12.0 + factors @ betas.T + shared + own
    return (
        pd.DataFrame(returns, dates, names),
        pd.DataFrame(factors, dates, ["market", "size"]),
        pd.Series(true, names),
    )


def measured(world: str, distribution: str) -> dict[str, float]:
    """Return what came of all panels of a world: rates with their standard errors."""
    rows = []
    for seed in range(PANELS):
        returns, factors, true = panel(WORLDS[world], seed)
        model = pf.BayesianHierarchical(distribution=distribution)
        model.fit(returns, factors, samples=200, tune=150, random_seed=1)
        named, table = model.skilled(FDR), model.table.set_index("asset")
        own = true[table.index]
        rows.append({
            "named": len(named),
            "false": int((true[named.assets] <= 0.0).sum()),
            "good": int((true[named.assets] > 0.02).sum()),
            "above_2%": int((true > 0.02).sum()),
            "covered": float(((table["hdi_low"] <= own) & (own <= table["hdi_high"])).mean()),
            "squares": float(((table["mean"] - own) ** 2).mean()),
            "expected": float(table["prob_positive"].sum()),
            "skilled": int((true > 0.0).sum()),
        })  # fmt: skip
    found = pd.DataFrame(rows)
    rate = found["false"].sum() / max(found["named"].sum(), 1)
    spread = (found["false"] - rate * found["named"]).std() / max(found["named"].mean(), 1e-9)
    return {
        **found.drop(columns=["false", "squares"]).mean(),
        "false_share": rate,
        "false_share_error": spread / np.sqrt(PANELS),
        "rmse": float(np.sqrt(found["squares"].mean())),
    }


def main(worlds: list[str]) -> None:
    """Print a table of these worlds, or of all."""
    warnings.simplefilter("ignore")
    rows = {
        (world, distribution): measured(world, distribution)
        for world in worlds or list(WORLDS)
        for distribution in ("normal", "spike")
    }
    print(pd.DataFrame(rows).T.round(4).to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
