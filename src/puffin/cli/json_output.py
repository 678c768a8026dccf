"""Results for programs: JSON."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from typing import Any

import puffin
from puffin.findings.settings import AnalysisSettings

__all__ = ["dump", "plain_values"]

_NOT_PLAIN = re.compile(r"[^ -~\n]")


def dump(record: Mapping[str, Any], settings: AnalysisSettings, rejected: Mapping[str, str]) -> str:
    """Return a record as JSON, with all that it takes to reproduce it; NaN is null.

    Names are as in the file. Characters that standard output cannot take, or on which a terminal
    would act, are escaped, and are the same for whoever reads the JSON.
    """
    whole = {
        "puffin": puffin.__version__,
        "seed": settings.seed,
        "hdi_prob": settings.hdi_prob,
        "risk_free_rate": settings.risk_free_rate,
        "periods_per_year": settings.periods_per_year,
        **record,
        "rejected": dict(rejected),
    }
    in_ascii = not str(sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(plain_values(whole), indent=2, ensure_ascii=in_ascii, allow_nan=False)
    return _NOT_PLAIN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def plain_values(value: Any) -> Any:
    """Return a record of plain Python values, with None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
