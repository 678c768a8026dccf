"""`MultivariateSV` against R's factorstochvol, on the exchange rates that ship with stochvol.

`python -m benchmarks.factorstochvol` prints how far the posterior means of covariances of five days
are apart, and effective draws a CPU second. It needs R with both packages.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from numpy.typing import NDArray

import puffin as pf

DAYS, FACTORS, DRAWS, WARM_UP, THIN = 1_000, 2, 20_000, 3_000, 8
CURRENCIES = "AUD,CAD,CHF,CZK,DKK,GBP,JPY,NOK,PLN,USD"
"""Of 23: with two that are pegged to each other, as HKD and USD, neither package's chains mix."""
_SCRIPT = Path(__file__).with_suffix(".R")


class Draws(NamedTuple):
    """Covariances of five days, (n_chains, n_draws, n_covariances), and what they took."""

    covariances: NDArray[np.float64]
    cpu_seconds: float

    @property
    def effective(self) -> NDArray[np.float64]:
        """The effective sample size of each mean."""
        return np.array(
            [
                float(array_stats.ess(one, method="mean", chain_axis=0, draw_axis=1))
                for one in np.moveaxis(self.covariances, 2, 0)
            ]
        )


def main() -> None:
    """Fit both, and print."""
    returns, theirs = factorstochvol()
    ours = puffin(returns)
    difference = ours.covariances.mean(axis=(0, 1)) - theirs.covariances.mean(axis=(0, 1))
    sd = theirs.covariances.std(axis=(0, 1))
    apart, errors = difference / sd, np.sqrt(1.0 / ours.effective + 1.0 / theirs.effective)
    print(
        f"{returns.shape[1]} currencies, {DAYS:,} days, {FACTORS} factors; {sd.size:,} covariances"
    )
    print(
        f"apart by {_root_mean_square(apart):.3f} posterior sd (root mean square), at most "
        f"{abs(apart).max():.2f}; Monte Carlo errors alone: {_root_mean_square(errors):.3f}"
    )
    for name, draws in (("Puffin", ours), ("factorstochvol", theirs)):
        rate = draws.effective / draws.cpu_seconds
        print(
            f"{name}: {draws.cpu_seconds:.0f} CPU s; effective draws a CPU second: smallest "
            f"{rate.min():.1f}, median {np.median(rate):.1f}"
        )


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt((values**2).mean()))


def factorstochvol() -> tuple[pd.DataFrame, Draws]:
    """Return the returns that R fitted, and its draws, one chain."""
    with tempfile.TemporaryDirectory() as directory:
        arguments = [DAYS, FACTORS, DRAWS, WARM_UP, THIN, 1, CURRENCIES, directory]
        subprocess.run(["Rscript", str(_SCRIPT), *map(str, arguments)], check=True)
        read = {
            name: pd.read_csv(Path(directory, f"{name}.csv"))
            for name in ("returns", "covariances", "seconds")
        }
    covariances = read["covariances"].to_numpy()[None]
    return read["returns"], Draws(covariances, float(read["seconds"]["cpu"].iloc[0]))


def puffin(returns: pd.DataFrame) -> Draws:
    """Return Puffin's draws: four chains."""
    model = pf.MultivariateSV(FACTORS, mean="zero")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(returns[:50], 5, 5, random_seed=1)  # compiles
    start = time.process_time()
    draws = model.fit(returns, random_seed=1).fitted.draws
    seconds = time.process_time() - start
    m = returns.shape[1]
    # In the order in which R runs through a matrix: column by column.
    columns, rows = np.tril_indices(m)
    loadings, found = draws.loadings[:, :: draws.thin], []
    for day in np.linspace(0, DAYS - 1, 5).round().astype(int):
        variances = np.exp(draws.h[:, :, day].astype(np.float64))
        matrices = np.einsum("cdfi,cdf,cdfj->cdij", loadings, variances[..., m:], loadings)
        matrices[..., np.arange(m), np.arange(m)] += variances[..., :m]
        found.append(matrices[..., rows, columns])
    return Draws(np.concatenate(found, axis=2), seconds)


if __name__ == "__main__":
    main()
