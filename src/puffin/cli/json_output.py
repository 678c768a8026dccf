"""Results for programs: JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import puffin
from puffin.findings.settings import AnalysisSettings

__all__ = ["dump"]


def dump(record: Mapping[str, Any], settings: AnalysisSettings, rejected: Mapping[str, str]) -> str:
    """Return a record as JSON, with all that it takes to reproduce it; NaN is null."""
    whole = {
        "puffin": puffin.__version__,
        "seed": settings.seed,
        "hdi_prob": settings.hdi_prob,
        "risk_free_rate": settings.risk_free_rate,
        "periods_per_year": settings.periods_per_year,
        **record,
        "rejected": dict(rejected),
    }
    return json.dumps(_finite(whole), indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
