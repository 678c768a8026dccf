"""Priors of the comparison of strategies."""

from __future__ import annotations

from dataclasses import dataclass, field

from puffin.models.sharpe.priors import SharpePriors
from puffin.validation import positive_number

__all__ = ["ComparisonPriors"]


@dataclass(frozen=True)
class ComparisonPriors:
    """Priors of a comparison: each strategy's own, and that of the pool.

    Attributes
    ----------
    alone : SharpePriors
        Of each strategy by itself, as in `bayesian_sharpe`.
    pool_sd : float
        Pooled: annual Sharpe ratios ~ Normal(0, tau) and tau ~ HalfNormal(pool_sd). This takes the
        place of the prior that the Sharpe ratio has by itself; given the Sharpe ratio everything
        else has the prior that it has alone.
    """

    alone: SharpePriors = field(default_factory=SharpePriors)
    pool_sd: float = 0.5

    def __post_init__(self) -> None:
        if not isinstance(self.alone, SharpePriors):
            raise TypeError(f"alone must be SharpePriors(...); found {type(self.alone).__name__}.")
        positive_number("pool_sd", self.pool_sd)

    def __str__(self) -> str:
        return (
            f"{self.alone}\n"
            f"pooled: annual Sharpe ~ Normal(0, tau), tau ~ HalfNormal({self.pool_sd:g})"
        )
