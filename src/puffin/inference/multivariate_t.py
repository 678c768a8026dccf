r"""Means and scale matrices of groups of Student-t series, their Sharpe ratios pooled or not.

Within a group of K series observed together,

.. math::

    x_t \sim t_\nu(\mu, \Sigma), \quad \nu - 2 \sim \text{Gamma}(a, b), \quad
    \Sigma | \alpha \sim \text{IW}(K + 1, 4 \operatorname{diag}(1 / \alpha)), \quad
    \alpha_k \sim \text{IG}(1/2, 1/A^2)

so that all correlations are uniform and each scale is half-t with 2 degrees of freedom (Huang &
Wand 2013). 1 / alpha is bounded below at 1e-8: where one series is an exact combination of
others, Sigma has no proper posterior otherwise.

Groups are independent given the prior of the means: :math:`\mu_k \sim N(0, m^2)`, or, pooled,
:math:`\mu_k = S_k \, \text{sd}_k / \sqrt{p_k}` with annual Sharpe ratios :math:`S_k \sim
N(0, \tau^2)`, :math:`\tau \sim` HalfNormal, where :math:`\text{sd}_k^2 = \Sigma_{kk} \nu /
(\nu - 2)` and :math:`p_k` is the number of periods in a year.

The sampler is Gibbs over the mixing weights of the t, :math:`x_t | w_t \sim N(\mu, \Sigma / w_t)`.
The overall scale of Sigma and nu are moved with the weights integrated out (van Dyk & Park 2008);
tau is drawn both given the Sharpe ratios and given their ratios to tau (Yu & Meng 2011), so that
it neither sticks at zero nor follows the ratios about.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.compiling.random_bits import Bits, new_generators, whole_turns
from puffin.inference.adaptation import chunks, stretch_for, walk_factor
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.draws import Draws
from puffin.inference.gamma import draw_gamma_above, draw_gammas
from puffin.inference.pooling import draw_pool_sd, log_pool_prior
from puffin.inference.scatter import (
    TILE,
    draw_wishart_factor,
    inverse_diagonal,
    squared_distances,
    weighted_moments,
)
from puffin.inference.scatter_draws import ScatterDraws
from puffin.inference.settings import Settings
from puffin.inference.student_t_density import student_t_log_likelihood
from puffin.inference.triangular import draw_gaussian

__all__ = ["MultivariateTPrior", "sample_multivariate_t"]


_HUANG_WAND_DEGREES = 2.0
_WALK_STEPS = 5
_LEAST_AUXILIARY = 1e-8
_LEAST_TUNE = 200


@dataclass(frozen=True)
class MultivariateTPrior:
    """Sd m of the means, scale A of the scales, shape and rate of nu - 2, scale of tau.

    The means are pooled where `pool_sd`, the scale of tau, is given; m is not used then.
    """

    location_sd: float
    scale_sd: float
    tail_shape: float
    tail_rate: float
    pool_sd: float | None


@dataclass
class _State:
    """Where a chain is: arrays that the kernel updates in place, zeros beyond a group's series.

    `location`, `variance` (the diagonals of Sigma) and `auxiliary` have shape (n_groups, n_series),
    `factor`, the lower Cholesky factors of the inverses of Sigma, (n_groups, n_series, n_series),
    and `tails`, the log(nu - 2), (n_groups,).
    """

    location: Array
    variance: Array
    factor: Array
    auxiliary: Array
    tails: Array
    log_pool_sd: Array


def sample_multivariate_t(
    groups: Sequence[Array],
    periods: Array,
    prior: MultivariateTPrior,
    settings: Settings,
    *,
    scatter_every: int = 1,
) -> tuple[Draws, ScatterDraws]:
    """Draw `mu`, `sigma` (square roots of the diagonal of Sigma) and `nu` of every series.

    Parameters
    ----------
    groups : sequence of ndarray of shape (n_observations, n_series)
        Series of the same group are observed together.
    periods : ndarray of shape (n_all_series,)
        Periods in a year of each series; matters only where means are pooled.
    settings : Settings
        At least 200 sweeps of each chain are made and thrown away.
    scatter_every : int, default 1
        Keep the scale matrices Sigma of every so many draws.

    Returns
    -------
    draws : Draws
        Variables of shape (n_chains, n_draws, n_all_series), in the order of the groups, and
        `tau` of shape (n_chains, n_draws) where means are pooled.
    scatter : ScatterDraws
        The scale matrices that belong to them.
    """
    settings = dataclasses.replace(settings, tune=max(settings.tune, _LEAST_TUNE))
    sizes = np.array([group.shape[1] for group in groups])
    numbers_kept = int(np.sum(sizes * (sizes + 1) // 2))
    lengths = np.array([group.shape[0] for group in groups])
    present = np.arange(_even(sizes.max())) < sizes[:, None]
    data = np.zeros((*present.shape, lengths.max()))
    for padded, group in zip(data, groups, strict=True):
        padded[: group.shape[1], : group.shape[0]] = group.T
    padded_periods = np.ones(present.shape)
    padded_periods[present] = periods
    numbers = (
        prior.location_sd, prior.scale_sd, prior.tail_shape, prior.tail_rate, prior.pool_sd,
    )  # fmt: skip
    chain_streams = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> list[Array]:
        state = _initial_state(groups)
        generators = new_generators(chain_streams[chain])
        factors = np.array([np.diag([1.0 / math.sqrt(length), 0.3]) for length in lengths])

        def sweep(count: int) -> tuple[Array, ...]:
            kept = (
                np.empty((count, *present.shape)),
                np.empty((count, *present.shape)),
                np.empty((count, lengths.size, 2)),
                np.empty(count),
                np.empty(count),
                np.empty((count, numbers_kept)),
            )
            _sweeps(
                chain_streams[chain], generators, data, sizes, lengths, padded_periods, *numbers,
                factors, state.location, state.variance, state.factor, state.auxiliary,
                state.tails, state.log_pool_sd, *kept,
            )  # fmt: skip
            advance(count)
            return kept

        history: list[Array] = []
        stretch = 1.0
        for count in chunks(settings.tune):
            kept = sweep(count)
            history.append(kept[2])
            recent = np.concatenate(history[len(history) // 2 :])
            stretch *= stretch_for(float(kept[4].mean()))
            factors = stretch * np.array([walk_factor(recent[:, g]) for g in range(lengths.size)])
        parts, done = [], 0
        for count in chunks(settings.draws):
            *kept_always, factors_kept = sweep(count)
            # A copy, so that what is not kept can go.
            parts.append(
                (*kept_always, factors_kept[-done % scatter_every :: scatter_every].copy())
            )
            done += count
        return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]

    results = run_chains(run, settings)
    mu, sigma, scale_tail, tau, accepted, packed = (
        np.array(arrays) for arrays in zip(*results, strict=True)
    )
    mu, sigma = mu[..., present], sigma[..., present]
    nu = np.repeat(2.0 + np.exp(scale_tail[..., 1]), sizes, axis=-1)
    variables = {"mu": mu, "sigma": sigma, "nu": nu}
    if prior.pool_sd is not None:
        variables["tau"] = tau
    draws = Draws(
        variables,
        "partially collapsed Gibbs",
        {"accepted": accepted},
        {"acceptance": float(accepted.mean())},
    )
    return draws, ScatterDraws(packed, tuple(int(size) for size in sizes), scatter_every)


def _even(count: int) -> int:
    """Return the number of rows to make room for: kernels go through series in pairs."""
    return count + count % 2


def _initial_state(groups: Sequence[Array]) -> _State:
    largest = _even(max(group.shape[1] for group in groups))
    location = np.zeros((len(groups), largest))
    variance = np.ones((len(groups), largest))
    factor = np.zeros((len(groups), largest, largest))
    for g, group in enumerate(groups):
        K = group.shape[1]
        covariance = np.atleast_2d(np.cov(group, rowvar=False, ddof=0))
        scale_matrix = 0.7 * covariance + np.diag(1e-3 * np.diag(covariance) + 1e-12)
        location[g, :K] = np.median(group, axis=0)
        variance[g, :K] = np.diag(scale_matrix)
        factor[g, :K, :K] = np.linalg.cholesky(np.linalg.inv(scale_matrix))
    return _State(
        location=location,
        variance=variance,
        factor=factor,
        auxiliary=np.ones(location.shape),
        tails=np.full(len(groups), math.log(8.0)),
        log_pool_sd=np.array([math.log(0.5)]),
    )


@kernel
def _sweeps(
    stream: np.random.Generator,
    generators: Bits,
    data: Array,
    sizes: NDArray[np.int64],
    lengths: NDArray[np.int64],
    periods: Array,
    location_sd: float,
    scale_sd: float,
    tail_shape: float,
    tail_rate: float,
    pool_sd: float | None,
    factors: Array,
    location: Array,
    variances: Array,
    precision_factors: Array,
    auxiliary: Array,
    tails: Array,
    log_pool_sd: Array,
    kept_location: Array,
    kept_sigma: Array,
    kept_scale_tail: Array,
    kept_pool_sd: Array,
    kept_accepted: Array,
    kept_factors: Array,
) -> None:
    """Make as many sweeps as there is room to keep; the state is updated in place.

    Where `pool_sd` is None the means are not pooled, and Numba leaves out the code for that.
    """
    groups, largest, longest = data.shape
    squares, weights, rows = np.empty(longest), np.empty(longest), np.empty((2, TILE))
    bits = np.empty(whole_turns(2 * longest), np.uint64)
    normals, certain = np.empty(longest), np.empty(longest)
    S, scratch = np.empty((largest, largest)), np.empty((largest, largest))
    new_F, new_variances = np.empty((largest, largest)), np.empty(largest)
    moments, mean_precisions = np.empty(largest), np.empty(largest)
    for sweep in range(kept_location.shape[0]):
        accepted = 0
        pool_precision, pool_shift = 0.0, 0.0
        for group in range(groups):
            K, T = sizes[group], lengths[group]
            x, F, q = data[group], precision_factors[group], periods[group][:K]
            mu, alpha, variance = location[group][:K], auxiliary[group][:K], variances[group][:K]
            distances, w, new_variance = squares[:T], weights[:T], new_variances[:K]
            moment, mean_precision = moments[:K], mean_precisions[:K]

            squared_distances(x, K, location[group], F, rows, distances)
            log_scale, log_excess, moves = _move_scale_and_tail(
                stream, distances, F, alpha, tails[group], tail_shape, tail_rate, factors[group],
                mu, variance, q, log_pool_sd[0], pool_sd,
            )  # fmt: skip
            accepted += moves
            tails[group] = log_excess
            scale, inflation = math.exp(log_scale), 1.0 + 2.0 * math.exp(-log_excess)
            _rescale(scale, variance, F)
            kept_scale_tail[sweep, group, 0] = -_log_determinant(F, K) / K
            kept_scale_tail[sweep, group, 1] = log_excess

            nu = 2.0 + math.exp(log_excess)
            words = bits[: whole_turns(2 * T)]
            draw_gammas(stream, generators, 0.5 * (nu + K), words, normals, certain, w)
            total_weight = _scale_weights(distances, scale, nu, w)
            weighted_moments(x, K, w, rows, moments, S)

            for k in range(K):
                mean_precision[k] = 1.0 / (location_sd * location_sd)
                if pool_sd is not None:
                    tau_squared = math.exp(2.0 * log_pool_sd[0])
                    mean_precision[k] = q[k] / (tau_squared * variance[k] * inflation)
            _write_posterior_of_means(F, total_weight, moment, mean_precision, scratch, mu)
            draw_gaussian(stream, scratch, mu)

            _add_scatter(S, mu, moment, total_weight, alpha)
            degrees = _HUANG_WAND_DEGREES + K - 1.0 + T
            draw_wishart_factor(stream, S, degrees, K, new_F)
            inverse_diagonal(new_F, new_variance)
            accept = True
            if pool_sd is not None:
                accept = math.log(stream.random()) < (
                    log_pool_prior(mu, new_variance, q, inflation, log_pool_sd[0])
                    - log_pool_prior(mu, variance, q, inflation, log_pool_sd[0])
                )
            if accept:
                for k in range(K):
                    variance[k] = new_variance[k]
                    for j in range(k + 1):
                        F[k, j] = new_F[k, j]

            for k in range(K):
                rate = _HUANG_WAND_DEGREES * _row_square(F, k) + 1.0 / (scale_sd * scale_sd)
                shape = 0.5 * (_HUANG_WAND_DEGREES + K)
                alpha[k] = 1.0 / draw_gamma_above(stream, shape, rate, _LEAST_AUXILIARY)

            if pool_sd is not None:
                # Given mu / tau, the likelihood of tau is Gaussian.
                precision, shift = _likelihood_along(F, mu, moment, total_weight)
                pool_precision += precision * math.exp(-2.0 * log_pool_sd[0])
                pool_shift += shift * math.exp(-log_pool_sd[0])

        if pool_sd is not None:
            draw_pool_sd(
                stream, sizes, periods, tails, variances, pool_sd, pool_precision, pool_shift,
                location, log_pool_sd,
            )  # fmt: skip
        place = 0
        for group in range(groups):
            for k in range(sizes[group]):
                kept_location[sweep, group, k] = location[group, k]
                kept_sigma[sweep, group, k] = math.sqrt(variances[group, k])
                for j in range(k + 1):
                    kept_factors[sweep, place] = precision_factors[group, k, j]
                    place += 1
        kept_pool_sd[sweep] = math.exp(log_pool_sd[0])
        kept_accepted[sweep] = accepted / (_WALK_STEPS * groups)


@part
def _move_scale_and_tail(
    stream: np.random.Generator,
    distances: Array,
    F: Array,
    alpha: Array,
    log_excess: float,
    tail_shape: float,
    tail_rate: float,
    factor: Array,
    mu: Array,
    variance: Array,
    periods: Array,
    log_pool_sd: float,
    pool_sd: float | None,
) -> tuple[float, float, int]:
    """Move the logarithms of a factor of Sigma and of nu - 2, weights integrated out.

    Returns both and how many of the random-walk steps were accepted; the last moves nu alone.
    """
    K = mu.size
    trace = 0.0
    for k in range(K):
        trace += 2.0 * _HUANG_WAND_DEGREES * _row_square(F, k) / alpha[k]
    log_scale, value, accepted = 0.0, -np.inf, 0
    for step in range(_WALK_STEPS + 1):
        new_log_scale, new_log_excess = log_scale, log_excess
        if step == _WALK_STEPS:
            new_log_excess += 2.0 * factor[1, 1] * stream.standard_normal()
        elif step > 0:
            noise = stream.standard_normal()
            new_log_scale += factor[0, 0] * noise
            new_log_excess += factor[1, 0] * noise + factor[1, 1] * stream.standard_normal()
        excess = math.exp(new_log_excess)
        new_value = (
            student_t_log_likelihood(distances, 0.5 * new_log_scale, 2.0 + excess, K)
            - 0.5 * K * (_HUANG_WAND_DEGREES + K - 1.0) * new_log_scale
            - 0.5 * math.exp(-new_log_scale) * trace
            + tail_shape * new_log_excess
            - tail_rate * excess
        )
        if pool_sd is not None:
            inflation = math.exp(new_log_scale) * (1.0 + 2.0 / excess)
            new_value += log_pool_prior(mu, variance, periods, inflation, log_pool_sd)
        if step == 0:
            value = new_value
        elif math.log(stream.random()) < new_value - value:
            log_scale, log_excess, value = new_log_scale, new_log_excess, new_value
            accepted += 1
    return log_scale, log_excess, accepted


@part
def _rescale(scale: float, variance: Array, F: Array) -> None:
    """Multiply Sigma by `scale`."""
    root = 1.0 / math.sqrt(scale)
    for k in range(variance.size):
        variance[k] *= scale
        for j in range(k + 1):
            F[k, j] *= root


@part
def _scale_weights(distances: Array, scale: float, nu: float, weights: Array) -> float:
    """Turn gamma variates into mixing weights, given distances over `scale`; return their sum."""
    inverse, total = 1.0 / scale, 0.0
    for t in range(distances.size):
        weights[t] *= 2.0 / (nu + distances[t] * inverse)
        total += weights[t]
    return total


@part
def _write_posterior_of_means(
    F: Array,
    total_weight: float,
    moment: Array,
    mean_precision: Array,
    precision: Array,
    shift: Array,
) -> None:
    """Write precision, and precision times mean, of the means given Sigma and the weights."""
    K = shift.size
    for k in range(K):
        for j in range(k + 1):
            total = 0.0
            for i in range(j + 1):
                total += F[k, i] * F[j, i]
            precision[k, j] = total_weight * total
        precision[k, k] += mean_precision[k]
        shift[k] = 0.0
    for i in range(K):
        image = 0.0
        for k in range(i, K):
            image += F[k, i] * moment[k]
        for k in range(i, K):
            shift[k] += F[k, i] * image


@part
def _likelihood_along(
    F: Array, direction: Array, moment: Array, total_weight: float
) -> tuple[float, float]:
    """Return precision, and precision times mean, of the likelihood of s if mu is s `direction`."""
    precision, shift = 0.0, 0.0
    for i in range(direction.size):
        image, moment_image = 0.0, 0.0
        for k in range(i, direction.size):
            image += F[k, i] * direction[k]
            moment_image += F[k, i] * moment[k]
        precision += total_weight * image * image
        shift += image * moment_image
    return precision, shift


@part
def _add_scatter(S: Array, mu: Array, moment: Array, total_weight: float, alpha: Array) -> None:
    """Turn second moments into the scale matrix of the inverse Wishart: around mu, plus prior.

    Only the lower triangle.
    """
    for k in range(mu.size):
        for j in range(k + 1):
            S[k, j] += total_weight * mu[k] * mu[j] - mu[k] * moment[j] - moment[k] * mu[j]
        S[k, k] += 2.0 * _HUANG_WAND_DEGREES / alpha[k]


@part
def _row_square(F: Array, k: int) -> float:
    """Return element (k, k) of F F'."""
    total = 0.0
    for j in range(k + 1):
        total += F[k, j] * F[k, j]
    return total


@part
def _log_determinant(L: Array, K: int) -> float:
    """Return that of L L'."""
    total = 0.0
    for k in range(K):
        total += 2.0 * math.log(L[k, k])
    return total
