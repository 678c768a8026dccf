"""What a store is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from puffin.models.volatility import StochasticVolatilityModel, VolatilityPriors
from puffin.records import as_record
from puffin.validation import ReturnSeries

__all__ = ["Terms"]

_OF_THE_MODEL = ("distribution", "leverage", "mean", "priors", "jumps")
_EXPLAINED = {"loss": " (on the command line, prices have 'wealth' and returns have 'return')"}


@dataclass(frozen=True)
class Terms:
    """The series, the forecasts and the model of a store: it has the same for all its life.

    Attributes
    ----------
    column : str
        Name of the series.
    dated : bool
        Whether its rows have labels.
    loss : str
    levels : list of float
        Of the tails.
    distribution, leverage, mean, priors, jumps
        Of the model, which may change when it is fitted again.
    """

    column: str
    dated: bool
    loss: str
    levels: list[float]
    distribution: str
    leverage: bool
    mean: str
    priors: VolatilityPriors
    jumps: bool = False

    @classmethod
    def of(
        cls,
        series: ReturnSeries,
        model: StochasticVolatilityModel,
        levels: Sequence[float],
        loss: str,
    ) -> Terms:
        """Return the terms of forecasts of a series by a model."""
        return cls(
            series.name, series.index is not None, loss, list(levels),
            model.distribution, model.leverage, model.mean, model.priors,
            model.jumps,
        )  # fmt: skip

    @classmethod
    def of_json(cls, found: object) -> Terms:
        """Return the terms that a file has.

        Raises
        ------
        ValueError
            If it has others; the message says which.
        """
        return as_record(cls, found)

    def as_json(self) -> dict[str, Any]:
        """Return them as JSON can hold them."""
        return asdict(self)

    def difference(self, asked: Terms, refit: bool) -> str | None:
        """Return what keeps other forecasts out of a store with these terms, as a sentence.

        Parameters
        ----------
        asked : Terms
        refit : bool
            Whether the model is to be fitted again, so that it may be another one.
        """
        for one in fields(self):
            stored, wanted = getattr(self, one.name), getattr(asked, one.name)
            is_model = one.name in _OF_THE_MODEL
            if stored != wanted and not (refit and is_model):
                return (
                    f"The store has {one.name}={stored!r}; found {wanted!r}"
                    f"{_EXPLAINED.get(one.name, '')}. Use another directory"
                    + (", or refit (--refit, or refit=True)." if is_model else ".")
                )
        return None
