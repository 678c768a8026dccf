"""A proposal that begins in the wrong place, too narrow, and finds the posterior by its weights."""

from __future__ import annotations

import functools

import numpy as np

from puffin.inference.latent_ar1.adapting import adapt
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import Guide, Target, evaluate
from puffin.inference.latent_ar1.jumps import JumpObservations
from puffin.inference.mode import Mode
from puffin.inference.proposal import run_pilot
from puffin.inference.split_t import SplitT
from puffin.laws import find_law
from tests.inference.latent_problems import WIDTHS, Problem

LAW = find_law("normal", jumps=True)
THETA = (0.05, 0.97, 0.25, None, 0.03, -0.5, 3.0)


def efficiency(target, guide, proposal):
    stream, n_choices = np.random.default_rng(2), guide.approximation.n_choices
    batch = Batch.of(target.n_times, stream, n_choices=n_choices)
    approximation = guide.approximation
    weigh = functools.partial(evaluate, target, batch, approximation, keep=0.0, fresh=1.0)
    return run_pilot(weigh, proposal, stream, 4000).efficiency


def test_proposal_adapts():
    kind = functools.partial(JumpObservations, law=LAW)
    problem = Problem(THETA, 100, kind=kind, law=LAW).with_choices()
    target = Target(problem.observations, problem.coordinates, 100, {})
    centre = problem.point(THETA)
    axes = np.diag([WIDTHS[name] for name in problem.coordinates.names])
    scales = np.ones(problem.n_dims)
    narrow = SplitT(centre + axes @ scales, axes, scales, scales, 15.0)
    before = Guide(Mode(centre, axes**2, 0.0), problem.approximation, narrow)
    after, proposal, pilot = adapt(target, before, np.random.default_rng(1))
    assert efficiency(target, before, narrow) < 0.05
    assert pilot.efficiency > 0.3
    assert efficiency(target, after, proposal) > 0.05
