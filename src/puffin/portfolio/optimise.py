"""Weights that are best within limits, by SciPy's optimisers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

from puffin.arrays import Array
from puffin.portfolio.constraints import Limits

__all__ = ["OptimisationError", "maximise", "maximise_linear"]

_PRECISION = 1e-5
_ITERATIONS = 1000

Objective = Callable[[Array], tuple[float, Array]]


class OptimisationError(RuntimeError):
    """The optimiser stopped short of the best weights."""


def maximise_linear(scores: Array, limits: Limits) -> Array:
    """Return the weights for which weights times scores is greatest.

    Parameters
    ----------
    scores : ndarray of shape (n_weights,)
    limits : Limits

    Returns
    -------
    ndarray of shape (n_weights,)
    """
    split = _Split(limits)
    # Scores are often near 1e-4, where HiGHS would take them for zero.
    size = float(np.abs(scores).max()) or 1.0
    found = optimize.linprog(
        -split.gradient(scores / size),
        A_ub=split.gross_row,
        b_ub=None if split.gross_row is None else [limits.gross],
        A_eq=split.total_row,
        b_eq=None if split.total_row is None else [limits.total],
        bounds=split.bounds,
        method="highs",
    )
    if not found.success:
        raise OptimisationError(f"No weights were found within the limits: {found.message}")
    return split.weights(found.x)


def maximise(objective: Objective, limits: Limits) -> Array:
    r"""Return the weights at which a smooth concave objective is greatest.

    By SLSQP, one of the variables being what the others leave of the total: SciPy's takes ten times
    as long where a constraint is an equality. What it returns is accepted if no weights within the
    limits can be better by more than a hundred-thousandth of the objective's unit: for a concave f,
    :math:`f(v) - f(w) \le \nabla f(w)'(v - w)`, whose greatest value over v is a linear program.

    Parameters
    ----------
    objective : callable
        Takes weights; returns the value, in units of which one is much, and the gradient.
    limits : Limits

    Raises
    ------
    OptimisationError
    """
    split, middle = _Split(limits), _middle(limits)
    start = split.free(split.parts(middle))
    if start.size == 0:
        return middle  # one weight, which is the total

    def negative(x: Array) -> tuple[float, Array]:
        value, gradient = objective(split.weights(split.completed(x)))
        return -value, -split.of_free(split.gradient(gradient))

    found = optimize.minimize(
        negative,
        start,
        jac=True,
        method="SLSQP",
        bounds=split.free(split.bounds),
        constraints=split.constraints(),
        options={"ftol": 1e-12, "maxiter": _ITERATIONS},
    )
    weights = np.clip(split.weights(split.completed(found.x)), limits.lower, limits.upper)
    gradient = objective(weights)[1]
    gap = float(gradient @ (maximise_linear(gradient, limits) - weights))
    if not gap < _PRECISION:
        raise OptimisationError(
            f"The optimiser stopped where weights could still be better by {gap:.1e} "
            f"({found.message}); rescale the returns, or loosen the constraints."
        )
    return weights


class _Split:
    """The variables of the optimisers: weights, or their long and short parts.

    The sizes of weights are linear in the parts, and so is a limit on the gross exposure. Where the
    total is given the first of the variables is what is left of it by the others, which are free.
    """

    def __init__(self, limits: Limits) -> None:
        self.is_split = limits.limits_gross and bool((limits.lower < 0.0).any())
        lower, upper = limits.lower, limits.upper
        if self.is_split:
            longs = np.column_stack([np.maximum(lower, 0.0), np.maximum(upper, 0.0)])
            shorts = np.column_stack([np.maximum(-upper, 0.0), np.maximum(-lower, 0.0)])
            self.bounds = np.vstack([longs, shorts])
        else:
            self.bounds = np.column_stack([lower, upper])
        ones = np.ones((1, lower.size))
        self.total_row = None if limits.total is None else self._of_weights(ones)
        self.gross_row = np.ones((1, len(self.bounds))) if limits.limits_gross else None
        self._total, self._gross = limits.total or 0.0, limits.gross or 0.0

    def _of_weights(self, row: Array) -> Array:
        return np.concatenate([row, -row], axis=-1) if self.is_split else row

    def gradient(self, gradient: Array) -> Array:
        """Return the gradient by the parts of one by the weights."""
        return self._of_weights(gradient)

    def weights(self, x: Array) -> Array:
        """Return the weights of these parts."""
        return np.asarray(x[: x.size // 2] - x[x.size // 2 :] if self.is_split else x)

    def parts(self, weights: Array) -> Array:
        """Return the parts of these weights."""
        if not self.is_split:
            return weights
        return np.concatenate([np.maximum(weights, 0.0), np.maximum(-weights, 0.0)])

    def free(self, x: Array) -> Array:
        """Return the free ones of the variables."""
        return x if self.total_row is None else x[1:]

    def completed(self, free: Array) -> Array:
        """Return all variables, given the free ones."""
        if self.total_row is None:
            return free
        return np.append(self._total - self.total_row[0, 1:] @ free, free)

    def of_free(self, gradient: Array) -> Array:
        """Return the gradient by the free variables of one by all; or their row of a row of all."""
        if self.total_row is None:
            return gradient
        return gradient[..., 1:] - gradient[..., :1] * self.total_row[0, 1:]

    def constraints(self) -> list[optimize.LinearConstraint]:
        """Return what is asked of the free variables beside their bounds, for SciPy."""
        found = []
        if self.total_row is not None:
            low, high = self._total - self.bounds[0][::-1]
            found.append(optimize.LinearConstraint(self.total_row[:, 1:], low, high))
        if self.gross_row is not None:
            row = self.of_free(self.gross_row)
            found.append(optimize.LinearConstraint(row, -np.inf, self._gross - self._total))
        return found


def _middle(limits: Limits) -> Array:
    """Return weights in the middle of those within the limits."""
    corners = [maximise_linear(row, limits) for row in np.eye(limits.lower.size)]
    return np.asarray(np.mean(corners, axis=0))
