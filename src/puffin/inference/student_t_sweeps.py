"""The sweeps of Student-t regression, compiled: `puffin.inference.student_t_regression`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import drawing_kernel, part
from puffin.compiling.random_bits import Bits, whole_turns
from puffin.inference.gamma import draw_gammas
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.student_t_density import student_t_log_likelihood
from puffin.inference.triangular import draw_gaussian, reverse_cholesky, solve_lower_transposed

__all__ = ["ChainState", "Data", "Kept", "Scratch", "SweepPrior", "sweeps"]

_JOINT_STEPS = 3
_WALK_STEPS = _JOINT_STEPS + 2
_MARGINAL_STEPS = np.array([0.1, 0.5, 1.5])


class SweepPrior(NamedTuple):
    """The prior as the sweeps need it.

    Attributes
    ----------
    precision : ndarray of shape (n_coefficients,)
        Of the coefficients, the intercept first.
    sigma_sd, log_floor : float
        Scale of sigma, and the log of its floor.
    tail_mean : float
        Mean of nu - 2.
    """

    precision: Array
    sigma_sd: float
    log_floor: float
    tail_mean: float

    @classmethod
    def of(cls, prior: RegressionPrior, features: int) -> SweepPrior:
        """Return the prior of a regression on this many features."""
        precision = 1.0 / prior.coefficient_sds(features) ** 2
        return cls(precision, prior.sigma_sd, math.log(prior.sigma_floor), prior.tail_mean)


class Data(NamedTuple):
    """Regressors, of shape (n_features, n_observations), and what they are to explain."""

    Z: Array
    y: Array


class ChainState(NamedTuple):
    """Where a chain is: coefficients, and (log sigma, log(nu - 2))."""

    coefficients: Array
    scale_tail: Array


class Kept(NamedTuple):
    """What each sweep leaves: a row of each part of the state, and the share of accepted steps."""

    coefficients: Array
    scale_tail: Array
    accepted: Array

    @classmethod
    def empty(cls, count: int, coefficients: int) -> Kept:
        """Return arrays for this many sweeps."""
        return cls(np.empty((count, coefficients)), np.empty((count, 2)), np.empty(count))


class Scratch(NamedTuple):
    """What a sweep works with.

    Attributes
    ----------
    squares, weights, weighted, normals, certain : ndarray of shape (n_observations,)
    bits : ndarray of uint64
        Two random words for each observation.
    gram, precision : ndarray of shape (n_coefficients, n_coefficients)
    moments, shift, least : ndarray of shape (n_coefficients,)
    """

    squares: Array
    weights: Array
    weighted: Array
    normals: Array
    certain: Array
    bits: Bits
    gram: Array
    precision: Array
    moments: Array
    shift: Array
    least: Array

    @classmethod
    def of(cls, Z: Array) -> Scratch:
        """Return scratch for features of shape (n_coefficients, n_observations)."""
        features, n = Z.shape
        bits = np.empty(whole_turns(2 * n), np.uint64)
        squares, weights, weighted, normals, certain = np.empty((5, n))
        gram, precision = np.empty((2, features, features))
        moments, shift, least = np.empty((3, features))
        return cls(
            squares, weights, weighted, normals, certain, bits,
            gram, precision, moments, shift, least,
        )  # fmt: skip


@drawing_kernel
def sweeps(
    stream: np.random.Generator,
    generators: Bits,
    data: Data,
    prior: SweepPrior,
    factor: Array,
    state: ChainState,
    scratch: Scratch,
    kept: Kept,
) -> None:
    """Make as many sweeps as `kept` has rows; the state is updated in place."""
    (Z, y), (coefficients, scale_tail) = data, state
    squares, weights, weighted, normals, certain, bits = scratch[:6]
    gram, precision, moments, shift, least = scratch[6:]
    features, n = Z.shape
    for sweep in range(kept.accepted.size):
        _squared_errors(Z, y, coefficients, weighted, squares)
        log_sigma, log_excess, accepted = _move_sigma_and_tail(
            stream, squares, scale_tail[0], scale_tail[1], factor, prior
        )
        nu, variance = 2.0 + math.exp(log_excess), math.exp(2.0 * log_sigma)
        draw_gammas(stream, generators, 0.5 * (nu + 1.0), bits, normals, certain, weights)
        for i in range(n):
            weights[i] *= 2.0 / (nu + squares[i] / variance)
        total_square = _weighted_moments(Z, y, weights, weighted, gram, moments)

        value = -np.inf
        for step in range(_MARGINAL_STEPS.size + 1):
            new_log_sigma = log_sigma
            if step > 0:
                new_log_sigma += _MARGINAL_STEPS[step - 1] * stream.standard_normal()
            if new_log_sigma < prior.log_floor:
                continue
            _posterior_precision(gram, moments, prior.precision, new_log_sigma, precision, shift)
            new_value = (
                _log_marginal(precision, shift, least, total_square, n, new_log_sigma)
                - 0.5 * (math.exp(new_log_sigma) / prior.sigma_sd) ** 2
                + new_log_sigma
            )
            if step == 0 or math.log(stream.random()) < new_value - value:
                log_sigma, value = new_log_sigma, new_value

        _posterior_precision(gram, moments, prior.precision, log_sigma, precision, shift)
        draw_gaussian(stream, precision, shift, least)
        for j in range(features):
            coefficients[j] = shift[j]
            kept.coefficients[sweep, j] = shift[j]
        scale_tail[0], scale_tail[1] = log_sigma, log_excess
        kept.scale_tail[sweep, 0], kept.scale_tail[sweep, 1] = log_sigma, log_excess
        kept.accepted[sweep] = accepted / _WALK_STEPS


@part
def _squared_errors(Z: Array, y: Array, coefficients: Array, errors: Array, squares: Array) -> None:
    """Write the squares of y - Z' coefficients; `errors` is scratch."""
    for i in range(y.size):
        errors[i] = y[i]
    for j in range(Z.shape[0]):
        coefficient, feature = coefficients[j], Z[j]
        for i in range(y.size):
            errors[i] -= coefficient * feature[i]
    for i in range(y.size):
        squares[i] = errors[i] * errors[i]


@part
def _move_sigma_and_tail(
    stream: np.random.Generator,
    squares: Array,
    log_sigma: float,
    log_excess: float,
    factor: Array,
    prior: SweepPrior,
) -> tuple[float, float, int]:
    """Move log sigma and log(nu - 2) given the errors, weights integrated out.

    Returns both and how many of the random-walk steps were accepted; the last two move nu alone.
    """
    value, accepted = -np.inf, 0
    for step in range(_WALK_STEPS + 1):
        new_log_sigma, new_log_excess = log_sigma, log_excess
        if step > _JOINT_STEPS:
            new_log_excess += stream.standard_normal()
        elif step > 0:
            first, second = stream.standard_normal(), stream.standard_normal()
            new_log_sigma += factor[0, 0] * first
            new_log_excess += factor[1, 0] * first + factor[1, 1] * second
        excess = math.exp(new_log_excess)
        new_value = (
            student_t_log_likelihood(squares, new_log_sigma, 2.0 + excess, 1)
            - 0.5 * (math.exp(new_log_sigma) / prior.sigma_sd) ** 2
            + new_log_sigma
            - excess / prior.tail_mean
            + new_log_excess
        )
        if step == 0:
            value = new_value
        elif new_log_sigma > prior.log_floor and math.log(stream.random()) < new_value - value:
            log_sigma, log_excess, value = new_log_sigma, new_log_excess, new_value
            accepted += 1
    return log_sigma, log_excess, accepted


@part
def _weighted_moments(
    Z: Array, y: Array, weights: Array, weighted: Array, gram: Array, moments: Array
) -> float:
    """Write Z W Z' and Z W y, and return y' W y; `weighted` is scratch."""
    total_square = 0.0
    for i in range(y.size):
        total_square += weights[i] * y[i] * y[i]
    for j in range(Z.shape[0]):
        feature = Z[j]
        for i in range(y.size):
            weighted[i] = weights[i] * feature[i]
        moments[j] = _dot(weighted, y)
        for k in range(j + 1):
            gram[j, k] = gram[k, j] = _dot(weighted, Z[k])
    return total_square


@part
def _posterior_precision(
    gram: Array,
    moments: Array,
    prior_precision: Array,
    log_sigma: float,
    precision: Array,
    shift: Array,
) -> None:
    """Write precision and precision times mean of the coefficients, given sigma and the weights."""
    inverse_variance = math.exp(-2.0 * log_sigma)
    for j in range(moments.size):
        shift[j] = moments[j] * inverse_variance
        for k in range(moments.size):
            precision[j, k] = gram[j, k] * inverse_variance
        precision[j, j] += prior_precision[j]


@part
def _log_marginal(
    precision: Array, shift: Array, least: Array, total_square: float, n: int, log_sigma: float
) -> float:
    """Return log p(y | sigma, weights), coefficients integrated out, up to a constant.

    `precision`, `shift` and `least` are overwritten.
    """
    reverse_cholesky(precision, least)
    solve_lower_transposed(precision, shift)
    explained = _dot(shift, shift)
    value = -n * log_sigma - 0.5 * (total_square * math.exp(-2.0 * log_sigma) - explained)
    for j in range(shift.size):
        value -= math.log(precision[j, j])
    return value


@part
def _dot(a: Array, b: Array) -> float:
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total
