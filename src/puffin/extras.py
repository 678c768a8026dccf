"""Optional dependencies: imported where they are used, with the command that installs them.

The command is one for a clone: there is no release, and a package index may have another Puffin.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["require"]


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or raise ImportError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs {module}. In a clone of Puffin: pip install '.[{extra}]'"
        ) from error
