"""Which engine `backend` and `n_jobs` ask for."""

from __future__ import annotations

from typing import Any, TypeAlias

from puffin.inference.chains import available_cores
from puffin.panel.engines.dask_engine import DaskEngine
from puffin.panel.engines.engine import Engine
from puffin.panel.engines.joblib_engine import JoblibEngine
from puffin.panel.engines.ray_engine import RayEngine
from puffin.validation import positive_integer

__all__ = ["Backend", "engine_of"]

Backend: TypeAlias = Any
"""None or "joblib", "dask", "ray", or a `distributed.Client`."""

_NAMES = ("joblib", "dask", "ray")


def engine_of(backend: Backend = None, n_jobs: int | None = None) -> Engine:
    """Return who runs the work.

    Parameters
    ----------
    backend : {"joblib", "dask", "ray"} or distributed.Client, optional
        joblib's processes by default.
    n_jobs : int, optional
        Processes of joblib's; all cores by default, and with -1.

    Raises
    ------
    ValueError, TypeError
        If one of them is invalid, or there is no cluster.
    ImportError
        If the backend is not installed.
    """
    if n_jobs is not None and n_jobs != -1:
        n_jobs = positive_integer("n_jobs", n_jobs)
    if backend is None or (isinstance(backend, str) and backend == "joblib"):
        return JoblibEngine(available_cores() if n_jobs in (None, -1) else n_jobs)
    engine = _cluster(backend)
    if n_jobs is not None:
        raise ValueError(
            f"n_jobs={n_jobs} is for joblib's processes; with another backend its cluster says how "
            "many workers there are. Leave n_jobs out."
        )
    return engine


def _cluster(backend: Backend) -> Engine:
    """Return the engine of a cluster."""
    if isinstance(backend, str) and backend in _NAMES:
        return DaskEngine() if backend == "dask" else RayEngine()
    if hasattr(backend, "submit") and hasattr(backend, "nthreads"):
        return DaskEngine(backend)
    listed = ", ".join(map(repr, _NAMES))
    raise ValueError(
        f"backend must be one of {listed}, or a distributed.Client; found {backend!r}."
    )
