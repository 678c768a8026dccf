"""What an observation model offers the sampler."""

from __future__ import annotations

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
    NO_REGRESSORS,
    WITH_REGRESSORS,
    WITHOUT_REGRESSORS,
    Following,
    Regressors,
    chain_observations,
    log_jacobian,
)

__all__ = ["Chosen", "Kernels", "Observations", "Series", "kernels_of"]


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
        Of the observations' mean and log-variance. There are either these or measures.
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


class Kernels(NamedTuple):
    """A sweep compiled with a model's parts: observations alone, with measures, with regressors.

    Each is compiled when it is first called.
    """

    alone: Callable[..., None]
    measured: Callable[..., None]
    explained: Callable[..., None]

    def of(self, series: Series) -> Callable[..., None]:
        """Return the one for a series."""
        if series.regressors.n_coefficients:
            return self.explained
        return self.measured if series.measures.rows.size else self.alone


def kernels_of(sweep: Callable[..., None], name: str, parts: tuple[Any, ...]) -> Kernels:
    """Return the kernels of a sweep with a model's parts, cached under its name."""
    alone = {"PARTS": parts, "MEASURES": WITHOUT_MEASURES, "REGRESSORS": WITHOUT_REGRESSORS}
    measured, explained = {"MEASURES": WITH_MEASURES}, {"REGRESSORS": WITH_REGRESSORS}
    return Kernels(
        kernel_of(sweep, name, **alone),
        kernel_of(sweep, f"{name}_with_measures", **(alone | measured)),
        kernel_of(sweep, f"{name}_with_regressors", **(alone | explained)),
    )


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
        """Return observations of the chain alone, less what regressors explain given parameters."""
        regressors = self.series.regressors
        if not regressors.n_coefficients:
            return self
        y = chain_observations(self.series.y, regressors, natural)
        return replace(self, series=self.series._replace(y=y, regressors=NO_REGRESSORS))

    def tell(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Any:
        """Return what the kernel is told: `arrange`, and how the centre follows coefficients."""
        regressors, of_chain = self.series.regressors, self.of_chain(natural)
        if not regressors.n_coefficients:
            return of_chain.arrange(natural, expansion, values, slopes)
        tables = of_chain.arrange(natural, expansion, values, slopes[..., : regressors.first])
        return Following(tables, np.ascontiguousarray(slopes[0][:, regressors.first :]))

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
