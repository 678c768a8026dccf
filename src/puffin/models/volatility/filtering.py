"""Volatility as it was known at the time, given the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from puffin.arrays import Array
from puffin.inference.measures import Measure
from puffin.inference.particle_filter import filter_states
from puffin.inference.regressors import Coefficients, Design
from puffin.laws import Law

__all__ = ["filtered_states"]

_PARAMETERS_USED = 64


def filtered_states(
    y: Array,
    parameters: Mapping[str, Array],
    law: Law,
    stream: np.random.Generator,
    *,
    log_measures: Array,
    measures: Sequence[Measure],
    coefficients: Coefficients,
    design: Design,
) -> Array:
    """Draw log-variances given returns and measures up to their own.

    The shape is (n_draws, n_times), float32.

    A particle filter for each of some draws of the parameters, evenly spaced.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        As the fit saw them: ties moved apart.
    parameters : mapping of str to ndarray of shape (n_draws,)
    coefficients, design
        Of regressors at the same times, perhaps none.
    """
    count = parameters["phi"].size
    used = np.linspace(0, count - 1, min(_PARAMETERS_USED, count)).astype(int)
    some = {name: values[used] for name, values in parameters.items()}
    explained = coefficients.explained(design, some)
    states = filter_states(
        y, some, law, stream, log_measures=log_measures, measures=measures, explained=explained
    )
    of_draws = np.broadcast_to(explained.log_variance, (used.size, y.size)).astype(np.float32)
    return states + np.repeat(of_draws, states.shape[0] // used.size, axis=0)
