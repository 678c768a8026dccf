"""PyMC as a rival: its own NUTS, and nutpie."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Contestant

if TYPE_CHECKING:
    from benchmarks.measuring import Draws

NUTS, NUTPIE = "its own NUTS", "nutpie"
PYMC = f"PyMC, {NUTS}"
_SAMPLERS = {NUTS: ("pymc", ("pymc",)), NUTPIE: ("nutpie", ("pymc", "nutpie"))}
TUNE = 1_000
CHAINS = 4


def pymc_contestants(
    model: Callable[[], Callable[[int], Any]],
    draws: Callable[[Any], Draws] | None,
    samples: int,
    *,
    of: str = "PyMC",
    by: Sequence[str] = (NUTS, NUTPIE),
    suffix: str = "",
    calls: int = 1,
    times: float = 1,
) -> tuple[Contestant, ...]:
    """Return one way to sample the models that `model()`, given a seed, builds, or both.

    The time is that of building the model and `pm.sample` with its defaults, but without the
    convergence checks: those, Puffin's time includes and PyMC's does not.
    """
    return tuple(
        Contestant(
            name=f"{of}, {name}{suffix}",
            prepare=functools.partial(_prepare, model, samples, _SAMPLERS[name][0]),
            draws=draws,
            requires=_SAMPLERS[name][1],
            slow=True,
            calls=calls,
            times=times,
        )
        for name in by
    )


def _prepare(
    model: Callable[[], Callable[[int], Any]], samples: int, sampler: str
) -> Callable[[int], Any]:
    import pymc as pm

    # Its Numba backend, also where there is a C++ compiler: a gradient of the volatility model
    # took 29 microseconds with it, and 126 with the C backend. nutpie compiles with Numba anyway.
    options = {"compile_kwargs": {"mode": "NUMBA"}} if sampler == "pymc" else {}
    build = model()

    def call(seed: int) -> Any:
        return pm.sample(
            draws=samples,
            tune=TUNE,
            chains=CHAINS,
            nuts_sampler=sampler,
            random_seed=seed,
            progressbar=False,
            compute_convergence_checks=False,
            model=build(seed),
            **options,
        )

    return call


def posterior_arrays(trace: Any, names: tuple[str, ...]) -> Draws:
    """Return the draws of these variables."""
    return {name: trace["posterior"][name].values for name in names}
