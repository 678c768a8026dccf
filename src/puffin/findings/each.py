"""One estimate for each series, where one that fails leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

from puffin.findings.progress import Progress
from puffin.posterior import SAMPLING_FAILURES

__all__ = ["FAILURES", "estimate_each"]

Estimate = TypeVar("Estimate")

FAILURES = (ValueError, *SAMPLING_FAILURES)
"""What data that cannot be used, or a sampler, may raise."""


def estimate_each(
    returns: Mapping[str, pd.Series[float]],
    doing: str,
    estimate: Callable[[pd.Series[float]], Estimate],
    progress: Progress,
) -> tuple[dict[str, Estimate], dict[str, str]]:
    """Return the estimates of the series by name, and why some have none.

    Parameters
    ----------
    returns : mapping of name to Series
    doing : str
        What the progress says before the name.
    estimate : callable
        From a series, named as in `returns`.
    progress : Progress
    """
    progress.expect(len(returns))
    found, rejected = {}, {}
    for name, series in returns.items():
        progress.begin(f"{doing} {name}")
        try:
            found[name] = estimate(series.rename(name))
        except FAILURES as error:
            rejected[name] = f"column {name!r}: {error}"
    return found, rejected
