"""From the units of the data to those of a regression's priors, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array

__all__ = ["RegressionUnits"]


@dataclass(frozen=True)
class RegressionUnits:
    """An affine map of features and target, and what it does to intercept and coefficients.

    Attributes
    ----------
    X_centre, X_scale : ndarray of shape (n_features,)
        Subtracted from the features, and what is left divided by.
    y_centre, y_scale : float
        The same for the target.
    """

    X_centre: Array
    X_scale: Array
    y_centre: float
    y_scale: float

    @classmethod
    def of_number(cls, scale: float, features: int) -> RegressionUnits:
        """Return the map that divides all by one number, and takes nothing away."""
        return cls(np.zeros(features), np.full(features, scale), 0.0, scale)

    def scaled(self, X: Array, y: Array) -> tuple[Array, Array]:
        """Return features and target in the priors' units."""
        return (X - self.X_centre) / self.X_scale, (y - self.y_centre) / self.y_scale

    def coefficients(self, alpha: Array, beta: Array) -> tuple[Array, Array]:
        """Return intercepts, and coefficients of shape (..., n_features), in the data's units."""
        beta = beta * (self.y_scale / self.X_scale)
        return self.y_centre + self.y_scale * alpha - beta @ self.X_centre, beta

    def moments(self, mean: Array, covariance: Array) -> tuple[Array, Array]:
        """Return means and standard deviations in the data's units.

        Parameters
        ----------
        mean : ndarray of shape (n_times, 1 + n_features)
            Of the intercept and the coefficients.
        covariance : ndarray of shape (n_times, 1 + n_features, 1 + n_features)
        """
        ratio = self.y_scale / self.X_scale
        back = np.diag(np.concatenate([[self.y_scale], ratio]))
        back[0, 1:] = -ratio * self.X_centre
        variances = np.einsum("ij,tjk,ik->ti", back, covariance, back)
        in_units = mean @ back.T
        in_units[:, 0] += self.y_centre
        return in_units, np.sqrt(np.maximum(variances, 0.0))
