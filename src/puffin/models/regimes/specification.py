"""Which regime-switching model it is."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.inference.regimes.parameters import RegimeCoordinates
from puffin.laws import Law, find_law
from puffin.models.regimes.priors import RegimePriors

__all__ = ["MOST_REGIMES", "Specification"]

MOST_REGIMES = 6


@dataclass(frozen=True)
class Specification:
    """What a model was made with.

    Attributes
    ----------
    n_regimes : int
    distribution : str
    shape : {"shared", "own"}
    priors : RegimePriors
    engine : str
    """

    n_regimes: int
    distribution: str
    shape: str
    priors: RegimePriors
    engine: str

    @property
    def law(self) -> Law:
        """The law of the errors."""
        return find_law(self.distribution)

    @property
    def label(self) -> str:
        """What it is beside other models, in a few words."""
        count = "1 regime" if self.n_regimes == 1 else f"{self.n_regimes} regimes"
        return f"{count}, {self.law.label}"

    @property
    def coordinates(self) -> RegimeCoordinates:
        """The parameters for the sampler."""
        own = self.shape == "own"
        return RegimeCoordinates(self.n_regimes, self.law, self.priors.on_scaled_returns, own)
