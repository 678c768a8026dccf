"""What users see when a model has no posterior of its own to show."""

from __future__ import annotations

import numpy as np

from puffin.inference.failure import SamplingError

__all__ = ["SAMPLING_FAILURES", "FallbackWarning", "NotFittedError"]

SAMPLING_FAILURES = (SamplingError, RuntimeError, ArithmeticError, np.linalg.LinAlgError)
"""What an engine may raise on valid input; a model's fallback applies to these and no others."""


class FallbackWarning(UserWarning):
    """Sampling failed, and the result was made by a simpler method, which it names."""


class NotFittedError(ValueError, RuntimeError):
    """A model was asked for results before it was fitted."""
