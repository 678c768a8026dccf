"""The mode of a smooth log-density and the curvature there, by Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.failure import SamplingError

__all__ = ["LogDensity", "Mode", "find_mode"]

LogDensity = Callable[[Array], Array]

_MAX_ITERATIONS = 60
_TOLERANCE = 1e-4
_MAX_SD = 3.0
_STEP_LENGTHS = (2.0 ** -np.arange(0.0, 4.0)[:, None], 2.0 ** -np.arange(4.0, 14.0)[:, None])
_RELATIVE_STEP = 0.3
_SHRINKS = 8


@dataclass(frozen=True)
class Mode:
    """A mode, its log-density, and the covariance of the Gaussian with the curvature there."""

    location: Array
    covariance: Array
    log_density: float


def find_mode(
    log_density: LogDensity,
    start: Array,
    *,
    spread: Array | None = None,
    tolerance: float = _TOLERANCE,
) -> Mode:
    """Climb from `start` to a mode.

    Gradient and Hessian are central differences over a third of a standard deviation, all their
    points in one call of `log_density`; the Hessian's eigenvalues are floored, so that each step
    climbs; the best of several step lengths is taken.

    Parameters
    ----------
    log_density : callable
        Maps points of shape (n_points, n_dims) to values of shape (n_points,).
    start : ndarray of shape (n_dims,)
    spread : ndarray of shape (n_dims,), optional
        Rough standard deviations, where they are known.
    tolerance : float
        Stop where a step gains less than this.

    Raises
    ------
    SamplingError
        If the density is not finite at the start, or its curvature is lost to rounding.
    """
    location = start
    value = float(log_density(start[None])[0])
    if not np.isfinite(value):
        raise SamplingError("The log-density is not finite at the starting point.")
    spacing = np.full(start.size, 1e-3) if spread is None else _RELATIVE_STEP * spread
    for _ in range(_MAX_ITERATIONS):
        gradient, precision = _derivatives(log_density, location, spacing)
        covariance = np.linalg.inv(precision)
        spacing = _RELATIVE_STEP * _spread(covariance)
        step = covariance @ gradient
        for lengths in _STEP_LENGTHS:
            trials = location + lengths * step
            values = np.nan_to_num(log_density(trials), nan=-np.inf)
            best = int(np.argmax(values))
            gain = float(values[best]) - value
            if gain > 0.0:
                location, value = trials[best], float(values[best])
                break
        if gain < tolerance:
            break
    _, precision = _derivatives(log_density, location, spacing)
    return Mode(location, np.linalg.inv(precision), value)


def _spread(covariance: Array) -> Array:
    variances = np.diag(covariance)
    if not (variances > 0.0).all():
        raise SamplingError(
            "The log-density's curvature at its mode is lost to rounding: a few values are far "
            "larger than all others, or the data are an exact fit."
        )
    return np.sqrt(variances)


def _derivatives(log_density: LogDensity, location: Array, spacing: Array) -> tuple[Array, Array]:
    """Return the gradient and minus the Hessian, made positive definite."""
    n = location.size
    rows, columns = np.triu_indices(n, 1)
    offsets = np.concatenate(
        [np.zeros((1, n)), np.eye(n), -np.eye(n), np.eye(n)[rows] + np.eye(n)[columns],
         -np.eye(n)[rows] - np.eye(n)[columns]]
    )  # fmt: skip
    values = log_density(location + offsets * spacing)
    for _ in range(_SHRINKS):
        if np.isfinite(values).all():
            break
        spacing = spacing / 4.0
        values = log_density(location + offsets * spacing)
    else:
        raise SamplingError(
            "The log-density is not finite around its mode: the data may be an exact fit."
        )
    centre, (up, down) = values[0], values[1 : 1 + 2 * n].reshape(2, n)
    pairs = values[1 + 2 * n :].reshape(2, -1).sum(axis=0)
    hessian = np.diag(up + down - 2.0 * centre)
    curvature = up + down
    mixed = (pairs - curvature[rows] - curvature[columns] + 2.0 * centre) / 2.0
    hessian[rows, columns] = hessian[columns, rows] = mixed
    # In units of the spacing, so that the floor means the same in every direction.
    eigenvalues, vectors = np.linalg.eigh(-hessian)
    floor = float(np.min((spacing / _MAX_SD) ** 2))
    scaled = (vectors * np.maximum(np.abs(eigenvalues), floor)) @ vectors.T
    return (up - down) / (2.0 * spacing), scaled / np.outer(spacing, spacing)
