"""The maximum of the likelihood near Puffin's posterior, against that of a Laplace approximation.

stochvolTMB (R) publishes the maxima of its Laplace approximation to the likelihood of three models
of the S&P 500's daily log returns, 2005 to 2018, less their mean: the index that Puffin ships. Here
the likelihood is estimated without bias, by a particle filter, at draws from Puffin's posterior; a
quadratic surface through the estimates has the maximum, with a standard error.

`python -m benchmarks.maximum_likelihood` prints both; it takes five minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from puffin.datasets import load_sp500
from puffin.models.stochastic_vol import StochasticVolatilityModel

POINTS, PARTICLES = 100, 10_000


@dataclass(frozen=True)
class Published:
    """One of stochvolTMB's models: with leverage the last return does not count."""

    distribution: str
    leverage: bool
    maximum: float

    @property
    def names(self) -> tuple[str, ...]:
        return (
            "mu",
            "phi",
            "sigma",
            *["nu"] * (self.distribution == "student"),
            *["rho"] * (self.leverage),
        )


PUBLISHED = (
    Published("normal", False, 11_718.29),
    Published("student", False, 11_729.85),
    Published("normal", True, 11_808.43),
)
_COORDINATE = {
    "mu": np.asarray,
    "phi": np.arctanh,
    "sigma": np.log,
    "nu": lambda nu: np.log(nu - 2.0),
    "rho": np.arctanh,
}


def main() -> None:
    """Print a row for each model."""
    prices = load_sp500()
    returns = np.log(prices).diff()["2005-01-04":"2018-12-31"].to_numpy()  # type: ignore[misc]
    returns = returns - returns.mean()
    print(f"{returns.size:,} returns; {POINTS} points, {PARTICLES:,} particles")
    for model in PUBLISHED:
        counted = returns[:-1] if model.leverage else returns
        found, error = maximum(counted, model)
        print(
            f"{model.distribution}{', leverage' * model.leverage}: {found:,.2f} "
            f"(standard error {error:.2f}); stochvolTMB {model.maximum:,.2f}",
            flush=True,
        )


def maximum(returns: NDArray[np.float64], model: Published) -> tuple[float, float]:
    """Return the maximum of the likelihood and its standard error."""
    fitted = StochasticVolatilityModel(model.distribution, model.leverage, mean="zero")
    fitted.fit(returns, samples=POINTS, random_seed=1)
    variables = fitted.fitted.sampled.variables
    points = {name: variables[name][0] for name in model.names}
    stream, shape = np.random.default_rng(1), {"nu": np.zeros(POINTS), "rho": np.zeros(POINTS)}
    rows = zip(*{**shape, **points}.values(), strict=True)
    heights = np.array(
        [
            log_likelihood(returns, mu, phi, sigma, nu, rho, PARTICLES, stream)
            for nu, rho, mu, phi, sigma in rows
        ]
    )
    return top_of_quadratic(
        np.stack([_COORDINATE[name](points[name]) for name in model.names], axis=1), heights
    )


def top_of_quadratic(
    points: NDArray[np.float64], heights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the highest value of a quadratic surface by least squares, and its standard error."""
    z = (points - points.mean(axis=0)) / points.std(axis=0)
    rows, columns = np.triu_indices(z.shape[1])

    def terms(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.hstack([np.ones((len(z), 1)), z, z[:, rows] * z[:, columns]])

    design = terms(z)
    coefficients, *_ = np.linalg.lstsq(design, heights, rcond=None)
    hessian = np.zeros((z.shape[1], z.shape[1]))
    hessian[rows, columns] = coefficients[1 + z.shape[1] :]
    hessian = hessian + hessian.T
    if np.linalg.eigvalsh(hessian).max() >= 0.0:
        raise ValueError("the surface through the estimates has no maximum; take more points")
    top = terms(np.linalg.solve(hessian, -coefficients[1 : 1 + z.shape[1]])[None])[0]
    residuals = heights - design @ coefficients
    variance = residuals @ residuals / (len(z) - design.shape[1])
    error = variance * top @ np.linalg.solve(design.T @ design, top)
    return float(top @ coefficients), math.sqrt(error)


@numba.njit(cache=True)  # type: ignore[misc]
def log_likelihood(
    y: NDArray[np.float64],
    mu: float,
    phi: float,
    sigma: float,
    nu: float,
    rho: float,
    n_particles: int,
    stream: np.random.Generator,
) -> float:
    """Return the log of an estimate without bias, by a bootstrap particle filter.

    `nu` is zero for normal errors; `rho` is the correlation of an error with the next shock.
    """
    h = mu + sigma / math.sqrt(1.0 - phi * phi) * stream.standard_normal(n_particles)
    weights, new, total_log = np.empty(n_particles), np.empty(n_particles), 0.0
    constant = -0.5 * math.log(2.0 * math.pi)
    if nu > 0.0:
        constant = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu)
        constant -= 0.5 * math.log(math.pi * (nu - 2.0))
    for value in y:
        for i in range(n_particles):
            square = value * value * math.exp(-h[i])
            if nu > 0.0:
                weights[i] = -0.5 * (nu + 1.0) * math.log1p(square / (nu - 2.0))
            else:
                weights[i] = -0.5 * square
            weights[i] += constant - 0.5 * h[i]
        largest = weights.max()
        weights[:] = np.exp(weights - largest)
        total = weights.sum()
        total_log += largest + math.log(total / n_particles)
        parent, below, start = 0, weights[0], stream.random()
        for i in range(n_particles):
            place = (i + start) * total / n_particles
            while below < place and parent < n_particles - 1:
                parent += 1
                below += weights[parent]
            error = value * math.exp(-0.5 * h[parent])
            shock = rho * error + math.sqrt(1.0 - rho * rho) * stream.standard_normal()
            new[i] = mu + phi * (h[parent] - mu) + sigma * shock
        h[:] = new
    return total_log


if __name__ == "__main__":
    main()
