"""The native sampler against NUTS on the same estimates."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from puffin.inference.hierarchical.sampler import sample_hierarchical
from puffin.inference.settings import Settings
from tests.agreement import assert_agree, scalars
from tests.inference.hierarchical.problems import problem


@pytest.mark.pymc
@pytest.mark.slow
@pytest.mark.skipif(find_spec("pymc") is None, reason="needs PyMC")
@pytest.mark.filterwarnings("ignore")
def test_engines_agree():
    """Means, spreads and quantiles of everything, some alphas being zero: false alarm 1e-6."""
    from puffin.models._pymc import hierarchical as by_pymc

    estimates, prior, _ = problem(np.random.default_rng(3), sizes=(4, 3), share=(2.0, 1.5))
    ours = sample_hierarchical(estimates, prior, Settings(3000, 200, 4, None, 1, False))
    theirs = by_pymc.sample_hierarchical(estimates, prior, Settings(1500, 1000, 2, None, 2, False))
    assert set(theirs.variables) == set(ours.variables)
    assert_agree(scalars(ours.variables), scalars(theirs.variables))
