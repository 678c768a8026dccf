"""How the Gaussian of the states follows the parameters."""

from __future__ import annotations

import numpy as np
import pytest

from tests.inference.latent_problems import MODELS, Problem


@pytest.mark.parametrize("theta", [MODELS[i] for i in (0, 2, 4, 6)])
def test_slopes_lead_to_the_expansion_of_other_parameters(theta):
    problem = Problem(theta, 400)
    step = np.array([0.03, 0.03, -0.03, 0.08, 0.2])[: problem.n_dims]
    exact, centre = problem.fit(step).centre, problem.approximation.expansion.centre
    origin = problem.point(theta)
    reach = problem.approximation.reach
    offsets = problem.coordinates.rows((origin + step)[None], origin, reach)[1, :, 0]
    slopes = next(
        argument
        for argument in problem.approximation.tables
        if isinstance(argument, np.ndarray)
        and argument.shape == (400, problem.coordinates.n_natural)
    )
    unmoved = np.abs(exact - centre).mean()
    assert np.abs(exact - centre - slopes @ offsets).mean() < 0.25 * unmoved
