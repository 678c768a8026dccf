from __future__ import annotations

from tests.risk.stores import made_store, store

__all__ = ["made_store", "store"]
