"""`puffin warm-up`: compile now what would be when it is first used."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from puffin.cli.command import command

if TYPE_CHECKING:
    from puffin.compiling.first_time import Kernel

__all__ = ["warm_up"]

_ROWS = 100


@command
def warm_up() -> None:
    """Compile now what would otherwise be compiled when it is first used.

    It takes a minute or so, and the machine code is kept for every later process: beside the
    package, or else in the user's cache directory, or where NUMBA_CACHE_DIR says. Last step of a
    container's image, it spares each start some seconds; machine code is for one kind of processor,
    so build the image where it will run, or set NUMBA_CPU_NAME=generic for both.

    [b]Example[/b]

    NUMBA_CACHE_DIR=/opt/puffin-compiled puffin warm-up
    """
    from puffin.cli.progress import progress_bar
    from puffin.compiling.first_time import listening

    heard: list[Kernel | None] = []
    with progress_bar() as bar, listening(heard.append):
        steps = list(_steps())
        bar.expect(len(steps))
        for doing, step in steps:
            bar.begin(f"Warming up {doing}")
            with warnings.catch_warnings():
                # Draws that nobody looks at: so few that the models would rightly complain.
                warnings.simplefilter("ignore")
                step()
    typer.echo(_summary([kernel for kernel in heard if kernel is not None]))


def _steps() -> Iterator[tuple[str, Callable[[], object]]]:
    """Give, by name, the least work that has each kernel compiled."""
    import numpy as np
    import pandas as pd

    import puffin
    from puffin.inference.stochastic_volatility import SAMPLED_LAWS

    few: dict[str, Any] = {"samples": 10, "tune": 10, "chains": 1, "random_seed": 1}
    dates = pd.bdate_range("2020-01-01", periods=_ROWS)
    one, other = 0.01 * np.random.default_rng(1).standard_normal((2, _ROWS))
    prices = pd.DataFrame({"one": np.exp(np.cumsum(one)), "other": np.exp(np.cumsum(other))}, dates)
    sharpe = partial(puffin.bayesian_sharpe, one, **few)
    for autocorrelation in ("ignore", "ar1"):
        yield "Sharpe ratios", partial(sharpe, autocorrelation=autocorrelation)
    for law in SAMPLED_LAWS:
        for leverage in (False, True):
            plain = puffin.StochasticVolatilityModel(law, leverage)
            measured = puffin.RealizedVolatilityBayes(law, leverage)
            for regressors in ({}, {"variance_regressors": other}):
                options = few | regressors
                yield "volatility", partial(plain.fit, one, **options)
                yield "volatility", partial(measured.fit, one, measures=one**2, **options)
    for law in ("normal", "student"):
        for leverage in (False, True):
            jumping = puffin.SVWithJumps(law, leverage)
            yield "volatility", partial(jumping.fit, one, **few)
    many = puffin.BayesianHierarchical()
    yield "many assets", partial(many.fit, {"one": one, "other": other}, **few)
    for law in ("normal", "student"):
        switching = puffin.BayesianRegimeSwitching(2, law)
        yield "regimes", partial(switching.fit, one, samples=100, chains=1, random_seed=1)
    regression = puffin.BayesianLinearRegression(likelihood="student")
    yield "regressions", partial(regression.fit, one, other, **few)
    pair = puffin.BayesianPairsTrading(method="state-space")
    yield "pairs", partial(pair.fit_dynamic_hedge, prices["one"], prices["other"], **few)
    yield "pairs", lambda: pair.posterior
    yield "backtests", partial(puffin.backtest.run, prices * 0.0, prices)


def _summary(compiled: list[Kernel]) -> str:
    """Say how many kernels were compiled, and where they are kept."""
    if not compiled:
        return "Everything had been compiled before."
    places = {kernel.stats.cache_path for kernel in compiled}
    if None in places:
        return f"Compiled {len(compiled)} kernels, which could not be kept."
    return f"Compiled {len(compiled)} kernels, and kept them under {os.path.commonpath(places)}."
