"""Simulation-based calibration (Talts et al. 2018): the one harness for every model.

A truth is drawn from the prior, data from the truth, and a posterior from the data; among the
draws of a right posterior the rank of the truth is uniform. Every model is tested through its
public function, in `test_calibration.py` of its folder, at a fixed scale.

Each test raises a false alarm with probability 1e-5 or less, whatever the number of truths n. With
ten parameters its limit for the mean rank is 5.1 standard errors: with probability 0.8 it finds a
mean rank that is off by 6 / sqrt(12 n) of all, as of a normal posterior that is off by 0.3, 0.6 or
1.1 of its standard deviations with n = 500, 100 or 40. How many draws there are matters little
beside n: with 60 that are as good as independent ranks spread 3% more, half a standard error at
n = 150.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from scipy import stats

Truth = Mapping[str, float]
Simulate = Callable[[np.random.Generator], tuple[Truth, object]]
Sample = Callable[[object, int], Mapping[str, np.ndarray]]

SCALE = 0.01
"""Of the returns: a prior whose scale is the data's own could not draw a truth first."""
DRAWS = 99


def ranks(simulate: Simulate, sample: Sample, *, replicates: int, seed: int):
    """Return the rank of each true parameter among 99 thinned draws, for each replicate.

    Parameters
    ----------
    simulate : callable
        Takes a generator; returns the truth (name to number) and the data.
    sample : callable
        Takes the data and a seed; returns draws by name, shape (n_chains, n_draws).

    Returns
    -------
    dict of str to ndarray of shape (n_replicates,)
    """
    collected: dict[str, list[int]] = {}
    for replicate in range(replicates):
        stream = np.random.default_rng([*np.atleast_1d(seed), replicate])
        truth, data = simulate(stream)
        draws = sample(data, int(stream.integers(2**31)))
        for name, value in truth.items():
            flat = draws[name].ravel()
            thinned = flat[np.linspace(0, flat.size - 1, DRAWS).astype(int)]
            collected.setdefault(name, []).append(int(np.sum(thinned < value)))
    return {name: np.array(values) for name, values in collected.items()}


def assert_uniform(ranks_by_name, *, false_alarm=1e-5, bins=20):
    """Chi-square test of each parameter's ranks, and of their first two moments.

    The alarm rate is that of all tests together.
    """
    keep(ranks_by_name)
    level = false_alarm / (3 * len(ranks_by_name))
    for name, values in ranks_by_name.items():
        counts = np.bincount(values * bins // (DRAWS + 1), minlength=bins)
        uniform = (values + 0.5) / (DRAWS + 1)
        n = len(uniform)
        tests = {
            "histogram": stats.chisquare(counts).pvalue,
            "mean": 2 * stats.norm.sf(abs(uniform.mean() - 0.5) * np.sqrt(12 * n)),
            "spread": 2
            * stats.norm.sf(abs(np.mean((uniform - 0.5) ** 2) - 1 / 12) * np.sqrt(180 * n)),
        }
        for test, p_value in tests.items():
            assert p_value > level, f"ranks of {name} are not uniform: {test} p={p_value:.1e}"


def keep(ranks_by_name):
    """Add the ranks to the file that PUFFIN_RANKS names: `python -m benchmarks.calibration`.

    A row has the test, the parameter, and how often each rank from 0 to 99 was found.
    """
    if "PUFFIN_RANKS" in os.environ:
        file, *_, test = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)").split("::")
        with open(os.environ["PUFFIN_RANKS"], "a", newline="") as table:
            for name, values in ranks_by_name.items():
                counts = np.bincount(values, minlength=DRAWS + 1)
                csv.writer(table).writerow([f"{Path(file).stem}::{test}", name, *counts])
