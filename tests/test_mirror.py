"""Tests mirror the source: those of `a/b.py` stand in `tests/a/test_b.py`."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "puffin"

SPANNING = {
    "cli/test_fuzz.py",
    "inference/latent_ar1/test_proposals.py",
    "models/sharpe/test_real_returns.py",
    "models/pairs/test_calibration.py",
    "models/regimes/test_calibration.py",
    "models/regression/test_calibration.py",
    "models/sharpe/test_calibration.py",
    "models/test_cash.py",
    "models/test_engines_agree.py",
    "portfolio/test_package.py",
    "portfolio/test_skfolio_optimisers.py",
    "portfolio/test_strategy_weights.py",
    "models/volatility/test_calibration.py",
    "models/volatility/test_evidence.py",
    "page/test_hostile_names.py",
    "risk/test_forecast_tests.py",
    "risk/test_own_model.py",
    "reading/test_fuzz.py",
    "reading/test_layouts.py",
    "reading/test_round_trips.py",
    "strategies/test_rules.py",
    "test_docs.py",
    "test_examples.py",
    "test_executors.py",
    "test_fuzz.py",
    "test_mirror.py",
    "test_names_in_plots.py",
    "test_package.py",
    "test_results_shown.py",
}
"""Files whose tests are about more than one module."""


def test_every_file_is_that_of_a_module():
    strays = {
        file.relative_to(TESTS).as_posix()
        for file in TESTS.rglob("test_*.py")
        if not (SOURCE / file.parent.relative_to(TESTS) / file.name.removeprefix("test_")).exists()
    }
    assert strays - SPANNING == set()
