"""Whole processes, from the interpreter's start to its exit: import, and the first result."""

from __future__ import annotations

from benchmarks.measuring import FreshProcess

KEY = "startup"
TITLE = "whole fresh processes, Numba cache cold or warm: interpreter, imports, data, one call"

_DATA = """
import numpy as np
import puffin
stream = np.random.default_rng(1)
returns = 0.0005 + 0.007 * stream.standard_t(4, (1000, 10))
"""
_CALLS = {
    "bayesian_sharpe": "puffin.bayesian_sharpe(returns[:, 0])",
    "compare_strategies_bayesian": (
        "puffin.compare_strategies_bayesian({str(i): returns[:, i] for i in range(10)})"
    ),
    "Student-t regression": (
        "puffin.BayesianLinearRegression(likelihood='student').fit(returns[:, 1:6], returns[:, 0])"
    ),
    "StochasticVolatilityModel": (
        "from puffin.models.stochastic_vol import StochasticVolatilityModel\n"
        "StochasticVolatilityModel().fit(returns[:, 0])"
    ),
}
_LIMITS = {
    ("bayesian_sharpe", True): 8.0,
    ("bayesian_sharpe", False): 1.5,
    ("StochasticVolatilityModel", True): 15.0,
    ("StochasticVolatilityModel", False): 2.0,
}

PROCESSES = (
    FreshProcess("import puffin", "import puffin", limit=0.3, runs=15),
    *(
        FreshProcess(
            f"{name}, {'cold' if cold else 'warm'}",
            _DATA + call,
            limit=_LIMITS.get((name, cold)),
            cold=cold,
            runs=3 if cold else 7,
        )
        for name, call in _CALLS.items()
        for cold in (True, False)
    ),
)
