"""Who of 300 simulated funds is named: with normal alphas, with a spike at zero, with either.

`python -m benchmarks.skill few some normal` writes a table for each world;
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
from puffin.findings.skill_fits import SkillFits

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


def fitted(world: str, seed: int) -> tuple[SkillFits, pd.Series]:
    """Return both fits to a panel, and true alphas."""
    returns, factors, true = panel(WORLDS[world], seed)
    fits = {
        name: pf.BayesianHierarchical(distribution=name).fit(
            returns, factors, samples=200, tune=150, random_seed=1
        )
        for name in ("normal", "spike")
    }
    return SkillFits(fits), true


def naming(fits: SkillFits, true: pd.Series) -> dict[str, float]:
    """Return how many are named whichever fit is right, and how many of them falsely."""
    named = fits.skilled(FDR, 0.0).assets
    return {
        "named": len(named),
        "false": int((true[named] <= 0.0).sum()),
        "good": int((true[named] > 0.02).sum()),
        "above_2%": int((true > 0.02).sum()),
    }


def estimating(fits: SkillFits, true: pd.Series) -> dict[str, float]:
    """Return how good the first fit's posteriors are."""
    table = fits.first.table.set_index("asset")
    own = true[table.index]
    return {
        "covered": float(((table["hdi_low"] <= own) & (own <= table["hdi_high"])).mean()),
        "squares": float(((table["mean"] - own) ** 2).mean()),
        "expected": float(table["prob_positive"].sum()),
        "skilled": int((true > 0.0).sum()),
    }


def measured(world: str) -> dict[str, dict[str, float]]:
    """Return what came of all panels of a world, by each distribution and by both."""
    rows: dict[str, list[dict[str, float]]] = {"normal": [], "spike": [], "both": []}
    for seed in range(PANELS):
        both, true = fitted(world, seed)
        for name, fit in both.fits.items():
            one = SkillFits({name: fit})
            rows[name].append({**naming(one, true), **estimating(one, true)})
        rows["both"].append(naming(both, true))
    return {name: _rates(pd.DataFrame(of_one)) for name, of_one in rows.items()}


def _rates(found: pd.DataFrame) -> dict[str, float]:
    """Return means, and the share of false ones of all named, with its standard error."""
    rate = found["false"].sum() / max(found["named"].sum(), 1)
    spread = (found["false"] - rate * found["named"]).std() / max(found["named"].mean(), 1e-9)
    means = found.drop(columns="false").mean()
    if "squares" in means:
        means["rmse"] = float(np.sqrt(means.pop("squares")))
    return {**means, "false_share": rate, "false_share_error": spread / np.sqrt(PANELS)}


def main(worlds: list[str]) -> None:
    """Print a table for each of these worlds, or of all."""
    warnings.simplefilter("ignore")
    for world in worlds or list(WORLDS):
        print(world)
        print(pd.DataFrame(measured(world)).T.round(4).to_string(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
