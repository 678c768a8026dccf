"""What a hierarchical model is made with."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.models.hierarchical.priors import HierarchicalPriors

__all__ = ["AUTOCORRELATIONS", "DISTRIBUTIONS", "HierarchicalArguments"]

AUTOCORRELATIONS = ("counted", "ignore")
DISTRIBUTIONS = ("normal", "spike")


@dataclass(frozen=True)
class HierarchicalArguments:
    """The arguments of `BayesianHierarchical`, checked."""

    engine: str
    unit: str
    residual_factors: int | None
    autocorrelation: str
    risk_free_rate: float
    periods_per_year: float | None
    hdi_prob: float
    priors: HierarchicalPriors
    distribution: str = "normal"

    @property
    def spike(self) -> bool:
        """Whether alphas may be exactly zero."""
        return self.distribution == "spike"
