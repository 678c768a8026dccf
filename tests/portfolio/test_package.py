"""What importing the package costs, and what it says where skfolio is missing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from puffin import portfolio


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_skfolio_is_imported_only_when_it_is_needed():
    code = "import puffin.portfolio, sys, json; print(json.dumps(list(sys.modules)))"
    loaded = set(json.loads(run(code).stdout))
    assert not {"skfolio", "sklearn", "cvxpy", "matplotlib"} & loaded


@pytest.mark.slow
def test_without_skfolio_the_command_that_installs_it_is_said():
    for name in ("PosteriorPrior", "PosteriorMuUncertaintySet"):
        code = f"import sys; sys.modules['skfolio'] = None; from puffin.portfolio import {name}"
        assert "pip install '.[portfolio]'" in run(code).stderr


def test_every_public_name_is_there():
    pytest.importorskip("skfolio")
    for name in portfolio.__all__:
        assert getattr(portfolio, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = portfolio.nothing
