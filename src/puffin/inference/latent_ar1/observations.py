"""What an observation model offers the sampler."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

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

__all__ = ["Kernels", "Observations", "Series", "kernels_of"]


class Series(NamedTuple):
    """Observations, measures of the states beside them, and the one prior that the kernels need.

    Attributes
    ----------
    y, present : ndarray of shape (n_times,)
        Observations, at least two; 1 where there is one, else 0.
    mu_sd : float
        Standard deviation of the prior of mu.
    measures : Measures
    """

    y: Array
    present: Array
    mu_sd: float
    measures: Measures = NO_MEASURES


class Kernels(NamedTuple):
    """A sweep compiled with a model's parts, for a series of observations alone and with measures.

    Each is compiled when it is first called.
    """

    alone: Callable[..., None]
    measured: Callable[..., None]

    def of(self, series: Series) -> Callable[..., None]:
        """Return the one for a series."""
        return self.measured if series.measures.rows.size else self.alone


def kernels_of(sweep: Callable[..., None], name: str, parts: tuple[Any, ...]) -> Kernels:
    """Return the kernels of a sweep with a model's parts, cached under its name."""
    return Kernels(
        kernel_of(sweep, name, PARTS=parts, MEASURES=WITHOUT_MEASURES),
        kernel_of(sweep, f"{name}_with_measures", PARTS=parts, MEASURES=WITH_MEASURES),
    )


@dataclass(frozen=True)
class Observations(ABC):
    """Observations of a latent AR(1) chain h.

    A model of them says what derivatives of its log-density are expected under a Gaussian, which of
    its numbers follow the parameters, and what its kernel makes of those: the parts that it hands
    to a sweep (`single_states`, `linked_states`). What measures of the states add is the same for
    all models, and none asks of it.
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
        """Return the numbers that follow the parameters, shape (n_values, n_times)."""

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

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states.

        Parameters
        ----------
        natural : ndarray of shape (n_natural,)
        start : Expansion, optional
            Of parameters nearby.
        """
        y, present, mu_sd, measures = self.series
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
            From `arrange`.
        """
        self.kernels.of(self.series)(batch, keep, fresh, rows, self.series, tables)
        batch.log_weights[:] += log_constants(self.series.measures, rows[0])
