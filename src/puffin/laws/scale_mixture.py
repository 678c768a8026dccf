r"""Errors that are normal given their variance: what it takes to add a normal jump to them.

With :math:`\epsilon = \sqrt{\tau} z`, z standard normal, the sum of an error and an independent
:math:`N(0, s^2)` variable is :math:`N(0, \tau + s^2)` given :math:`\tau`. Whatever is asked of the
sum is an average over the law of :math:`\tau`: an integral in :math:`\log \tau`, for which the
trapezoidal rule converges exponentially (Trefethen & Weideman 2014, "The exponentially convergent
trapezoidal rule", SIAM Review 56).
"""

from __future__ import annotations

from abc import abstractmethod

from puffin.arrays import Array
from puffin.laws.law import Law, Shape

__all__ = ["ScaleMixture"]


class ScaleMixture(Law):
    r"""A law whose errors are :math:`\sqrt{\tau} z`, with :math:`\tau` the mixing variable."""

    @abstractmethod
    def mixing_nodes(self, shape: Shape, start: Array | float = 0.0) -> tuple[Array, Array]:
        r"""Return values of :math:`\tau` and the logarithms of their weights.

        A sum over them is the expectation of a function of :math:`\tau`. It is the same wherever
        the nodes start, so that a node of those that start anywhere, taken by weight, is a draw.

        Parameters
        ----------
        shape : mapping of str to ndarray
        start : float or ndarray
            Where the nodes start, in steps, between 0 and 1.

        Returns
        -------
        tau, log_weights : ndarray of shape (n_nodes, ...)
            Behind the first axis, those of the shape parameters and of `start`, if any.
        """
