"""Regime-switching problems that several tests share."""

from __future__ import annotations

import numpy as np

from puffin.inference.regimes.parameters import (
    RegimeCoordinates,
    RegimeParameters,
    RegimePrior,
    stationary,
)
from puffin.laws import LAWS
from puffin.laws.parameter import ExponentialPrior, NormalPrior

NU = ExponentialPrior(10.0, 2.0)
SHAPE = {"nu": NU, "nu_left": NU, "nu_right": NU, "asymmetry": NormalPrior(0.5)}
PRIOR = RegimePrior(0.5, 0.0, 1.0, 20.0, 1.0, SHAPE)


def coordinates(n_regimes=2, law="normal", own_shape=False, prior=PRIOR):
    return RegimeCoordinates(n_regimes, LAWS[law], prior, own_shape)


def any_parameters(stream, n, k, law):
    """Parameters that may be anything, each regime's shape its own."""
    transition = stream.dirichlet(np.ones(k), (n, k))
    shape = {name: 2 + stream.gamma(2, 3, (n, k)) for name in law.shape_names}
    if "asymmetry" in shape:
        shape["asymmetry"] = stream.normal(0, 0.3, (n, k))
    return RegimeParameters(
        stream.normal(0, 0.5, (n, k)), stream.gamma(2, 0.5, (n, k)) + 0.05, transition,
        stationary(transition), shape,
    )  # fmt: skip


def of_draw(parameters, draw):
    shape = {name: values[draw] for name, values in parameters.shape.items()}
    return parameters.mean[draw], parameters.sd[draw], parameters.transition[draw], shape


def simulate(stream, n, mean=(0.1, -0.2), sd=(0.6, 2.0), stay=(0.97, 0.93)):
    """Returns and regimes of a chain of two regimes."""
    regimes = np.empty(n, int)
    regimes[0] = 0
    for t in range(1, n):
        before = regimes[t - 1]
        regimes[t] = before if stream.random() < stay[before] else 1 - before
    return np.take(mean, regimes) + np.take(sd, regimes) * stream.standard_normal(n), regimes
