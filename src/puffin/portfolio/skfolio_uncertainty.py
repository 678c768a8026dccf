"""Posterior uncertainty as skfolio's robust optimisers take it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from puffin.arrays import Array
from puffin.extras import require
from puffin.portfolio.joint_returns import JointReturns
from puffin.portfolio.skfolio_prior import PosteriorPrior
from puffin.validation import DataLike, probability

require("skfolio", "portfolio", "PosteriorMuUncertaintySet")

import sklearn.utils.metadata_routing as skm  # noqa: E402
from skfolio.uncertainty_set import (  # noqa: E402
    BaseCovarianceUncertaintySet,
    BaseMuUncertaintySet,
    UncertaintySet,
)
from skfolio.utils.tools import check_estimator  # noqa: E402

__all__ = ["PosteriorCovarianceUncertaintySet", "PosteriorMuUncertaintySet"]

_NEGLIGIBLE = 1e-10


class _CredibleEllipsoid(ABC):
    """A set of skfolio's, made from the posterior of its prior estimator."""

    def __init__(
        self, prior_estimator: PosteriorPrior | None = None, confidence_level: float = 0.95
    ) -> None:
        super().__init__(prior_estimator=prior_estimator)  # type: ignore[call-arg]
        self.prior_estimator = prior_estimator
        self.confidence_level = confidence_level

    def fit(self, X: DataLike, y: object = None, **fit_params: object) -> Self:
        """Fit the prior estimator to X, and make the set from its posterior.

        Parameters
        ----------
        X : array-like of shape (n_observations, n_assets)
            Simple returns.
        y : Ignored

        Returns
        -------
        self
        """
        level = probability("confidence_level", self.confidence_level)
        routed = skm.process_routing(self, "fit", **fit_params)
        prior: PosteriorPrior = check_estimator(
            self.prior_estimator, default=PosteriorPrior(), check_type=PosteriorPrior
        )
        self.prior_estimator_ = prior.fit(X, y, **routed.prior_estimator.fit)
        shaping, inside = self._deviations(JointReturns.of(self.prior_estimator_.comparison_))
        self.uncertainty_set_ = _ellipsoid(shaping, inside, level)
        return self

    @abstractmethod
    def _deviations(self, joint: JointReturns) -> tuple[Array, Array]:
        """Return the draws that shape the set, and those of which a share is to be inside it."""


class PosteriorMuUncertaintySet(_CredibleEllipsoid, BaseMuUncertaintySet):  # type: ignore[misc]
    r"""The credible ellipsoid of the mean returns.

    .. math::

        \{\mu : (\mu - m)' V^{-1} (\mu - m) \le \kappa^2\}

    with m and V the posterior mean and covariance of the means, and :math:`\kappa^2` the quantile
    of the draws' own distances at `confidence_level`: so much of the posterior is inside it,
    whatever its shape. Robust optimisation goes by the worst mean in the set. A confidence level of
    0.95 is very cautious: of many assets the ellipsoid is far wider than what any one portfolio's
    mean is uncertain by, and levels near 0.5 are worth a try.

    Parameters
    ----------
    prior_estimator : PosteriorPrior, optional
        With the `random_state` of the optimiser's own it is the same posterior.
    confidence_level : float, default 0.95

    Attributes
    ----------
    uncertainty_set_ : skfolio.uncertainty_set.UncertaintySet
    prior_estimator_ : PosteriorPrior

    Examples
    --------
    >>> from skfolio.optimization import MeanRisk, ObjectiveFunction
    >>> prior = PosteriorPrior(random_state=1)
    >>> model = MeanRisk(
    ...     objective_function=ObjectiveFunction.MAXIMIZE_UTILITY,
    ...     prior_estimator=prior,
    ...     mu_uncertainty_set_estimator=PosteriorMuUncertaintySet(prior, confidence_level=0.5),
    ... )
    >>> model.fit(returns).weights_  # doctest: +SKIP
    """

    def _deviations(self, joint: JointReturns) -> tuple[Array, Array]:
        deviations = joint.means - joint.means.mean(axis=0)
        return deviations, deviations


class PosteriorCovarianceUncertaintySet(_CredibleEllipsoid, BaseCovarianceUncertaintySet):  # type: ignore[misc]
    r"""The credible ellipsoid of the covariance matrix.

    Its centre is the predictive covariance, which the optimiser has from the prior estimator. Its
    shape is the posterior covariance of the covariance matrix, and its size the quantile, at
    `confidence_level`, of how far the draws are from the centre.

    skfolio solves a semidefinite program for it: for tens of assets, not hundreds.

    Parameters
    ----------
    prior_estimator : PosteriorPrior, optional
        With the `random_state` of the optimiser's own it is the same posterior.
    confidence_level : float, default 0.95

    Attributes
    ----------
    uncertainty_set_ : skfolio.uncertainty_set.UncertaintySet
    prior_estimator_ : PosteriorPrior
    """

    def _deviations(self, joint: JointReturns) -> tuple[Array, Array]:
        drawn = joint.covariances()
        centre = self.prior_estimator_.return_distribution_.covariance
        return _vectors(drawn - drawn.mean(axis=0)), _vectors(drawn - centre)


def _vectors(matrices: Array) -> Array:
    """Return the columns of each matrix in a row: shape (n_draws, n_elements)."""
    return np.swapaxes(matrices, 1, 2).reshape(len(matrices), -1)


def _ellipsoid(shaping: Array, inside: Array, level: float) -> UncertaintySet:
    """Return the ellipsoid around zero, shaped by some draws, that has a share of others inside.

    Parameters
    ----------
    shaping, inside : ndarray of shape (n_draws, n_numbers)
        Deviations from the centre.
    """
    # By singular values, not the covariance: symmetric matrices span less than all vectors.
    _, sizes, directions = np.linalg.svd(shaping / np.sqrt(len(shaping)), full_matrices=False)
    kept = sizes > _NEGLIGIBLE * sizes[0]
    geometry = directions[kept].T * sizes[kept]
    distances = np.linalg.norm(inside @ directions[kept].T / sizes[kept], axis=1)
    return UncertaintySet(radius=float(np.quantile(distances, level)), geometry=geometry, norm=2)
