"""R's stochvol as a rival: its default sampler, by way of `stochvol.R`."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Contestant
from benchmarks.rivals import CHAINS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from benchmarks.measuring import Draws

STOCHVOL = "R, stochvol"
_SCRIPT = Path(__file__).with_suffix(".R")


@dataclass(frozen=True)
class StochvolFit:
    """What R wrote back; draws of shape (n_chains, n_draws, ...)."""

    variables: Draws
    wall_seconds: float
    cpu_seconds: float


def stochvol_contestant(
    returns: Callable[[], NDArray[np.float64]],
    places: Callable[[int], NDArray[np.intp]],
    model: str,
) -> Contestant:
    """Return the contestant that calls `model`, one of svsample, svtsample, svlsample, svtlsample.

    Four chains of as many draws as are stochvol's default, on all cores. The time is R's own, of
    the call alone.

    Parameters
    ----------
    returns : callable
        Returns the scaled returns.
    places : callable
        Takes the number of returns; returns the positions of the states to be judged.
    """
    return Contestant(
        STOCHVOL,
        functools.partial(_prepare, returns, places, model),
        _draws,
        slow=True,
        calls=0,
        spent=_spent,
        check=stochvol_installed,
    )


def stochvol_installed() -> bool:
    """Whether there are both R and the package."""
    if shutil.which("Rscript") is None:
        return False
    question = 'quit(status = !requireNamespace("stochvol", quietly = TRUE))'
    answer = subprocess.run(["Rscript", "-e", question], check=False, capture_output=True)
    return answer.returncode == 0


def _prepare(
    returns: Callable[[], NDArray[np.float64]],
    places: Callable[[int], NDArray[np.intp]],
    model: str,
) -> Callable[[int], StochvolFit]:
    y = returns()
    return functools.partial(_fit, y, places(y.size), model)


def _fit(y: NDArray[np.float64], places: NDArray[np.intp], model: str, seed: int) -> StochvolFit:
    import pandas as pd

    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory, "returns.csv")
        pd.Series(y, name="y").to_csv(data, index=False)
        cores = os.cpu_count() or 1
        positions = ",".join(str(place + 1) for place in places)
        arguments = [data, model, CHAINS, cores, seed, positions, directory]
        subprocess.run(["Rscript", str(_SCRIPT), *map(str, arguments)], check=True)
        seconds = pd.read_csv(Path(directory, "seconds.csv")).iloc[0]
        parameters = pd.read_csv(Path(directory, "parameters.csv"))
        states = pd.read_csv(Path(directory, "states.csv"))
    variables = {str(name): _by_chain(parameters[name]) for name in parameters}
    return StochvolFit({**variables, "h": _by_chain(states)}, seconds["wall"], seconds["cpu"])


def _by_chain(rows: pd.Series[float] | pd.DataFrame) -> NDArray[np.float64]:
    import numpy as np

    values = np.asarray(rows, dtype=np.float64)
    return values.reshape(CHAINS, -1, *values.shape[1:])


def _draws(fit: StochvolFit) -> Draws:
    return fit.variables


def _spent(fit: StochvolFit) -> tuple[float, float]:
    return fit.wall_seconds, fit.cpu_seconds
