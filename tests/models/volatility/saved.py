"""Models of each kind as files, and what is done to files: a program, run within limits.

    python -m tests.models.volatility.saved DIRECTORY COUNT

mutates each file of the directory COUNT times, and ends with an error if one of them is read as
other numbers, fails in another way than documented, or takes more than a second of the processor.
"""

from __future__ import annotations

import hashlib
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from puffin.models.stochastic_vol import StochasticVolatilityModel
from tests.models.volatility.fitting import fit
from tests.models.volatility.kinds import MODELS
from tests.models.volatility.updated import N, Y

SECONDS = 1.0
_DIGEST = 64


class TooLongError(BaseException):
    """Loading a file took more than its time."""


def some_models():
    """One fitted model of each kind, by a name for it."""
    dates = pd.date_range("2021-01-01", periods=N, tz="Europe/Berlin", name="day")
    labels = pd.Index([f"r{t}" for t in range(N)])
    models = {
        f"{law}-{leverage}": fit(pd.Series(Y[:N], dates, name="a"), law, leverage, samples=60)
        for law, leverage in MODELS
    }
    models["zero"] = StochasticVolatilityModel(mean="zero").fit(Y[:N], 60, random_seed=1)
    models["thinned"] = fit(pd.Series(Y[:N], labels), samples=60, keep_states=7)
    models["updated"] = fit(Y[:N], "student", samples=400, keep_states=50).update(Y[N : N + 2])
    weekday, wave = np.arange(N) % 5 == 0, np.sin(np.arange(N))
    models["regressors"] = fit(
        Y[:N], samples=60, mean_regressors={"a": wave}, variance_regressors={"a/b": weekday}
    )
    known = np.where(np.arange(N) == 7, np.nan, Y[:N])
    models["missing"] = fit(known, samples=60, keep_states=20, missing="skip")
    return models


def numbers_of(model):
    """All that a model is made of, as bytes."""
    fitted, draws = model.fitted, model.fitted.sampled
    arrays = [*draws.variables.values(), *draws.statistics.values(), draws.states.array]
    arrays += [columns.given.values for columns in fitted.regressors]
    arrays += [fitted.series.values, draws.log_weights, draws.start.point, draws.start.states]
    series = fitted.series
    texts = [model, model.priors, list(series.labels), series.timezone, series.name]
    texts += [fitted.sampled.unit, fitted.sampled.coefficients, fitted.regressors.design]
    texts += [fitted.settings, fitted.missing, fitted.checks, draws.method, draws.report]
    parts = [np.ascontiguousarray(one).tobytes() for one in arrays if one is not None]
    return b"".join(parts) + repr(texts).encode()


def mutated(content, stream):
    """Return the bytes of a file after one accident."""
    changed, size = bytearray(content), len(content)
    first, second = sorted(int(place) for place in stream.integers(0, size, 2))
    length = int(stream.integers(1, 200))
    match stream.integers(6):
        case 0:
            changed[first] ^= 1 << int(stream.integers(8))
        case 1:
            del changed[first:]
        case 2:
            del changed[first : first + length]
        case 3:
            changed[first:first] = stream.bytes(length)
        case 4:
            block = changed[first : first + length], changed[second : second + length]
            changed[second : second + length], changed[first : first + length] = block
        case 5:
            changed[first : first + length] = stream.bytes(len(changed[first : first + length]))
    return bytes(changed)


def sealed(content):
    """Return the bytes with a digest that is right, as someone who means harm would."""
    return content[:-_DIGEST] + hashlib.sha256(content[:-_DIGEST]).hexdigest().encode()


def tried(path, content):
    """Return the numbers of a file of this content, or None if it is refused as documented."""
    path.write_bytes(content)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return numbers_of(StochasticVolatilityModel.load(path))
    except ValueError as error:
        assert str(path) in str(error), error
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def _limit_memory(extra):
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _fuzz(directory, count):
    def too_long(*_):
        raise TooLongError

    signal.signal(signal.SIGPROF, too_long)
    for number, path in enumerate(sorted(directory.glob("*.npz"))):
        content, stream = path.read_bytes(), np.random.default_rng(number)
        known = tried(directory / "copy", content)
        assert known is not None
        refused = 0
        for _ in range(count):
            changed = mutated(content, stream)
            found = tried(directory / "copy", changed)
            assert found in (None, known), path.name
            refused += found is None
            tried(directory / "copy", sealed(changed))
        print(path.name, count, "mutations", refused, "refused")


if __name__ == "__main__":
    _limit_memory(256 << 20)
    _fuzz(Path(sys.argv[1]), int(sys.argv[2]))
