"""Points of the parameter space, and the rows that kernels are given."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.inference.latent_ar1.coordinates import Coordinates
from tests.laws.test_parameter import PARAMETERS


def test_joint_prior_is_the_product_and_ends_where_it_must():
    names = ("mean", "phi", "sigma", "nu", "rho")
    coordinates = Coordinates(tuple(PARAMETERS[name] for name in names))
    point = np.array([[0.3, 1.2, 0.4, 1.6, -0.4]])
    alone = sum(p.log_prior(x)[0] for p, x in zip(coordinates.parameters, point.T, strict=True))
    assert coordinates.log_prior(point)[0] == pytest.approx(alone)
    for column, value in ((2, -0.1), (2, 0.0), (3, -1.0), (3, 0.0), (1, 20.0), (4, -20.0)):
        outside = point.copy()
        outside[0, column] = value
        assert coordinates.log_prior(outside)[0] == -np.inf


def test_rows_of_absent_parameters_are_zero_and_shapes_come_last():
    coordinates = Coordinates((PARAMETERS["phi"], PARAMETERS["nu"], PARAMETERS["sigma"]))
    point, origin = np.array([[1.0, 4.0, 0.5]]), np.array([0.8, 4.0, 0.6])
    natural, offsets = coordinates.rows(point, origin, np.array([1e9, 1.0, 0.1]))[..., 0]
    np.testing.assert_allclose(natural, [0.0, math.sin(1.0), 0.25, 0.0, 34.0])
    np.testing.assert_allclose(offsets, [0.0, 0.2, -0.1 * math.tanh(1.0), 0.0, 0.0])
