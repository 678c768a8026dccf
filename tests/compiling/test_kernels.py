"""Kernels are lean: of Numba's own library, which takes seconds to compile, they have little."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numba.core.errors import NumbaError

from puffin.compiling.kernels import kernel


def allocate(x):
    y = np.empty(3)
    y[0] = x[0]
    x[1] = y[0]


def assign_to_a_slice(x):
    x[1:] = x[:-1]


@pytest.mark.parametrize("function", [allocate, assign_to_a_slice])
def test_a_kernel_that_would_have_memory_counted_is_refused(function):
    with pytest.raises(NumbaError):
        kernel(function)(np.ones(5))


# Takes the steps of `puffin warm-up` whose kernels draw, and prints for each kernel compiled its
# name and those of the functions compiled for it: in a process of its own, as that happens once.
LISTENING = """
import json, warnings
from numba.core import event
from puffin.cli import warm_up

found, stack = [], []

class Listener(event.Listener):
    def on_start(self, compilation):
        function = compilation.data["dispatcher"].py_func
        name = f"{function.__module__}.{function.__qualname__}"
        if not stack:
            found.append([name, []])
        else:
            found[-1][1].append(name)
        stack.append(name)

    def on_end(self, _):
        stack.pop()

event.register("numba:compile", Listener())
warnings.simplefilter("ignore")
for doing, step in warm_up._steps():
    if doing in {"many assets", "regressions", "pairs"}:
        step()
print(json.dumps(found))
"""


@pytest.mark.slow
def test_kernels_that_draw_have_only_what_draws(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LISTENING], env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kernels = json.loads(done.stdout)
    assert len(kernels) >= 5
    draw = 0
    for name, functions in kernels:
        library = {one for one in functions if not one.startswith("puffin.")}
        assert all(one.startswith("numba.np.random.") for one in library), (name, library)
        draw += bool(library)
    assert draw >= 1
