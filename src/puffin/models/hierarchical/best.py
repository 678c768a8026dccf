"""The asset that looks best, and how much of that is luck."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.models.hierarchical.unit import AlphaUnit
from puffin.showing.card import Card
from puffin.showing.numbers import percent, probability
from puffin.showing.shown import Shown

__all__ = ["BestAsset"]


@dataclass(frozen=True, repr=False)
class BestAsset(Shown):
    """The asset whose estimate is best, and what the estimate is made of.

    Attributes
    ----------
    asset : str
    n_assets : int
        How many it was the best of.
    estimate : float
        Its annual alpha by itself.
    mean, hdi_low, hdi_high, prob_positive : float
        Its posterior, which knows of the others.
    unit : AlphaUnit
    hdi_prob : float
    """

    asset: str
    n_assets: int
    estimate: float
    mean: float
    hdi_low: float
    hdi_high: float
    prob_positive: float
    unit: AlphaUnit
    hdi_prob: float

    @property
    def luck(self) -> float:
        """The estimate less the posterior mean: how much of it is expected to be chance."""
        return self.estimate - self.mean

    @property
    def sentence(self) -> str:
        """Say how much of the best estimate is expected to be luck."""
        written = self.unit.written
        known = (
            f"{percent(self.hdi_prob, 0)} {self.unit.interval(self.hdi_low, self.hdi_high)}, "
            f"{probability(self.prob_positive)} above zero"
        )
        if self.n_assets == 1:
            return (
                f"{self.asset}: {self.unit.label} {written(self.estimate)} by itself, "
                f"{written(self.mean)} with the prior ({known})."
            )
        return (
            f"{self.asset} looks best of {self.n_assets:,}, with {written(self.estimate)} by "
            f"itself: {self._parts} ({known})."
        )

    @property
    def _parts(self) -> str:
        written = self.unit.written
        if self.luck <= 0.0 or self.estimate <= 0.0:
            return f"{written(self.mean)} knowing of the others"
        if self.mean <= 0.0:
            return f"all of that was luck, {written(self.mean)} is what is expected to last"
        return f"{written(self.mean)} of that is expected to last and {written(self.luck)} was luck"

    def _card(self) -> Card:
        return Card("BestAsset", [self.sentence])
