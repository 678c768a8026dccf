"""What a store is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, TypeVar

from puffin.models.volatility import VolatilityPriors
from puffin.models.volatility.member import DailyModel, VolatilityModel
from puffin.records import as_record
from puffin.validation import ReturnSeries

__all__ = ["Terms"]

_EXPLAINED = {"loss": " (on the command line, prices have 'wealth' and returns have 'return')"}
_ELSEWHERE = "Use another directory"
_OR_REFIT = f"{_ELSEWHERE}, or refit (--refit, or refit=True)"


@dataclass(frozen=True)
class ModelTerms:
    """What a model is made with: `StochasticVolatilityModel` says what each is."""

    distribution: str
    leverage: bool
    mean: str
    priors: VolatilityPriors
    jumps: bool = False
    free_psi: bool | list[str] = False

    @classmethod
    def of(cls, model: VolatilityModel) -> Self:
        """Return those of a model."""
        made_with = model.arguments
        return cls(**{one.name: getattr(made_with, one.name) for one in fields(cls)})


@dataclass(frozen=True)
class ForecastTerms:
    """The series and the forecasts: `Terms` says what each is."""

    column: str
    dated: bool
    loss: str
    levels: list[float]


@dataclass(frozen=True)
class Terms:
    """The series, the forecasts and the model of a store: it has the same for all its life.

    Attributes
    ----------
    forecasts : ForecastTerms
        Name of the series, whether its rows have labels, the kind of loss, and levels of the tails.
    models : mapping of str to ModelTerms
        The model, without a name, or those of an average; they may change when it is fitted again.
    """

    forecasts: ForecastTerms
    models: Mapping[str, ModelTerms]

    @classmethod
    def of(
        cls, series: ReturnSeries, model: DailyModel, levels: Sequence[float], loss: str
    ) -> Terms:
        """Return the terms of forecasts of a series by a model."""
        forecasts = ForecastTerms(series.name, series.index is not None, loss, list(levels))
        return cls(forecasts, {name: ModelTerms.of(one) for name, one in model.members.items()})

    @classmethod
    def of_json(cls, found: object) -> Terms:
        """Return the terms that a file has.

        Raises
        ------
        ValueError
            If it has others; the message says which.
        """
        forecasts = as_record(ForecastTerms, found)
        if isinstance(found, Mapping) and "models" in found:
            return cls(forecasts, as_record(_Averaged, found).models)
        return cls(forecasts, {"": as_record(ModelTerms, found)})

    def as_json(self) -> dict[str, Any]:
        """Return them as JSON can hold them: what a single model is made with is among the rest."""
        models = {name: asdict(one) for name, one in self.models.items()}
        return asdict(self.forecasts) | models.get("", {"models": models})

    def difference(self, asked: Terms, refit: bool) -> str | None:
        """Return what keeps other forecasts out of a store with these terms, as a sentence.

        Parameters
        ----------
        asked : Terms
        refit : bool
            Whether the model is to be fitted again, so that it may be another one.
        """
        found = _difference(self.forecasts, asked.forecasts)
        if found is not None:
            return f"The store has {found}. {_ELSEWHERE}."
        if refit:
            return None
        if list(self.models) != list(asked.models):
            return f"The store is of {self._said}; found {asked._said}. {_OR_REFIT}."
        for name, model in self.models.items():
            found = _difference(model, asked.models[name])
            if found is not None:
                return f"The store has {f'{name}: ' if name else ''}{found}. {_OR_REFIT}."
        return None

    @property
    def _said(self) -> str:
        """What the model is."""
        names = [repr(name) for name in self.models if name]
        return f"an average of {', '.join(names)}" if names else "one model"


@dataclass(frozen=True)
class _Averaged:
    """The models of an average, as a file has them."""

    models: dict[str, ModelTerms]


Part = TypeVar("Part", ForecastTerms, ModelTerms)


def _difference(stored: Part, asked: Part) -> str | None:
    """Return in what they differ first, if at all."""
    for one in fields(stored):
        kept, wanted = getattr(stored, one.name), getattr(asked, one.name)
        if kept != wanted:
            return f"{one.name}={kept!r}; found {wanted!r}{_EXPLAINED.get(one.name, '')}"
    return None
