"""Errors of a law, and now and then a jump beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp, ndtr

from puffin.arrays import Array
from puffin.laws.law import GivenVolatility, Law, Shape
from puffin.laws.parameter import EXPONENTIAL, IDENTITY, Parameter, Prior, power_above
from puffin.laws.scale_mixture import ScaleMixture

__all__ = ["UNTIED", "Jump", "Tie", "WithJumps", "log_normal_density"]

_BISECTIONS = 70
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class Tie(NamedTuple):
    """What another shock says of an error's: its mean and its variance, N(0, 1) by itself."""

    mean: Array | float
    variance: Array | float


UNTIED = Tie(0.0, 1.0)


class Jump(NamedTuple):
    """What an error says of a jump: its probability, and the expected size if there was one."""

    probability: Array
    size: Array


class WithJumps(Law):
    r"""Bernoulli jumps of normal size, beside errors that are a scale mixture of normals.

    In units of the volatility, a return less its mean is

    .. math::

        x = \epsilon + k q, \qquad k \sim \operatorname{Bernoulli}(\kappa), \qquad q \sim N(m, s^2)

    with :math:`\epsilon` an error of the law without jumps. Given its mixing variable
    :math:`\tau`, x is :math:`N(0, \tau)`, or with probability :math:`\kappa`
    :math:`N(m, \tau + s^2)`: jumps are integrated out. As a law has mean 0 and variance 1, its
    error is

    .. math::

        \frac{x - \kappa m}{S}, \qquad S^2 = 1 + \kappa \left(s^2 + (1 - \kappa) m^2\right)

    The shape parameters are those of the errors, then `kappa`, `jump_mean` and `jump_sd`. A model
    has the latter two in the unit of the returns; `given_volatility` divides them by the
    volatility of each period.

    The Gaussian shock is that of :math:`\epsilon`: jumps have nothing to do with the next
    log-variance. The mixing variable is two numbers, those of :math:`\epsilon` and the jump.

    References
    ----------
    Chib, Nardari & Shephard (2002), "Markov chain Monte Carlo methods for stochastic volatility
    models", Journal of Econometrics 108: SVJ and SVtJ. Pitt, Malik & Doucet (2014), "Simulated
    likelihood inference for stochastic volatility models using continuous particle filtering",
    Annals of the Institute of Statistical Mathematics 66: with leverage.
    """

    def __init__(self, errors: ScaleMixture) -> None:
        self.errors = errors
        self.name = f"{errors.name}_jumps"
        self.label = f"jumps and {errors.label}"
        self.shape_names = (*errors.shape_names, "kappa", "jump_mean", "jump_sd")

    @property
    def with_jumps(self) -> WithJumps:
        """The law itself."""
        return self

    def parameters(self, priors: Mapping[str, Prior]) -> tuple[Parameter, ...]:
        """Return those of the errors; then kappa by its cube root, mean and log sd of jumps."""
        return (
            *self.errors.parameters(priors),
            Parameter(
                "kappa", power_above(0.0, 3.0), priors["kappa"], (0.01, 0.01, 0.03), 0.06,
                (1e-3, 0.9999),
            ),
            Parameter("jump_mean", IDENTITY, priors["jump_mean"], (0.0,) * 3, 0.7),
            Parameter(
                "jump_sd", EXPONENTIAL, priors["jump_sd"], (priors["jump_sd"].reach,) * 3, 0.4,
                (-20.0, 20.0),
            ),
        )  # fmt: skip

    def given_volatility(self, h: Array, parameters: Shape) -> GivenVolatility:
        """Return the return's law, its jumps in units of exp(h / 2)."""
        volatility = np.exp(0.5 * np.asarray(h))
        shape = self.select(parameters)
        for name in ("jump_mean", "jump_sd"):
            shape[name] = shape[name] / volatility
        centre, deviation = _moments(shape)
        location = parameters.get("mean", np.zeros(())) + volatility * centre
        return GivenVolatility(location, volatility * deviation, self, shape)

    def log_density(self, x: Array, shape: Shape) -> Array:
        """Return the log density at `x`."""
        centre, deviation = _moments(shape)
        quiet, jumping = self._log_densities(centre + deviation * x, shape, UNTIED)
        return np.asarray(np.logaddexp(quiet, jumping) + np.log(deviation))

    def cdf(self, x: Array, shape: Shape) -> Array:
        """Return the probability of an error up to `x`."""
        centre, deviation = _moments(shape)
        raw, kappa = centre + deviation * x, shape["kappa"]
        standard, _, weights = self._standardised(raw, shape)
        quiet = self.errors.cdf(raw, shape)
        return np.asarray((1.0 - kappa) * quiet + kappa * (weights * ndtr(standard)).sum(axis=0))

    def quantile(self, prob: Array, shape: Shape) -> Array:
        """Return the error that is not exceeded with probability `prob`, by bisection.

        It is within Cantelli's bounds.
        """
        prob = np.asarray(prob)
        prob = np.broadcast_to(prob, np.broadcast(prob, *self.select(shape).values()).shape)
        low, high = -np.sqrt((1.0 - prob) / prob), np.sqrt(prob / (1.0 - prob))
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            below = self.cdf(middle, shape) < prob
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))

    def tail_expectation(self, q: Array, shape: Shape) -> Array:
        """Return the partial expectation up to `q`.

        Probabilities are those of the nearer tail: without jumps errors are symmetric.
        """
        centre, deviation = _moments(shape)
        raw, kappa = centre + deviation * q, shape["kappa"]
        standard, spread, weights = self._standardised(raw, shape)
        side = np.where(raw < 0.0, 1.0, -1.0)
        jumping = (weights * ndtr(side * standard)).sum(axis=0)
        excess = side * (jumping - self.errors.cdf(side * raw, shape))
        peaks = weights * spread * np.exp(log_normal_density(standard, np.ones(())))
        total = (1.0 - kappa) * (centre * excess + self.errors.tail_expectation(raw, shape))
        return np.asarray((total - kappa * peaks.sum(axis=0)) / deviation)

    def mixing(
        self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape
    ) -> Array:
        """Draw the mixing variable of the error, and the jump, 0 where there is none."""
        of_error = self.errors.mixing(stream, size, shape)
        jumps = stream.random(size) < shape["kappa"]
        sizes = shape["jump_mean"] + shape["jump_sd"] * stream.standard_normal(size)
        return np.array([of_error, np.where(jumps, sizes, 0.0)])

    def mixing_given(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Draw the mixing variable of the error, and the jump, given the error."""
        centre, deviation = _moments(shape)
        raw = np.asarray(centre + deviation * error)
        log_densities = self._log_densities(raw, shape, UNTIED)
        jumps = stream.random(raw.shape) < _share(*log_densities)
        start, chosen = stream.random(raw.shape)[jumps], stream.random(raw.shape)[jumps]
        normals = stream.standard_normal(raw.shape)[jumps]
        there = {name: np.broadcast_to(shape[name], raw.shape)[jumps] for name in self.shape_names}
        m, v = there["jump_mean"], np.square(there["jump_sd"])
        excess = raw[jumps] - m
        tau = _taken(*self._given_sum(excess, v, there, UNTIED, start), chosen)
        pull = v / (tau + v)
        mixing = np.array([self.errors.mixing_given(raw, stream, shape), np.zeros(raw.shape)])
        mixing[:, jumps] = tau, m + pull * excess + np.sqrt(tau * pull) * normals
        return mixing

    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the error of the law without jumps, plus the jump, standardised."""
        centre, deviation = _moments(shape)
        quiet = self.errors.error(shock, mixing[0], shape)
        return np.asarray((quiet + mixing[1] - centre) / deviation)

    def shock(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Draw the mixing variable and the jump given the error, and return what is left."""
        centre, deviation = _moments(shape)
        tau, jump = self.mixing_given(error, stream, shape)
        return np.asarray((centre + deviation * error - jump) / np.sqrt(tau))

    def jump(self, error: Array, shape: Shape, tie: Tie = UNTIED) -> Jump:
        """Return what an error says of a jump, given what is known of its shock."""
        centre, deviation = _moments(shape)
        raw = centre + deviation * error
        m, v = shape["jump_mean"], np.square(shape["jump_sd"])
        tau, log_weights = self._given_sum(raw - m, v, shape, tie)
        highest = log_weights.max(axis=0)
        weights = np.exp(log_weights - highest)
        total = weights.sum(axis=0)
        jumping = np.log(shape["kappa"]) + highest + np.log(total)
        sizes = v / (tie.variance * tau + v) * (raw - m - np.sqrt(tau) * tie.mean)
        return Jump(
            _share(self._quiet(raw, shape, tie), jumping),
            np.asarray(m + (weights * sizes).sum(axis=0) / total),
        )

    def _log_densities(self, raw: Array, shape: Shape, tie: Tie) -> tuple[Array, Array]:
        """Return log densities of x with no jump and with one, their probabilities included."""
        v = np.square(shape["jump_sd"])
        _, jumping = self._given_sum(raw - shape["jump_mean"], v, shape, tie)
        return (
            self._quiet(raw, shape, tie),
            np.log(shape["kappa"]) + np.asarray(logsumexp(jumping, axis=0)),
        )

    def _quiet(self, raw: Array, shape: Shape, tie: Tie) -> Array:
        """Return the log density of x with no jump, that probability included."""
        if tie is UNTIED:
            quiet = self.errors.log_density(raw, shape)
        else:
            quiet = logsumexp(self._given_sum(raw, np.zeros(()), shape, tie)[1], axis=0)
        return np.asarray(np.log1p(-shape["kappa"]) + quiet)

    def _given_sum(
        self, total: Array, variance: Array, shape: Shape, tie: Tie, start: Array | float = 0.0
    ) -> tuple[Array, Array]:
        r"""Return nodes of tau and log weights, whose sum over nodes is the density of a sum.

        That of an error and a normal variable,
        :math:`\int p(\tau) N(x; \sqrt \tau c, k \tau + s^2) d\tau`, with c and k mean and variance
        of the error's shock.
        """
        tau, log_weights = self._nodes(total, shape, start)
        deviation = total - np.sqrt(tau) * tie.mean
        return tau, log_weights + log_normal_density(deviation, tie.variance * tau + variance)

    def _nodes(self, like: Array, shape: Shape, start: Array | float = 0.0) -> tuple[Array, Array]:
        """Return the errors' nodes, along an axis before those of an array."""
        found = self.errors.mixing_nodes(shape, start)
        between = (1,) * max(0, np.ndim(like) + 1 - found[0].ndim)
        tau, log_weights = (one.reshape(one.shape[0], *between, *one.shape[1:]) for one in found)
        return tau, log_weights

    def _standardised(self, raw: Array, shape: Shape) -> tuple[Array, Array, Array]:
        """Return x standardised, given a jump, by its sd at each node; that; and the weights."""
        tau, log_weights = self._nodes(raw, shape)
        spread = np.sqrt(tau + np.square(shape["jump_sd"]))
        return (raw - shape["jump_mean"]) / spread, spread, np.exp(log_weights)


def _moments(shape: Shape) -> tuple[Array, Array]:
    """Return mean and standard deviation of x."""
    kappa, m = shape["kappa"], shape["jump_mean"]
    variance = 1.0 + kappa * (np.square(shape["jump_sd"]) + (1.0 - kappa) * np.square(m))
    return np.asarray(kappa * m), np.sqrt(variance)


def log_normal_density(deviation: Array, variance: Array) -> Array:
    """Return the log density of a normal variable with mean 0."""
    return np.asarray(-0.5 * (deviation**2 / variance + np.log(variance)) - _HALF_LOG_2PI)


def _share(quiet: Array, jumping: Array) -> Array:
    """Return the share of the second of two log densities in their sum."""
    return np.asarray(expit(jumping - quiet))


def _taken(values: Array, log_weights: Array, chosen: Array) -> Array:
    """Return one of the values along the first axis, by weight; `chosen` is uniform."""
    weights = np.exp(log_weights - log_weights.max(axis=0))
    cumulated = np.cumsum(weights, axis=0)
    index = (cumulated < chosen * cumulated[-1]).sum(axis=0)
    values = np.broadcast_to(values, weights.shape)
    return np.asarray(np.take_along_axis(values, index[None], axis=0)[0])
