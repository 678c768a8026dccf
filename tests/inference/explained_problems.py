"""Series with regressors of their mean and log-variance, and proposals of the chain beside them."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from puffin.inference.latent_ar1.approximation import with_slopes
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.mode import Mode
from puffin.inference.regressors import Coefficients, Design
from puffin.inference.stochastic_volatility import StochasticVolatility, _observations, _regressors
from puffin.laws import LAWS
from puffin.laws.parameter import NormalPrior
from tests.inference.latent_problems import MU_SD, PRIORS, Problem, simulate

PRIORS_OF_COEFFICIENTS = {
    "mean_coefficients": NormalPrior(1.0), "variance_coefficients": NormalPrior(1.0),
}  # fmt: skip


class ExplainedProblem(Problem):
    """A series y and regressors of this size; parameters are those of a law, then b and g.

    `kind` is as `measured_problems` has it.
    """

    def __init__(self, kind, b, g, n_times, missing=(), seed=1, size=1.0):
        name, theta = kind
        self.law, self.leverage = LAWS[name], theta[3] != 0.0
        self.student, self.theta = name == "student", (*theta, *b, *g)
        coefficients = Coefficients(
            tuple(f"x{k}" for k in range(len(b))), tuple(f"z{k}" for k in range(len(g)))
        )
        self.model = StochasticVolatility(
            self.law, self.leverage, True, MU_SD, PRIORS | PRIORS_OF_COEFFICIENTS,
            coefficients=coefficients,
        )  # fmt: skip
        self.coordinates = self.model.coordinates
        stream = np.random.default_rng(seed + 1)
        # One regressor wanders as volatility does, the others are new at each time.
        persistent = np.cumsum(stream.normal(size=n_times)) / np.sqrt(n_times)
        z = np.column_stack([persistent, *stream.normal(size=(len(g), n_times))])[:, : len(g)]
        z = size * z
        self.design = Design(size * stream.normal(size=(n_times, len(b))), z)
        quiet = simulate(n_times, theta, seed, self.law)
        explained = np.exp(0.5 * z @ np.array(g)) if g else 1.0
        self.y = theta[0] + (quiet - theta[0]) * explained + self.design.of_mean @ np.array(b)
        self.present = np.ones(n_times)
        self.present[list(missing)] = 0.0
        series = Series(
            self.y, self.present, MU_SD,
            regressors=_regressors(self.model, self.coordinates, self.design),
        )  # fmt: skip
        self.observations = _observations(self.model, series)
        self.n_coefficients = len(b) + len(g)
        self.n_dims = len(self.coordinates.parameters)
        mode = Mode(self.point(self.theta), 0.05**2 * np.eye(self.n_dims), 0.0)
        self.approximation = with_slopes(self.observations, self.coordinates, mode, None)

    def point(self, theta):
        names = ["mean", "phi", "sigma", "rho", *self.law.shape_names]
        names += self.model.coefficients.names
        values = dict(zip(names, theta, strict=True))
        return np.array(
            [one.transform.coordinate(np.array(values[one.name])) for one in self.model.parameters]
        )

    def values(self, step):
        """Return mean, phi, sigma, rho and the law's shape."""
        return super().values(step)[: -self.n_coefficients]

    def coefficients(self, step):
        """Return b and g."""
        values = super().values(step)[-self.n_coefficients :]
        return np.split(values, [self.design.of_mean.shape[1]])

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
        """Return the twin's: that of a model without regressors, of observations of s - d."""
        told, offsets = self.approximation.tables, self.offsets(step)
        plain = copy.copy(self.chain_alone(step))
        plain.moved = told.slopes @ offsets[-self.n_coefficients :]
        mean = self.values(step)[0]
        plain.y = mean + (plain.y - mean) * np.exp(-0.5 * plain.moved)
        plain.approximation = dataclasses.replace(self.approximation, tables=told.tables)
        plain.offsets = lambda _: offsets[: -self.n_coefficients].copy()
        return Problem.plain_draw(plain, z, step)

    def log_joint(self, h, mu, step):
        """Return that of observations, the chain and mu, for normal and Student-t errors."""
        alone, (_, jacobian) = self.chain_alone(step), self.of_chain(step)
        return Problem.log_joint(alone, h, mu, step) + jacobian
