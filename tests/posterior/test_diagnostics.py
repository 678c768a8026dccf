"""Diagnostics against those of ArviZ."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from arviz_stats.base import array_stats

from puffin.posterior import (
    ConvergenceWarning,
    diagnose,
    effective_size_of_squares,
    warn_unless_converged,
)


def chain(kind, shape, seed=1):
    stream = np.random.default_rng(seed)
    noise = stream.standard_t(3, shape)
    if kind == "independent":
        return noise
    if kind == "ties":
        return np.round(noise)
    if kind == "apart":
        return noise + 3 * np.arange(shape[0])[:, None]
    rho = {"sticky": 0.95, "antithetic": -0.6}[kind]
    for t in range(1, shape[1]):
        noise[:, t] += rho * noise[:, t - 1]
    return noise


@pytest.mark.parametrize("kind", ["independent", "ties", "sticky", "antithetic", "apart"])
@pytest.mark.parametrize("shape", [(4, 1000), (2, 333), (4, 20), (3, 5)])
def test_diagnostics_are_those_of_arviz(kind, shape):
    draws = chain(kind, shape)
    ours = diagnose(draws)
    assert ours["ess_bulk"] == pytest.approx(array_stats.ess(draws), rel=1e-9)
    assert ours["ess_tail"] == pytest.approx(
        array_stats.ess(draws, method="tail", prob=0.1), rel=1e-9
    )
    assert ours["r_hat"] == pytest.approx(array_stats.rhat(draws), rel=1e-9)


@pytest.mark.parametrize("kind", ["independent", "sticky", "antithetic"])
@pytest.mark.parametrize("shape", [(4, 1000), (2, 333), (3, 5)])
def test_size_of_squares_is_that_of_arviz(kind, shape):
    draws = chain(kind, shape)
    squares = (draws - draws.mean()) ** 2
    exact = array_stats.ess(squares, method="mean")
    assert effective_size_of_squares(draws) == pytest.approx(exact, rel=1e-9)


def test_pairs_say_of_spread_what_half_of_them_say():
    half = chain("independent", (4, 1000))
    pairs = np.stack([half, -half], axis=-1).reshape(4, 2000)
    assert effective_size_of_squares(pairs) == pytest.approx(4000, rel=0.15)
    assert diagnose(pairs)["ess_bulk"] > 16_000
    assert effective_size_of_squares(np.zeros((4, 3))) == 0.0


def test_one_chain_is_split():
    assert diagnose(chain("independent", (1, 2000)))["r_hat"] < 1.01
    drifting = chain("independent", (1, 2000)) + np.linspace(0, 3, 2000)
    assert diagnose(drifting)["r_hat"] > 1.1


def test_degenerate_draws():
    assert diagnose(np.ones((4, 100))) == {"ess_bulk": 400, "ess_tail": 400, "r_hat": 1.0}
    assert diagnose(np.zeros((4, 3)))["r_hat"] == np.inf
    stuck = np.repeat(np.arange(4.0)[:, None], 50, axis=1)
    assert diagnose(stuck)["r_hat"] == np.inf


def test_convergence_warning_names_the_worst():
    good, bad = diagnose(chain("independent", (4, 500))), diagnose(chain("apart", (4, 500)))
    with pytest.warns(ConvergenceWarning, match=r"1 of 2 parameters.*the worst is b"):
        warn_unless_converged({"a": good, "b": bad}, 2000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_unless_converged({"a": good}, 2000)
    with pytest.warns(ConvergenceWarning, match="Only 40 draws"):
        warn_unless_converged({"a": good}, 40)
