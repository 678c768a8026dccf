"""Series with regressors of their mean and log-variance, and proposals of the chain beside them.

There may be measures of the log-variance too.
"""

from __future__ import annotations

import copy
import dataclasses
import math

import numpy as np
from scipy.stats import norm

from puffin.inference.latent_ar1.approximation import with_slopes
from puffin.inference.latent_ar1.coordinates import SHAPE
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.measures import Measure
from puffin.inference.mode import Mode
from puffin.inference.regressors import Coefficients, Design
from puffin.inference.stochastic_volatility import (
    StochasticVolatility,
    _measures,
    _observations,
    _regressors,
)
from puffin.laws import find_law
from puffin.laws.parameter import NormalPrior
from tests.inference.latent_problems import MU_SD, PRIORS, Problem, simulate
from tests.inference.measured_problems import PRIORS_OF_MEASURES

PRIORS_OF_COEFFICIENTS = {
    "mean_coefficients": NormalPrior(1.0), "variance_coefficients": NormalPrior(1.0),
}  # fmt: skip


class ExplainedProblem(Problem):
    """A series y and regressors of this size; parameters are those of a law, of measures, b and g.

    `kind` and `measures` are as `measured_problems` has them. There may be jumps: then parameters
    are those of errors and jumps, and `quiet` are returns of the chain alone, where these are not
    simulated.
    """

    def __init__(
        self, kind, b, g, n_times, missing=(), seed=1, size=1.0, measures=(), unknown=(), x=None,
        jumps=False, quiet=None,
    ):  # fmt: skip
        name, theta = kind
        self.law, self.leverage = find_law(name, jumps=jumps), theta[3] != 0.0
        specs = tuple(Measure(f"m{j}", psi != 1.0) for j, (_, psi, _) in enumerate(measures))
        self.student, self.theta = name == "student", (*theta, *np.ravel(measures), *b, *g)
        coefficients = Coefficients(
            tuple(f"x{k}" for k in range(len(b))), tuple(f"z{k}" for k in range(len(g)))
        )
        self.model = StochasticVolatility(
            self.law, self.leverage, True, MU_SD,
            PRIORS | PRIORS_OF_COEFFICIENTS | PRIORS_OF_MEASURES, specs, coefficients,
        )  # fmt: skip
        self.coordinates = self.model.coordinates
        stream = np.random.default_rng(seed + 1)
        # One regressor wanders as volatility does, the others are new at each time.
        persistent = np.cumsum(stream.normal(size=n_times)) / np.sqrt(n_times)
        z = np.column_stack([persistent, *stream.normal(size=(len(g), n_times))])[:, : len(g)]
        z = size * z
        self.design = Design(size * stream.normal(size=(n_times, len(b))), z)
        quiet = simulate(n_times, theta, seed, self.law) if quiet is None else quiet
        log_variance = z @ np.array(g) if g else np.zeros(n_times)
        self.y = theta[0] + (quiet - theta[0]) * np.exp(0.5 * log_variance)
        self.y = self.y + self.design.of_mean @ np.array(b)
        self.present = np.ones(n_times)
        self.present[list(missing)] = 0.0
        self.x = measured(stream, measures, log_variance, unknown) if x is None else x
        series = Series(
            self.y, self.present, MU_SD, _measures(self.model, self.coordinates, self.x),
            _regressors(self.model, self.coordinates, self.design),
        )  # fmt: skip
        self.observations = _observations(self.model, series)
        self.n_coefficients = len(b) + len(g)
        self.n_dims = len(self.coordinates.parameters)
        mode = Mode(self.point(self.theta), 0.05**2 * np.eye(self.n_dims), 0.0)
        self.approximation = with_slopes(self.observations, self.coordinates, mode, None)

    def point(self, theta):
        names = ["mean", "phi", "sigma", "rho", *self.law.shape_names]
        names += [name for one in self.model.measures for name in one.names]
        names += self.model.coefficients.names
        values = dict(zip(names, theta, strict=True))
        return np.array(
            [one.transform.coordinate(np.array(values[one.name])) for one in self.model.parameters]
        )

    def values(self, step):
        """Return mean, phi, sigma, rho and the law's shape."""
        return super().values(step)[: SHAPE + len(self.law.shape_names)]

    @property
    def rows_of_coefficients(self):
        first = self.observations.series.regressors.first
        return slice(first, first + self.n_coefficients)

    def coefficients(self, step):
        """Return b and g."""
        values = super().values(step)[self.rows_of_coefficients]
        return np.split(values, [self.design.of_mean.shape[1]])

    def of_measures(self, step):
        """Return xi, psi and tau of each measure, shape (n_measures, 3)."""
        return super().values(step)[self.observations.series.measures.rows]

    def log_density_of_measures(self, t, s, step):
        """Return that of the known measures of one time, given the state of the chain."""
        total, h = 0.0 * s, s + self.design.of_variance[t] @ self.coefficients(step)[1]
        for x, (xi, psi, tau) in zip(self.x[t], self.of_measures(step), strict=True):
            if not math.isnan(x):
                total = total + norm.logpdf(x, xi + psi * h, tau)
        return total

    def of_chain(self, step):
        """Return y*, and log dy*/dy of all observations."""
        mean, (b, g) = self.values(step)[0], self.coefficients(step)
        half = 0.5 * self.design.of_variance @ g
        y = mean + (self.y - mean - self.design.of_mean @ b) / np.exp(half)
        return y, -(self.present @ half)

    def chain_alone(self, step):
        """Return a problem without regressors, whose observations are y*."""
        alone = copy.copy(self)
        alone.y, _ = self.of_chain(step)
        return alone

    def plain_draw(self, z, step):
        """Return the twin's: that of a model without regressors, of observations of s - d.

        In closed forms no centre follows the measures' parameters.
        """
        told, offsets = self.approximation.tables, self.offsets(step)
        of_chain = offsets[: self.rows_of_coefficients.start].copy()
        of_chain[self.values(step).size :] = 0.0
        plain = copy.copy(self.chain_alone(step))
        plain.moved = told.slopes @ offsets[self.rows_of_coefficients]
        mean = self.values(step)[0]
        plain.y = mean + (plain.y - mean) * np.exp(-0.5 * plain.moved)
        plain.approximation = dataclasses.replace(self.approximation, tables=told.tables)
        plain.offsets = lambda _: of_chain.copy()
        return Problem.plain_draw(plain, z, step)

    def with_measures(self, rows, centre, step):
        """Return the rows with gradient and curvature of measures at the centre of the chain."""
        h = centre + self.design.of_variance @ self.coefficients(step)[1]
        for x, (xi, psi, tau) in zip(self.x.T, self.of_measures(step), strict=True):
            known = np.isfinite(x)
            rows[0, known] += psi * (x - xi - psi * h)[known] / tau**2
            rows[2, known] += psi**2 / tau**2
        return rows

    def log_joint(self, h, mu, step, log_joint=Problem.log_joint):
        """Return that of observations, measures, the chain and mu."""
        alone, (_, total) = self.chain_alone(step), self.of_chain(step)
        total += sum(self.log_density_of_measures(t, s, step) for t, s in enumerate(h))
        return total + log_joint(alone, h, mu, step)


def measured(stream, measures, log_variance, unknown):
    """Return measures about a wandering log-variance, with what regressors explain."""
    n_times = log_variance.size
    h = log_variance + 0.5 * np.cumsum(stream.normal(size=n_times)) / math.sqrt(n_times)
    rows = [xi + psi * h + tau * stream.normal(size=n_times) for xi, psi, tau in measures]
    x = np.array(rows).reshape(len(measures), n_times).T.copy()
    for place in unknown if measures else ():
        x[place] = np.nan
    return x
