"""Ranges: by hand, and on Brownian days. False alarms below 1e-5, seeds fixed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from puffin.realized import garman_klass, parkinson, rogers_satchell

U, D, C = math.log(1.2), math.log(0.9), math.log(1.1)
DAY = pd.DataFrame({"Open": [10.0], "High": [12.0], "Low": [9.0], "Close": [11.0]})


@pytest.mark.parametrize(
    ("measure", "by_hand"),
    [
        (parkinson, (U - D) ** 2 / (4 * math.log(2))),
        (garman_klass, (U - D) ** 2 / 2 - (2 * math.log(2) - 1) * C**2),
        (rogers_satchell, U * (U - C) + D * (D - C)),
    ],
)
def test_by_hand(measure, by_hand):
    found = measure(DAY)
    assert found.iloc[0] == pytest.approx(by_hand)
    assert found.name == measure.__name__
    assert measure(1000.0 * DAY).iloc[0] == pytest.approx(by_hand)


def test_days_that_say_nothing():
    still = pd.DataFrame(
        {"o": [10.0, 10.0], "h": [10.0, 12.0], "l": [10.0, 10.0], "c": [10.0, 12.0]}
    )
    assert parkinson(still).isna().tolist() == [True, False]
    assert garman_klass(still).isna().tolist() == [True, False]
    assert rogers_satchell(still).isna().all()


STEPS, DAYS, SIGMA = 2000, 4000, 0.02


def brownian_bars(drift):
    """Bars of Brownian days whose extremes between steps are exact.

    Between two values at distance dt the maximum of a Brownian bridge is known: (a + b +
    sqrt((a - b)^2 - 2 v log U)) / 2; few steps would have ranges that are too small.
    """
    stream, n = np.random.default_rng(4), 50
    v = SIGMA**2 / n
    steps = drift / n + math.sqrt(v) * stream.standard_normal((DAYS, n))
    path = np.concatenate([np.zeros((DAYS, 1)), np.cumsum(steps, axis=1)], axis=1)
    extremes = []
    for sign in (1.0, -1.0):
        a, b = sign * path[:, :-1], sign * path[:, 1:]
        uniform = stream.random(a.shape)
        extremes.append(sign * (0.5 * (a + b + np.sqrt((a - b) ** 2 - 2 * v * np.log(uniform)))))
    return pd.DataFrame(
        np.exp(
            {"Open": path[:, 0], "High": extremes[0].max(1), "Low": extremes[1].min(1),
             "Close": path[:, -1]}[name]
        )
        for name in ("Open", "High", "Low", "Close")
    ).T.set_axis(["Open", "High", "Low", "Close"], axis="columns")  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "drift", "spread"),
    [
        (parkinson, 0.0, 0.638),
        (garman_klass, 0.0, 0.519),
        (rogers_satchell, 0.0, 0.576),
        (rogers_satchell, 0.02, None),
    ],
)
def test_brownian_days(measure, drift, spread):
    """Unbiased, with the standard deviations of the literature: 4.5 standard errors.

    Maximum and minimum of a step are drawn apart from each other, which 50 steps forgive.
    """
    found = (measure(brownian_bars(drift)) / SIGMA**2).fillna(0.0)
    assert abs(found.mean() - 1.0) < 4.5 * found.std() / math.sqrt(DAYS) + 0.003
    if spread is not None:
        assert found.std() == pytest.approx(spread, rel=0.08)


def test_a_range_with_drift_is_too_wide():
    assert parkinson(brownian_bars(0.03)).mean() > 1.3 * SIGMA**2
