r"""The returns of one period, given variances: where its factors are, and how likely all is.

An error's log-variance is one of several, its *particles*, of which each is as likely; given it
the error is normal, or Student-t with :math:`\nu` degrees of freedom and variance :math:`e^h`.
Given the factors the errors of all series are independent, so that the density of a period's
returns is an integral over the factors alone:

.. math:: p(r) = \int \prod_k p_k(f_k) \prod_i p_i(r_i - m_i - B_i f) \, df

It is worked out by importance sampling. Factors are proposed from a Student-t about nearly the mode
of what is integrated: from there every error is asked how precise it is, particles that explain it
counting most (a step of EM), and the factors are the regression with these precisions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from puffin.arrays import Array
from puffin.laws.gamma_step import log_gamma_step

__all__ = ["Factors", "error_densities", "error_rarity", "propose_factors"]

_FREEDOM, _STEPS = 8.0, 1

Particles = NDArray[np.float32]


class Factors(NamedTuple):
    """Factors that were proposed for a period.

    Attributes
    ----------
    values : ndarray of shape (..., n_factors)
    errors : ndarray of shape (..., n_assets + n_factors)
        What they leave of each asset's return, zero where it is missing; and the factors.
    log_weights : ndarray of shape (...)
        Whose exponentials average to the density of the period's returns.
    densities : ndarray of float32 of shape (..., n_assets + n_factors, n_particles)
        Logs of the densities of errors given each particle, zero where missing.
    """

    values: Array
    errors: Array
    log_weights: Array
    densities: Particles


def error_rarity(nu: Array, n_factors: int) -> Array:
    """Return one over degrees of freedom, and zero for factors: shape (n, n_assets + n_factors)."""
    return np.concatenate([1.0 / nu, np.zeros((len(nu), n_factors))], axis=1)


def error_densities(errors: Array, h: Particles, precision: Particles, rarity: Array) -> Particles:
    r"""Return log densities of errors with log-variances h.

    Parameters
    ----------
    errors, rarity : ndarray of shape (..., n_series)
        `rarity` is :math:`1 / \nu`, zero of normal errors.
    h, precision : ndarray of shape (..., n_series, n_particles)
        `precision` is :math:`e^{-h}`.
    """
    squares = precision * np.square(errors, dtype=np.float32)[..., None]
    if not rarity.any():
        return np.asarray(-0.5 * (math.log(2.0 * math.pi) + h + squares))
    fat = rarity > 0.0
    excess = np.where(fat, 1.0 / np.where(fat, rarity, 1.0) - 2.0, 1.0)
    constants = log_gamma_step(0.5 * excess + 1.0) - 0.5 * np.log(math.pi * excess)
    constants = np.where(fat, constants, -0.5 * math.log(2.0 * math.pi))
    power, over = (values.astype(np.float32)[..., None] for values in (
        0.5 * (excess + 3.0), 1.0 / excess,
    ))  # fmt: skip
    kernels = np.where(fat[..., None], power * np.log1p(squares * over), 0.5 * squares)
    return np.asarray(constants.astype(np.float32)[..., None] - 0.5 * h - kernels)


def propose_factors(
    centred: Array, loadings: Array, h: Particles, rarity: Array, stream: np.random.Generator
) -> Factors:
    """Draw factors of a period, one set for each of several systems of particles.

    Parameters
    ----------
    centred : ndarray of shape (..., n_assets)
        Returns less their means, NaN where missing.
    loadings : ndarray of shape (..., n_factors, n_assets)
    h : ndarray of float32 of shape (..., n_assets + n_factors, n_particles)
        Log-variances of errors, then of factors.
    rarity : ndarray of shape (..., n_assets + n_factors)
        Of each error's law: see `error_densities`.
    """
    there = ~np.isnan(centred)
    present = np.concatenate([there, np.ones((*there.shape[:-1], loadings.shape[-2]), bool)], -1)
    returns, system = np.where(there, centred, 0.0), h.shape[:-2]
    inverse = np.exp(-h)
    typical = present * np.exp(-h.mean(axis=-1, dtype=np.float64))
    location, root = _regression(returns, loadings, typical)
    for _ in range(_STEPS if loadings.shape[-2] else 0):
        errors = _errors(returns, loadings, location, there)
        explained = present * _precisions(errors, h, inverse, rarity)
        location, root = _regression(returns, loadings, explained)
    count = loadings.shape[-2]
    normals = stream.standard_normal((*system, count))
    stretch = np.sqrt(_FREEDOM / stream.chisquare(_FREEDOM, system))
    steps = normals * stretch[..., None]
    # precision = root root', so that root'^-1 times a normal vector has its inverse as covariance.
    moves = np.linalg.solve(np.swapaxes(root, -1, -2), steps[..., None])[..., 0]
    values = location + moves
    errors = _errors(returns, loadings, values, there)
    densities = present[..., None] * error_densities(errors, h, inverse, rarity)
    log_weights = _log_means(densities).sum(axis=-1) - _log_proposal(steps, root)
    return Factors(values, errors, log_weights, densities.astype(np.float32))


def _errors(returns: Array, loadings: Array, factors: Array, there: NDArray[np.bool_]) -> Array:
    own = there * (returns - (factors[..., None, :] @ loadings)[..., 0, :])
    return np.concatenate([own, factors], axis=-1)


def _regression(returns: Array, loadings: Array, precision: Array) -> tuple[Array, Array]:
    """Return mean, and Cholesky factor of the precision, of factors given errors' precisions."""
    m = returns.shape[-1]
    weighted = loadings * precision[..., None, :m]
    matrix = weighted @ np.swapaxes(loadings, -1, -2)
    matrix = matrix + precision[..., m:, None] * np.eye(loadings.shape[-2])
    shift = (weighted * returns[..., None, :]).sum(axis=-1)
    return np.linalg.solve(matrix, shift[..., None])[..., 0], np.linalg.cholesky(matrix)


def _precisions(errors: Array, h: Particles, inverse: Particles, rarity: Array) -> Array:
    """Return the expected precision of each error, by the particles that explain it."""
    densities = error_densities(errors, h, inverse, rarity)
    shares = np.exp(densities - densities.max(axis=-1, keepdims=True))
    if not rarity.any():
        return np.asarray((shares * inverse).sum(axis=-1, dtype=np.float64) / shares.sum(axis=-1))
    squares = inverse * np.square(errors, dtype=np.float32)[..., None]
    few = rarity.astype(np.float32)[..., None]
    own = inverse * (1.0 + few) / (1.0 - 2.0 * few + few * squares)
    return np.asarray((shares * own).sum(axis=-1, dtype=np.float64) / shares.sum(axis=-1))


def _log_means(densities: Particles) -> Array:
    largest = densities.max(axis=-1)
    means = np.exp(densities - largest[..., None]).mean(axis=-1, dtype=np.float64)
    return np.asarray(np.log(means) + largest)


def _log_proposal(steps: Array, root: Array) -> Array:
    """Return the log density of the multivariate t at these standardised steps."""
    count = steps.shape[-1]
    constant = gammaln(0.5 * (_FREEDOM + count)) - gammaln(0.5 * _FREEDOM)
    constant -= 0.5 * count * math.log(math.pi * _FREEDOM)
    determinant = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    kernel = np.log1p((steps**2).sum(axis=-1) / _FREEDOM)
    return np.asarray(constant + determinant - 0.5 * (_FREEDOM + count) * kernel)
