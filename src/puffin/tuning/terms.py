"""What a search is told from others by: its terms, with names of strategies and samplers."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["digest_of", "name_of"]


def digest_of(terms: Mapping[str, Any]) -> str:
    """Return what is the same for the same terms only."""
    return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()


def name_of(one: object) -> str:
    """Return what a strategy or sampler is called.

    Classes and functions by name, partial ones with their arguments, instances by what they write
    themselves as (a dataclass by its fields), or by their class if that is an address only. Two
    functions may have the same name: `SearchStore.check` tells them apart by what they earn.
    """
    if isinstance(one, functools.partial):
        keywords = [f"{name}={name_of(value)}" for name, value in sorted(one.keywords.items())]
        return f"partial({', '.join([name_of(one.func), *map(name_of, one.args), *keywords])})"
    name = getattr(one, "__qualname__", None)
    if name is None:
        is_address = type(one).__repr__ is object.__repr__
        return type(one).__qualname__ if is_address else repr(one)
    return str(name)
