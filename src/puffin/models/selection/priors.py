"""Priors of the true Sharpe ratios of a search's trials."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.validation import positive_number

__all__ = ["SelectionPriors"]


@dataclass(frozen=True)
class SelectionPriors:
    """Priors of true annual Sharpe ratios: what trials share, and how they differ.

    Attributes
    ----------
    level_sd : float
        The ratio of what all trials share, of which each has as much as it moves with it ~
        Normal(0, level_sd).
    spread_sd : float
        How far trials are from it, as far as their returns differ: tau ~ HalfNormal(spread_sd).
    own_sd : float
        What each has of its own, however alike its returns are to another's (costs, say):
        epsilon ~ HalfNormal(own_sd).
    """

    level_sd: float = 0.5
    spread_sd: float = 0.5
    own_sd: float = 0.25

    def __post_init__(self) -> None:
        for name in ("level_sd", "spread_sd", "own_sd"):
            positive_number(name, getattr(self, name))

    def __str__(self) -> str:
        return (
            "annual Sharpe = b level + spread + own; "
            f"level ~ Normal(0, {self.level_sd:g}), "
            f"spread ~ Normal(0, tau^2 C), tau ~ HalfNormal({self.spread_sd:g}), "
            f"own ~ Normal(0, epsilon^2), epsilon ~ HalfNormal({self.own_sd:g})"
        )
