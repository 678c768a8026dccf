r"""What is asked of the distribution of a standardised error.

A return is

.. math:: y = m + s \epsilon, \qquad E \epsilon = 0, \quad \operatorname{Var} \epsilon = 1

with m and s its mean and standard deviation, which a model says. The *law* is the distribution of
:math:`\epsilon`, and has its own shape parameters: none for the normal law, the degrees of freedom
for Student-t. Because every law has mean 0 and variance 1, a volatility means the same under each.

A law also says how an error comes about,

.. math:: \epsilon = g(z, w), \qquad z \sim N(0, 1)

increasing in z, with w independent of z: a mixing variable, a jump, or nothing. The *Gaussian
shock* z is what other shocks are correlated with: leverage is the correlation of z with the shock
of the next log-variance.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from puffin.arrays import Array
from puffin.laws.parameter import Parameter, Prior

if TYPE_CHECKING:
    from puffin.laws.jumps import WithJumps

__all__ = ["GivenVolatility", "Law", "Shape"]

Shape = Mapping[str, Array]
"""Shape parameters by name, each an array that broadcasts with the error's.

Other names may be there, and are ignored: the variables of a posterior serve as they are.
"""


class Law(Protocol):
    r"""The distribution of an error with mean 0 and variance 1.

    Methods take and return arrays of any shape, which broadcast with the shape parameters. They do
    not check the parameters' range.

    Attributes
    ----------
    name : str
        What a user gives as ``distribution=``.
    label : str
        What a reader is told: "normal", "Student-t".
    shape_names : tuple of str
        Names of the shape parameters, in order.
    """

    name: str
    label: str
    shape_names: tuple[str, ...]

    @property
    def with_jumps(self) -> WithJumps | None:
        """The law itself where it has jumps; None of all others."""
        return None

    def parameters(self, priors: Mapping[str, Prior]) -> tuple[Parameter, ...]:
        """Return the shape parameters as a sampler needs them, in the order of their names.

        Parameters
        ----------
        priors : mapping of str to Prior
            A user's, by the parameter's name.
        """
        return ()

    @abstractmethod
    def log_density(self, x: Array, shape: Shape) -> Array:
        """Return the log density at `x`."""

    @abstractmethod
    def cdf(self, x: Array, shape: Shape) -> Array:
        """Return the probability of an error up to `x`."""

    @abstractmethod
    def quantile(self, prob: Array, shape: Shape) -> Array:
        """Return the error that is not exceeded with probability `prob`, between 0 and 1."""

    @abstractmethod
    def tail_expectation(self, q: Array, shape: Shape) -> Array:
        r"""Return the partial expectation :math:`E[\epsilon \, 1\{\epsilon \le q\}]`.

        Never above 0, and 0 at either end. Over ``cdf(q)`` it is the mean of the errors up to q;
        the expected shortfall below q, :math:`E[(q - \epsilon)^+]`, is ``q * cdf(q)`` less it.
        """

    @abstractmethod
    def mixing(
        self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape
    ) -> Array:
        """Draw w, what an error depends on besides its Gaussian shock.

        Of shape `size`; if it is several numbers, with an axis for these before.
        """

    @abstractmethod
    def mixing_given(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        """Draw w given the errors: what a law says of each return besides its size."""

    @abstractmethod
    def error(self, shock: Array, mixing: Array, shape: Shape) -> Array:
        """Return the error g(z, w) that comes of a Gaussian shock and a `mixing` draw."""

    @abstractmethod
    def shock(self, error: Array, stream: np.random.Generator, shape: Shape) -> Array:
        r"""Draw the Gaussian shock z of known errors, with w integrated out.

        Where g depends on z alone it is the normal score of the error's probability,
        :math:`\Phi^{-1}(F(\epsilon))`, and nothing is drawn.
        """

    def given_volatility(self, h: Array, parameters: Shape) -> GivenVolatility:
        r"""Return the law of a return whose log-variance is h.

        Parameters
        ----------
        h : ndarray
        parameters : mapping of str to ndarray
            The model's: `mean`, where it has one, and the law's shape; each broadcasts with `h`.
        """
        location = parameters.get("mean", np.zeros(()))
        return GivenVolatility(location, np.exp(0.5 * np.asarray(h)), self, self.select(parameters))

    def select(self, variables: Shape) -> dict[str, Array]:
        """Return the shape parameters among the variables of a model."""
        return {name: variables[name] for name in self.shape_names}

    def draw(self, stream: np.random.Generator, size: int | tuple[int, ...], shape: Shape) -> Array:
        """Draw independent errors of shape `size`, with which the shape parameters broadcast."""
        shocks = stream.standard_normal(size)
        return self.error(shocks, self.mixing(stream, size, shape), shape)


class GivenVolatility(NamedTuple):
    """A return given its volatility: location plus spread times an error of a law.

    Attributes
    ----------
    location, spread : ndarray
        Mean and standard deviation of the return, jumps included.
    law : Law
    shape : mapping of str to ndarray
        The law's shape parameters.
    """

    location: Array
    spread: Array
    law: Law
    shape: Shape

    def log_density(self, y: Array | float) -> Array:
        """Return the log density of a return of y."""
        errors = (y - self.location) / self.spread
        return np.asarray(self.law.log_density(errors, self.shape) - np.log(self.spread))

    def shock(self, y: Array | float, stream: np.random.Generator) -> Array:
        """Draw the Gaussian shock of a return of y."""
        return self.law.shock((y - self.location) / self.spread, stream, self.shape)

    def draw(self, shock: Array, stream: np.random.Generator) -> Array:
        """Draw the return that a Gaussian shock leads to."""
        mixing = self.law.mixing(stream, np.shape(shock), self.shape)
        return np.asarray(self.location + self.spread * self.law.error(shock, mixing, self.shape))
