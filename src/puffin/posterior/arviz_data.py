"""The container that the functions of the installed ArviZ take.

From ArviZ 1.0 on, and for its parts (arviz-base, arviz-stats, arviz-plots), that is an xarray
DataTree. Releases before it, which pip installs for Python 3.11 and beside PyMC 5, take an
InferenceData and raise for a DataTree. Both answer to `idata.posterior` and `idata["posterior"]`,
and the functions of the later releases take both.
"""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["ArvizData", "add_group", "arviz_data"]

ArvizData = Any
"""An xarray DataTree, or where an ArviZ before 1.0 is installed its InferenceData."""


def arviz_data(tree: DataTree) -> ArvizData:
    """Return groups of draws as the installed ArviZ takes them."""
    if not _has_arviz_before_trees():
        return tree
    from arviz import InferenceData

    groups: dict[str, Any] = {name: node.to_dataset() for name, node in tree.children.items()}
    return InferenceData(**groups)


def add_group(container: ArvizData, name: str, content: Dataset) -> None:
    """Add a group to what `arviz_data` returned."""
    from xarray import DataTree

    if isinstance(container, DataTree):
        container[name] = DataTree(content)
    else:
        container.add_groups({name: content}, warn_on_custom_groups=False)


@functools.cache
def _has_arviz_before_trees() -> bool:
    try:
        return int(version("arviz").split(".")[0]) < 1
    except PackageNotFoundError:
        return False
