"""A skewed law for tests: Gumbel's distribution of largest values, of mean 0 and variance 1."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import exp1, ndtri_exp

from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import where_less
from puffin.laws.parts import LawParts, ScoredLaw, normal_quantile

RATE, SHIFT = math.pi / math.sqrt(6.0), 0.5772156649015329
LOG_RATE = math.log(RATE)


@part
def _prepare(rows, place, apart):
    return ()


@part
def _log_density(constants, x):
    z = SHIFT + RATE * x
    return LOG_RATE - z - exp_lanes(-z)


@part
def _slopes(constants, x):
    w = exp_lanes(-(SHIFT + RATE * x))
    return RATE * (w - 1.0), -RATE * RATE * w


@part
def _tabulate(constants, table):
    pass


@part
def _normal_score(constants, table, x):
    w = exp_lanes(-(SHIFT + RATE * x))
    prob = exp_lanes(-w)
    rest = where_less(w, w * 0.0 + 1e-4, w * (1.0 - w * (0.5 - w * (1.0 / 6.0))), 1.0 - prob)
    log_rest = log_lanes(rest)
    return normal_quantile(prob, where_less(prob, prob * 0.0 + 0.5, -w, log_rest))


class Gumbel(ScoredLaw):
    """F(x) = exp(-exp(-z)), z = 0.577 + pi x / sqrt(6)."""

    name = "gumbel"
    label = "Gumbel"
    shape_names = ()
    parts = LawParts(_prepare, _log_density, _slopes, _tabulate, _normal_score)

    def log_density(self, x, shape):
        z = SHIFT + RATE * np.asarray(x)
        return LOG_RATE - z - np.exp(np.minimum(-z, 700.0))

    def cdf(self, x, shape):
        return np.exp(-np.exp(-(SHIFT + RATE * np.asarray(x))))

    def quantile(self, prob, shape):
        return (-np.log(-np.log(prob)) - SHIFT) / RATE

    def normal_score(self, x, shape):
        w = np.exp(np.minimum(-(SHIFT + RATE * np.asarray(x)), 700.0))
        with np.errstate(divide="ignore"):
            upper = np.log(-np.expm1(-w))
        return np.where(w > math.log(2.0), ndtri_exp(-w), -ndtri_exp(upper))

    def tail_expectation(self, q, shape):
        """With U = exp(-z) exponential, of -log U by parts: the rest is an exponential integral."""
        w = np.exp(np.minimum(-(SHIFT + RATE * np.asarray(q)), 700.0))
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(q), 0.0, q * np.exp(-w) - exp1(w) / RATE)
