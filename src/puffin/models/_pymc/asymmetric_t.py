"""`puffin.laws.AsymmetricT` for PyMC, as it stands in its docstring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

__all__ = ["log_density", "normal_score"]


class _Side(NamedTuple):
    """The side on which each error is: how many scales from the mode, nu, probability, sign.

    `log_height` is the log density at the mode.
    """

    steps: TensorVariable
    nu: TensorVariable
    share: TensorVariable
    sign: TensorVariable
    log_height: TensorVariable


def log_density(error: TensorVariable, shape: Sequence[TensorVariable]) -> TensorVariable:
    """Return the log density of errors, given asymmetry, nu_left and nu_right."""
    import pytensor.tensor as pt

    side = _side(error, shape)
    return side.log_height - 0.5 * (side.nu + 1.0) * pt.log1p(side.steps**2 / side.nu)


def normal_score(error: TensorVariable, shape: Sequence[TensorVariable]) -> TensorVariable:
    """Return the standard normal quantile of the errors' probabilities."""
    import pytensor.tensor as pt

    side = _side(error, shape)
    beyond = pt.betainc(0.5 * side.nu, 0.5, side.nu / (side.nu + side.steps**2))
    return side.sign * np.sqrt(2.0) * pt.erfcinv(2.0 * side.share * beyond)


def _side(error: TensorVariable, shape: Sequence[TensorVariable]) -> _Side:
    import pytensor.tensor as pt

    asymmetry, nu_left, nu_right = shape
    left, right = pt.exp(0.5 * asymmetry), pt.exp(-0.5 * asymmetry)
    left_area, right_area = left * _area(nu_left), right * _area(nu_right)
    height = 1.0 / (left_area + right_area)
    mean = height * (right**2 * nu_right / (nu_right - 1.0) - left**2 * nu_left / (nu_left - 1.0))
    second = height * (
        left**2 * left_area * nu_left / (nu_left - 2.0)
        + right**2 * right_area * nu_right / (nu_right - 2.0)
    )
    deviation = pt.sqrt(second - mean**2)
    distance = deviation * error + mean
    below = distance < 0.0
    return _Side(
        distance / pt.switch(below, left, right),
        pt.switch(below, nu_left, nu_right),
        height * pt.switch(below, left_area, right_area),
        pt.switch(below, -1.0, 1.0),
        pt.log(height * deviation),
    )


def _area(nu: TensorVariable) -> TensorVariable:
    """Return that of half a Student-t of scale 1 and height 1."""
    import pytensor.tensor as pt

    log_ratio = pt.gammaln(0.5 * nu) - pt.gammaln(0.5 * (nu + 1.0))
    return 0.5 * pt.sqrt(nu * np.pi) * pt.exp(log_ratio)
