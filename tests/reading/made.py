"""One strategy, and what people write of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

ROWS = 300
DATES = pd.bdate_range("2019-01-02", periods=ROWS)
RETURNS = (0.0004 + 0.008 * np.random.default_rng(1).standard_t(5, ROWS)).round(6)
PRICES = 100.0 * np.cumprod(1.0 + RETURNS)


def frame(returns=RETURNS, dates=DATES, name="fund"):
    return pd.DataFrame({"Date": dates, name: returns})


def csv(*, returns=RETURNS, dates=DATES, name="fund", **options):
    return frame(returns, dates, name).to_csv(index=False, **options)
