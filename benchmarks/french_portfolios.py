"""Alphas of Kenneth French's portfolios, 1949 to 2017, weighed by each other.

`python -m benchmarks.french_portfolios` needs linearmodels, with which they come: twelve
industries, and nine portfolios each by size and value and by size and momentum. `skill.md` has what
it found.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import puffin as pf

FACTORS = (["MktRF"], ["MktRF", "SMB", "HML"], ["MktRF", "SMB", "HML", "Mom"])


def portfolios() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return monthly returns less the riskless one, and the factors."""
    from linearmodels.datasets import french

    data = french.load()
    data = data.set_index(pd.to_datetime(data.pop("dates")))
    factors = data[FACTORS[-1]]
    return data.drop(columns=[*FACTORS[-1], "RF"]).sub(data["RF"], axis=0), factors


def main() -> None:
    """Print the ends of each table, who is named, and how much of the best was luck."""
    returns, factors = portfolios()
    columns = ["asset", "estimate", "std_error", "mean", "hdi_low", "hdi_high", "prob_positive"]
    for names in FACTORS:
        for distribution in ("normal", "spike"):
            model = pf.BayesianHierarchical(distribution=distribution)
            model.fit(returns, factors[names], samples=1000, random_seed=1)
            table = model.table
            ratios = table["estimate"] / table["std_error"]
            print(f"\n{', '.join(names)}: {distribution}")
            print(table.iloc[np.r_[:4, -3:0]][columns].round(3).to_string(index=False))
            print(f"t above 2: {(ratios > 2).sum()}, below -2: {(ratios < -2).sum()}")
            print(model.skilled(0.1).sentence)
            print(model.best().sentence)


if __name__ == "__main__":
    main()
