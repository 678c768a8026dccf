"""Who runs many independent pieces of work: joblib, Dask or Ray, each with its own scheduler."""

from puffin.panel.engines.choosing import Backend, engine_of
from puffin.panel.engines.engine import Done, Engine

__all__ = ["Backend", "Done", "Engine", "engine_of"]
