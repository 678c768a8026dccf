"""Simulation-based calibration of every model: its tests, and the ranks that they found.

`python -m benchmarks.calibration` runs the tests, whose seeds are fixed, and leaves the ranks in
benchmarks/calibration.csv. They are written whether a test passes or not: the tests say which do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

RANKS = Path(__file__).with_name("calibration.csv")


def main() -> int:
    """Run the tests of calibration; return their exit code."""
    RANKS.unlink(missing_ok=True)
    kept = os.environ | {"PUFFIN_RANKS": str(RANKS)}
    command = [sys.executable, "-m", "pytest", "-m", "calibration"]
    return subprocess.run(command, env=kept, cwd=RANKS.parents[1], check=False).returncode


def read() -> pd.DataFrame:
    """Return how often each rank (columns 0 to 99) was found, by test and parameter."""
    return pd.read_csv(RANKS, header=None, index_col=[0, 1]).set_axis(range(100), axis=1)


if __name__ == "__main__":
    sys.exit(main())
