"""A warning where errors of a regression are autocorrelated."""

from __future__ import annotations

import math
import warnings

from puffin.posterior import gaussian_interval

__all__ = ["AutocorrelationWarning", "autocorrelation_doubt", "warn_of_autocorrelation"]

_PROB = 0.94


class AutocorrelationWarning(UserWarning):
    """Residuals are autocorrelated, and intervals that assume they are not mislead."""


def warn_of_autocorrelation(autocorrelation: float, window: int, *, stacklevel: int) -> None:
    """Warn where the residuals' autocorrelation is beyond two standard errors of none.

    With a hedge that is a random walk, the variance of its ratio is about (1 + r) / (1 - r) times
    what independent errors would give.

    Parameters
    ----------
    autocorrelation : float
        Of the residuals within windows: the median over windows.
    window : int
        Rows of a window.
    stacklevel : int
        As of `warnings.warn`, from the caller.
    """
    doubt = autocorrelation_doubt(autocorrelation, window)
    if doubt:
        warnings.warn(doubt, AutocorrelationWarning, stacklevel=stacklevel + 1)


def autocorrelation_doubt(autocorrelation: float, window: int) -> str:
    """Return what residuals' autocorrelation does to intervals; empty if they have none."""
    if autocorrelation <= 2.0 / math.sqrt(window):
        return ""
    narrow = math.sqrt((1.0 - autocorrelation) / (1.0 + autocorrelation))
    _, reach = gaussian_interval(0.0, narrow, _PROB)
    held = math.erf(reach / math.sqrt(2.0))
    return (
        f"Residuals within windows have an autocorrelation of {autocorrelation:.2f}: 94% intervals "
        f"that take them for independent hold the hedge ratio about {held:.0%} of the time. Use "
        "errors='ar1', or method='state-space'."
    )
