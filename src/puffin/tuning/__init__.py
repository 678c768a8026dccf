"""The search for a strategy's settings that says how much of the best result is left."""

from puffin.tuning.holdout import OpenedHoldout
from puffin.tuning.optimizer import BayesianOptimizer
from puffin.tuning.result import TunedStrategy
from puffin.tuning.store import SearchStoreError

__all__ = ["BayesianOptimizer", "OpenedHoldout", "SearchStoreError", "TunedStrategy"]
