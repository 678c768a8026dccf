"""Approximations of a posterior that say how good they are."""

from puffin.models.variational.result import VariationalPosterior
from puffin.models.variational.variational import VariationalInference

__all__ = ["VariationalInference", "VariationalPosterior"]
