"""Segments of forecasts in several processes: the same rows, what was warned of, and order."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from puffin.inference.settings import Settings
from puffin.laws import LAWS
from puffin.posterior import ConvergenceWarning, Predictive, PredictiveReturn
from puffin.risk import RollingForecast, rolling_forecast
from puffin.risk.period_forecast import Plan, plan
from puffin.risk.processes import rows_of

RETURNS = pd.Series(
    np.random.default_rng(5).normal(0.0, 0.01, 460), pd.bdate_range("2022-01-03", periods=460)
)


@dataclass
class Sample:
    """A user's model: normal returns of the mean and spread observed, and two draws of them."""

    seed: Any = None
    observed: Any = None
    refused: Any = None

    def unfitted(self) -> Sample:
        return Sample(refused=self.refused)

    def fit(self, returns: Any, /, samples: int = 0, tune: int = 0, **options: Any) -> Sample:
        self.observed, self.seed = np.asarray(returns), options["random_seed"]
        warnings.warn(f"fitted to {len(self.observed)}", UserWarning, stacklevel=2)
        warnings.warn(f"doubt of {len(self.observed)}", ConvergenceWarning, stacklevel=2)
        return self

    def update(self, new_returns: Any, /) -> Sample:
        self.observed = np.concatenate([self.observed, np.asarray(new_returns)])
        return self

    def predictive(self, horizon: int = 1, /) -> Predictive:
        noise = 1e-6 * np.random.default_rng(self.seed).standard_normal((1, 2))
        mean, spread = self.observed.mean() + noise, np.full((1, 2), self.observed.std())
        return PredictiveReturn(mean, spread, LAWS["normal"], {})


def options(**changed: Any) -> dict[str, Any]:
    asked = {"start": 20, "refit_every": 110, "random_seed": 3, **changed}
    return {**asked, "samples": 10, "tune": 10}


def rolled(cores: int) -> tuple[RollingForecast, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = rolling_forecast(RETURNS, Sample(), cores=cores, **options())
    return result, [str(one.message) for one in caught if one.category is UserWarning]


@pytest.mark.slow
def test_the_same_in_two_processes():
    here, said = rolled(1)
    with joblib.parallel_config(backend="threading"):  # a user's own; also what a worker would have
        there, said_there = rolled(2)
    for name in ("table", "value_at_risk", "expected_shortfall"):
        pd.testing.assert_frame_equal(getattr(here, name), getattr(there, name), check_exact=True)
    assert list(here.table.index) == list(RETURNS.index[20:])
    assert [*filter(None, here.table["doubt"])] == [f"doubt of {n}" for n in (20, 130, 240, 350)]
    assert said == said_there == [f"fitted to {n}" for n in (20, 130, 240, 350)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:fitted to", "ignore:.*doubt")
def test_a_model_that_cannot_be_sent():
    model = Sample(refused=(one for one in ()))
    with pytest.raises(TypeError, match=r"model, a Sample, cannot be pickled .* cores=1 keeps it"):
        rolling_forecast(RETURNS, model, cores=2, **options())
    assert len(rolling_forecast(RETURNS[:25], model, cores=2, **options()).table) == 5


@pytest.mark.filterwarnings("ignore:fitted to", "ignore:.*doubt")
def test_segments_are_the_plan():
    settings = Settings(draws=10, tune=10, chains=1, cores=1, seed=1, progressbar=False)
    work = plan(
        RETURNS[:80], Sample(), start=20, refit_every=25, levels=[0.01], settings=settings,
        date=None,
    )  # fmt: skip
    assert work.segments == [range(20, 45), range(45, 70), range(70, 80)]
    apart = [Plan.own(work, step) for part in work.segments for step in work.steps(part)]
    assert apart == list(work.run()) == list(rows_of(work, Plan.own, cores=2))
    assert [row.fitted for row in apart] == [t in (0, 25, 50) for t in range(60)]
