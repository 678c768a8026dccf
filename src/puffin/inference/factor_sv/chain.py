"""What a chain of the sampler holds, and what it is told."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.lanes import LANES
from puffin.inference.factor_sv.mixture import COMPONENTS

__all__ = ["Chain", "FactorPrior", "Panel", "Scratch", "phi_sigma"]

_FIXED = 1e30
_LEAST_VARIANCE = 1e-8
_FIRST_STEPS = (0.3, 0.0, 0.1)
_CHAIN_SPREAD = 0.2
_FIRST_NU = 10.0
_LEAST_LOADINGS = 0.1


class FactorPrior(NamedTuple):
    """Priors on returns in their own standard deviations.

    Attributes
    ----------
    mean_sd, mu_sd : float
        Standard deviations of normal priors about zero.
    spread_sd : float
        Loadings on factor k ~ Normal(0, spread_k), and spread_k ~ HalfNormal(spread_sd): with one
        fixed spread, many loadings together would be sure of their size, and push the factor's
        variance away from the level that is one by definition.
    phi_a, phi_b : float
        (phi + 1) / 2 ~ Beta(phi_a, phi_b).
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd).
    constant_mean : bool
        Whether returns have means; zero otherwise.
    student : bool
        Whether assets' errors are Student-t; normal otherwise.
    nu_mean : float
        nu - 2 ~ Exponential with this mean, up to a thousand.
    """

    mean_sd: float = 1.0
    mu_sd: float = 10.0
    spread_sd: float = 1.0
    phi_a: float = 20.0
    phi_b: float = 1.5
    sigma_sd: float = 1.0
    constant_mean: bool = True
    student: bool = False
    nu_mean: float = 10.0


class Panel(NamedTuple):
    """Returns of all assets, and room for the factors beside them.

    Columns are assets, then factors, then nothing, up to a multiple of eight.

    Attributes
    ----------
    returns : ndarray of shape (n_times, n_columns)
        Zero where not observed.
    present : ndarray of shape (n_times, n_columns)
        1 where there is a return, or a factor; else 0.
    mu_precision : ndarray of shape (n_columns,)
        Of the prior of each log-variance's level; beyond all measure where it is fixed to zero.
    n_assets, n_factors : int
    """

    returns: Array
    present: Array
    mu_precision: Array
    n_assets: int
    n_factors: int

    @classmethod
    def of(cls, returns: Array, n_factors: int, prior: FactorPrior) -> Panel:
        """Return it of returns of shape (n_times, n_assets), NaN where not observed."""
        n_times, n_assets = returns.shape
        n_columns = -(-(n_assets + n_factors) // LANES) * LANES
        padded = np.zeros((n_times, n_columns))
        present = np.zeros((n_times, n_columns))
        present[:, :n_assets] = ~np.isnan(returns)
        padded[:, :n_assets] = np.nan_to_num(returns)
        present[:, n_assets : n_assets + n_factors] = 1.0
        mu_precision = np.full(n_columns, _FIXED)
        mu_precision[:n_assets] = prior.mu_sd**-2
        return cls(padded, present, mu_precision, n_assets, n_factors)


class Chain(NamedTuple):
    """Where a chain is; kernels change it in place.

    Attributes
    ----------
    errors : ndarray of shape (n_times, n_columns)
        Of each asset, what mean and factors leave of its return; of each factor, the factor.
    h, precision : ndarray of the same shape
        Log-variances; exp(-h), zero where nothing is observed.
    points : ndarray of shape (2, n_columns)
        x and z of phi = tanh x and sigma = z^2.
    mu, mean : ndarray of shape (n_columns,)
        Levels of the log-variances, and the returns' means.
    loadings : ndarray of shape (n_factors, n_columns)
        Zero beyond the assets.
    spread : ndarray of shape (n_factors,)
        Prior standard deviation of each factor's loadings.
    nu : ndarray of shape (n_columns,)
        Degrees of freedom of Student-t errors.
    mixing : ndarray of shape (n_times, n_columns)
        Variances of errors in units of exp(h), if these are Student-t; one of all else.
    steps : ndarray of shape (3, n_columns)
        Lower triangles of the factors of the random walk's covariance.
    accepted : ndarray of shape (n_columns,)
        Whether the last proposal of each log-variance was.
    bits : ndarray of uint64 of shape (4, 8)
        State of the generators of the lanes.
    """

    errors: Array
    h: Array
    precision: Array
    points: Array
    mu: Array
    mean: Array
    loadings: Array
    spread: Array
    nu: Array
    mixing: Array
    steps: Array
    accepted: Array
    bits: NDArray[np.uint64]

    @classmethod
    def start(cls, panel: Panel, stream: np.random.Generator) -> Chain:
        """Return a chain near the returns' principal components, at some distance of its own."""
        n_times, n_columns = panel.returns.shape
        assets = slice(0, panel.n_assets)
        factors = slice(panel.n_assets, panel.n_assets + panel.n_factors)
        mean = panel.returns.sum(axis=0) / np.maximum(panel.present.sum(axis=0), 1.0)
        centred = panel.present * (panel.returns - mean)
        loadings = np.zeros((panel.n_factors, n_columns))
        errors = centred.copy()
        if panel.n_factors:
            left, sizes, right = np.linalg.svd(centred[:, assets], full_matrices=False)
            found = min(panel.n_factors, sizes.size)
            loadings[:found, assets] = right[:found] * sizes[:found, None] / math.sqrt(n_times)
            noise = stream.standard_normal((panel.n_factors, panel.n_assets))
            size = max(float(loadings[:, assets].std()), _LEAST_LOADINGS)
            loadings[:, assets] += _CHAIN_SPREAD * size * noise
            scores = stream.standard_normal((n_times, panel.n_factors))
            scores[:, :found] = left[:, :found] * math.sqrt(n_times)
            errors = panel.present * (centred - scores @ loadings)
            errors[:, factors] = scores
        observed = np.maximum(panel.present.sum(axis=0), 1.0)
        mu = np.log(np.maximum((errors**2).sum(axis=0) / observed, _LEAST_VARIANCE))
        mu[assets] += _CHAIN_SPREAD * stream.standard_normal(panel.n_assets)
        mu[panel.n_assets :] = 0.0
        h = np.tile(mu, (n_times, 1))
        points = np.empty((2, n_columns))
        points[0] = stream.uniform(math.atanh(0.8), math.atanh(0.98), n_columns)
        points[1] = stream.uniform(math.sqrt(0.05), math.sqrt(0.5), n_columns)
        spread = np.sqrt((loadings[:, assets] ** 2).mean(axis=1))
        return cls(
            errors, h, panel.present * np.exp(-h), points, mu, mean, loadings, spread,
            nu=np.full(n_columns, _FIRST_NU),
            mixing=np.ones((n_times, n_columns)),
            steps=np.tile(np.array(_FIRST_STEPS)[:, None], (1, n_columns)),
            accepted=np.zeros(n_columns),
            bits=stream.integers(0, 2**64, (4, LANES), dtype=np.uint64),
        )  # fmt: skip


class Scratch(NamedTuple):
    """What kernels write on, and nobody reads afterwards.

    Attributes
    ----------
    normals, log_squares, precision, shift, pivots, shifts, precisions, states
        ndarray of shape (n_times, 8): of eight series, what `log_variances` keeps of each time;
        of the normals there is one row more.
    sums, points : ndarray of shape (10, 8) and (2, 8)
        Running sums of the mixture's density, and where the walk of phi and sigma has come to.
    products : ndarray of shape (n_pairs, n_columns)
        Of loadings, or sums over time, of pairs of regressors and then of each alone.
    weighted, pairs : ndarray of shape (n_columns,) and (n_pairs,)
    squares : ndarray of shape (n_times,)
        Of one asset's standardised errors.
    matrix, vector, least : ndarray of shape (n, n), (n,), (n,), of n regressors
    """

    normals: Array
    log_squares: Array
    precision: Array
    shift: Array
    pivots: Array
    shifts: Array
    precisions: Array
    states: Array
    sums: Array
    points: Array
    products: Array
    weighted: Array
    pairs: Array
    squares: Array
    matrix: Array
    vector: Array
    least: Array

    @classmethod
    def of(cls, panel: Panel, prior: FactorPrior) -> Scratch:
        """Return room for a chain."""
        n_times, n_columns = panel.returns.shape
        size = panel.n_factors + prior.constant_mean
        n_pairs = size * (size + 1) // 2 + size
        return cls(
            normals=np.zeros((n_times + 1, LANES)),
            log_squares=np.empty((n_times, LANES)),
            precision=np.empty((n_times, LANES)),
            shift=np.empty((n_times, LANES)),
            pivots=np.empty((n_times, LANES)),
            shifts=np.empty((n_times, LANES)),
            precisions=np.empty((n_times, LANES)),
            states=np.empty((n_times, LANES)),
            sums=np.empty((COMPONENTS, LANES)),
            points=np.empty((2, LANES)),
            products=np.empty((n_pairs, n_columns)),
            weighted=np.empty(n_columns),
            pairs=np.empty(n_pairs),
            squares=np.empty(n_times),
            matrix=np.empty((size, size)),
            vector=np.empty(size),
            least=np.empty(size),
        )


def phi_sigma(points: Array) -> tuple[Array, Array]:
    """Return phi and sigma of coordinates whose last axis but one has the two."""
    return np.tanh(points[..., 0, :]), points[..., 1, :] ** 2
