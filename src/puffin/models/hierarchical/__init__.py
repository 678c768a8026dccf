"""Which of many assets have skill: alphas and betas that teach each other, in groups."""

from puffin.models.hierarchical.best import BestAsset
from puffin.models.hierarchical.hierarchical import BayesianHierarchical
from puffin.models.hierarchical.priors import HierarchicalPriors
from puffin.models.hierarchical.skilled import SkilledAssets

__all__ = ["BayesianHierarchical", "BestAsset", "HierarchicalPriors", "SkilledAssets"]
