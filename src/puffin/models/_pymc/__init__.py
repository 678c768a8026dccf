"""The models of Puffin written for PyMC, one file each: the reference of the native engines."""

from puffin.models._pymc.availability import _check_pymc

__all__ = ["_check_pymc"]
