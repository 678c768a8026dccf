"""Series with measures of their states beside them, and proposals of these states."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from puffin.compiling.lanes import LANES
from puffin.inference.latent_ar1.approximation import with_slopes
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SHAPE, SIGMA
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.measures import Measure
from puffin.inference.mode import Mode
from puffin.inference.stochastic_volatility import StochasticVolatility, _measures, _observations
from puffin.laws import LAWS
from puffin.laws.parameter import HalfNormalPrior, NormalPrior
from tests.inference.latent_problems import MU_SD, PRIORS, simulate
from tests.inference.plain_latent_ar1 import log_joint

PRIORS_OF_MEASURES = {
    "xi": NormalPrior(10.0), "psi": NormalPrior(0.5, 1.0), "tau": HalfNormalPrior(1.0),
}  # fmt: skip
SMOOTH, ROUGH = (0.05, 0.97, 0.25), (0.0, 0.55, 0.9)
KINDS = [
    ("normal", (*SMOOTH, 0.0)),
    ("normal", (*ROUGH, 0.6)),
    ("student", (*ROUGH, 0.0, 3.0)),
    ("student", (*SMOOTH, -0.7, 9.0)),
    ("asymmetric", (*SMOOTH, 0.0, 0.4, 4.0, 12.0)),
    ("asymmetric", (*ROUGH, 0.6, -0.6, 8.0, 2.5)),
]
"""Law, and mean, phi, sigma, rho (0 is no leverage) and the law's shape."""
ONE, TWO = ((0.3, 1.0, 0.4),), ((-2.0, 0.6, 0.1), (0.3, 1.0, 0.7))
"""xi, psi (estimated where it is not 1) and tau of each measure."""


class MeasuredProblem:
    """A series and measures, what guides proposals, and proposals about its parameters."""

    def __init__(self, kind, measures, n_times, missing=(), unknown=(), mu_sd=MU_SD, seed=1):
        name, self.theta = kind
        self.law, self.leverage = LAWS[name], self.theta[3] != 0.0
        specs = tuple(Measure(f"m{j}", psi != 1.0) for j, (_, psi, _) in enumerate(measures))
        self.model = StochasticVolatility(
            self.law, self.leverage, True, mu_sd, PRIORS | PRIORS_OF_MEASURES, specs
        )
        self.coordinates = self.model.coordinates
        self.y = simulate(n_times, self.theta, seed, self.law)
        self.present = np.ones(n_times)
        self.present[list(missing)] = 0.0
        stream = np.random.default_rng(seed + 1)
        around = 0.5 * np.cumsum(stream.normal(size=n_times)) / math.sqrt(n_times)
        rows = [xi + psi * around + tau * stream.normal(size=n_times) for xi, psi, tau in measures]
        self.x = np.array(rows).reshape(len(measures), n_times).T.copy()
        for place in unknown:
            self.x[place] = np.nan
        known = _measures(self.model, self.coordinates, self.x)
        self.observations = _observations(self.model, Series(self.y, self.present, mu_sd, known))
        natural = dict(zip(("mean", "phi", "sigma"), self.theta[:3], strict=True))
        natural |= {"rho": self.theta[3]}
        natural |= dict(zip(self.law.shape_names, self.theta[4:], strict=True))
        for spec, values in zip(specs, measures, strict=True):
            natural |= dict(zip(spec.names, values, strict=True))
        self.origin = np.array(
            [one.transform.coordinate(np.array(natural[one.name])) for one in self.model.parameters]
        )
        mode = Mode(self.origin, 0.05**2 * np.eye(self.origin.size), 0.0)
        self.approximation = with_slopes(self.observations, self.coordinates, mode, None)

    def natural(self, step):
        return self.coordinates.natural((self.origin + step)[None])[:, 0]

    def of_law(self, step):
        """Return mean, phi, sigma, rho and the law's shape."""
        n_shape = len(self.law.shape_names)
        return self.natural(step)[[MEAN, PHI, SIGMA, RHO, *range(SHAPE, SHAPE + n_shape)]]

    def of_measures(self, step):
        """Return xi, psi and tau of each measure, shape (n_measures, 3)."""
        return self.natural(step)[self.observations.series.measures.rows]

    def some_steps(self, n, seed=5):
        return 0.05 * np.random.default_rng(seed).standard_normal((n, self.origin.size))

    def propose(self, steps, z=None, seed=0):
        """Return h, mu and log-weights, for steps of shape (n, n_dims)."""
        n = len(steps)
        batch = Batch.of(self.y.size, np.random.default_rng(seed), n // LANES)
        keep, fresh = (0.0, 1.0) if z is None else (1.0, 0.0)
        if z is not None:
            batch.z[:] = z.reshape(n // LANES, LANES, -1).transpose(0, 2, 1)
        rows = self.coordinates.rows(self.origin + steps, self.origin, self.approximation.reach)
        self.observations.propose(batch, rows, self.approximation.tables, keep, fresh)
        return batch.states.transpose(0, 2, 1).reshape(n, -1), batch.mu, batch.log_weights

    def move(self, normals, step):
        """Return (h, mu) and log-weights for rows of normals, of shape (n, n_times + 1)."""
        n = -(-len(normals) // LANES) * LANES
        z = np.zeros((n, normals.shape[1]))
        z[: len(normals)] = normals
        h, mu, weights = self.propose(np.tile(step, (n, 1)), z)
        return np.column_stack([h, mu])[: len(normals)], weights[: len(normals)]

    def log_density_of_measures(self, t, h, step):
        """Return that of the known measures of one time, given its state."""
        total = 0.0 * h
        for x, (xi, psi, tau) in zip(self.x[t], self.of_measures(step), strict=True):
            if not math.isnan(x):
                total = total + norm.logpdf(x, xi + psi * h, tau)
        return total

    def log_joint(self, h, mu, step, log_joint=log_joint):
        """Return that of normal or Student-t returns, measures, states and mu."""
        total = log_joint(h, mu, self.y, self.present, self.of_law(step), self.model.mu_sd)
        return total + sum(self.log_density_of_measures(t, h[t], step) for t in range(h.size))
