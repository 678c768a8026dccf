"""What an observation model offers the sampler."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel_of
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA
from puffin.inference.latent_ar1.expansion import (
    Derivatives,
    Expansion,
    constant_volatility,
    settle,
)
from puffin.inference.latent_ar1.measures import (
    NO_MEASURES,
    WITH_MEASURES,
    WITHOUT_MEASURES,
    Measures,
    curvature,
    log_constants,
    with_measures,
)
from puffin.inference.latent_ar1.regressors import (
    BY_REGRESSORS,
    NO_REGRESSORS,
    Following,
    RegressorParts,
    Regressors,
    chain_observations,
    explained_log_variance,
    log_jacobian,
)

__all__ = ["Chosen", "Kernels", "Observations", "Series"]


class Series(NamedTuple):
    """Observations, what there is beside them, and the one prior that the kernels need.

    Attributes
    ----------
    y, present : ndarray of shape (n_times,)
        Observations, at least two; 1 where there is one, else 0.
    mu_sd : float
        Standard deviation of the prior of mu.
    measures : Measures
        Of the states.
    regressors : Regressors
        Of the observations' mean and log-variance.
    """

    y: Array
    present: Array
    mu_sd: float
    measures: Measures = NO_MEASURES
    regressors: Regressors = NO_REGRESSORS


class Chosen(NamedTuple):
    """What a kernel is told, and how many choices it makes besides the states."""

    tables: Any
    n_choices: int


@dataclass(frozen=True)
class Kernels:
    """A sweep compiled with a model's parts: with measures or without, with regressors or without.

    Each of the four is compiled when it is first called.

    Attributes
    ----------
    sweep : callable
    name : str
        Of the model: under it, and what it is compiled with, they are cached.
    parts : named tuple
        Those of the model, which the sweep calls.
    by_regressors : tuple of RegressorParts
        Without any, and with.
    """

    sweep: Callable[..., None]
    name: str
    parts: tuple[Any, ...]
    by_regressors: tuple[RegressorParts, RegressorParts] = BY_REGRESSORS

    def of(self, series: Series) -> Callable[..., None]:
        """Return the one for a series."""
        return _kernel(self, series.measures.rows.size > 0, series.regressors.n_coefficients > 0)


@functools.cache
def _kernel(kernels: Kernels, measured: bool, explained: bool) -> Callable[..., None]:
    name = kernels.name + "_with_measures" * measured + "_with_regressors" * explained
    return kernel_of(
        kernels.sweep, name, PARTS=kernels.parts,
        MEASURES=WITH_MEASURES if measured else WITHOUT_MEASURES,
        REGRESSORS=kernels.by_regressors[explained],
    )  # fmt: skip


@dataclass(frozen=True)
class Observations(ABC):
    """Observations of a latent AR(1) chain h.

    A model of them says what derivatives of its log-density are expected under a Gaussian, which of
    its numbers follow the parameters, and what its kernel makes of those: the parts that it hands
    to a sweep (`single_states`, `linked_states`). What measures of the states add, and what
    regressors explain, is the same for all models, and none asks of it.
    """

    series: Series
    weigh: ClassVar[Kernels]
    """A sweep with the model's parts."""

    @property
    def kernels(self) -> Kernels:
        """Those of this one, where they are not the same for all of a class."""
        return self.weigh

    @abstractmethod
    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian, the innovations' prior included.

        Parameters
        ----------
        natural : ndarray of shape (n_natural,)
            See `Coordinates.natural`.
        """

    def at_point(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives at the centre of a Gaussian."""
        return self.expected(natural, at.at_centre())

    @abstractmethod
    def least_curvature(self, natural: Array) -> Array:
        """Return what the first of Newton's steps takes at least, such as Fisher information."""

    @abstractmethod
    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the numbers that follow the parameters, the centre first: (n_values, n_times)."""

    @abstractmethod
    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Any:
        """Return what the kernel is told of an expansion: a named tuple.

        Parameters
        ----------
        values : ndarray of shape (n_values, n_times)
            From `tabulate`.
        slopes : ndarray of shape (n_values, n_times, n_natural)
            Their derivatives in the coordinates.
        """

    def of_chain(self, natural: Array) -> Self:
        """Return observations of the chain alone, less what regressors explain given parameters.

        So it is with measures, which are of the log-variance with what regressors explain.
        """
        series, regressors = self.series, self.series.regressors
        if not regressors.n_coefficients:
            return self
        y = chain_observations(series.y, regressors, natural)
        measures = series.measures.less(explained_log_variance(regressors, natural), natural)
        of_chain = series._replace(y=y, measures=measures, regressors=NO_REGRESSORS)
        return replace(self, series=of_chain)

    def tell(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Any:
        """Return what the kernel is told: `arrange`, and how the centre follows coefficients."""
        regressors, of_chain = self.series.regressors, self.of_chain(natural)
        if not regressors.n_coefficients:
            return of_chain.arrange(natural, expansion, values, slopes)
        first, after = regressors.first, regressors.first + regressors.n_coefficients
        tables = of_chain.arrange(natural, expansion, values, slopes[..., :first])
        return self.following(tables, np.ascontiguousarray(slopes[0][:, first:after]))

    def following(self, tables: Any, slopes: Array) -> Any:
        """Return what the kernel is told where the centre follows coefficients by these slopes."""
        return Following(tables, slopes)

    def with_choices(self, tables: Any, natural: Array, at: Expansion) -> Chosen:
        """Return tables by which choices are drawn that were averaged over to find the guide."""
        return Chosen(tables, 0)

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states.

        Parameters
        ----------
        natural : ndarray of shape (n_natural,)
        start : Expansion, optional
            Of parameters nearby.
        """
        y, present, mu_sd, measures, _ = self.series
        mean, phi, sigma = natural[[MEAN, PHI, SIGMA]].tolist()
        return settle(
            lambda at: with_measures(self.at_point(natural, at), measures, natural, at.centre),
            lambda at: with_measures(self.expected(natural, at), measures, natural, at.centre),
            constant_volatility(y, present, mean) if start is None else start,
            phi, sigma, mu_sd, self.least_curvature(natural) + curvature(measures, natural),
        )  # fmt: skip

    def propose(self, batch: Batch, rows: Array, tables: Any, keep: float, fresh: float) -> None:
        """Propose chains and weigh them, in place.

        The batch's normals become keep z + fresh xi, its states h, and its log-weights
        log p(y, h, mu | parameters) - log q(h, mu | parameters).

        Parameters
        ----------
        rows : ndarray of shape (2, n_natural, batch.size)
            Natural parameters and offsets: `Coordinates.rows`.
        tables : named tuple
            From `tell`.
        """
        series = self.series
        self.kernels.of(series)(batch, keep, fresh, rows, series, tables)
        batch.log_weights[:] += log_constants(series.measures, rows[0])
        batch.log_weights[:] += log_jacobian(series.regressors, series.present, rows[0])
