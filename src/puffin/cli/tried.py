"""What `--try SETTING=VALUES` means: settings of a strategy, of their own kind, before a search."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from puffin.cli.failures import BadInputError

if TYPE_CHECKING:
    from puffin.strategies import Strategy

__all__ = ["space_of"]

_TRUTHS = {"true": True, "false": False}


@dataclasses.dataclass(frozen=True)
class _Kind:
    """What the values of a setting are.

    Attributes
    ----------
    plural : str
        What they are called.
    read : callable
        Returns the value that a text stands for; a ValueError says that there is none.
    has_ranges : bool
        Whether LOW:HIGH makes sense of it.
    """

    plural: str
    read: Callable[[str], Any]
    has_ranges: bool = True


def _whole_or_real(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return _number(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError(f"{text} is neither true nor false")
    return _TRUTHS[text.lower()]


_KINDS: Mapping[type, _Kind] = {
    bool: _Kind("true or false", _truth, has_ranges=False),
    int: _Kind("whole numbers", int),
    float: _Kind("numbers", _number),
    str: _Kind("words", str, has_ranges=False),
    type(None): _Kind("numbers", _whole_or_real),
}
"""By the type of the setting's default; None stands for a number that may be left out."""


def space_of(rule: Strategy, tried: Sequence[str]) -> dict[str, Any]:
    """Return the strategy's own space, with what is asked for by --try in its place.

    Raises
    ------
    BadInputError
        If one is of no setting, or has values that the setting cannot have.
    """
    from puffin.tuning.space import DEFAULT_SPACES

    usual = DEFAULT_SPACES[type(rule)]
    asked = [_Tried.of(one, rule, usual) for one in tried]
    return {**usual, **{one.name: one.values() for one in asked}}


@dataclasses.dataclass(frozen=True)
class _Tried:
    """One --try, of a setting that there is.

    Attributes
    ----------
    name, text : str
        What stands before and after the sign of equality.
    rule : Strategy
        With its defaults.
    kind : _Kind
    usual : object
        What is tried of the setting by itself, for an example.
    """

    name: str
    text: str
    rule: Strategy
    kind: _Kind
    usual: Any

    @classmethod
    def of(cls, given: str, rule: Strategy, usual: Mapping[str, Any]) -> _Tried:
        name, equals, text = given.partition("=")
        if not equals or not text:
            raise BadInputError(f"--try {given}: write SETTING=VALUES, such as lookback=20:250.")
        kinds = {
            one.name: _KINDS[type(one.default)]
            for one in dataclasses.fields(rule)  # type: ignore[arg-type]
            if type(one.default) in _KINDS
        }
        if name not in kinds:
            known = ", ".join(kinds)
            raise BadInputError(f"--try {given}: there is no setting {name!r}; there are {known}.")
        return cls(name, text, rule, kinds[name], usual.get(name, getattr(rule, name)))

    def values(self) -> tuple[Any, Any] | list[Any]:
        """Return LOW:HIGH as a range, anything else as the choices that commas part."""
        low, colon, high = self.text.partition(":")
        if not colon:
            return [self._possible(self._read(one)) for one in self.text.split(",")]
        if not self.kind.has_ranges:
            raise self._wrong(f"{self.name} takes {self.kind.plural}, no range", self._example())
        ends = self._possible(self._read(low)), self._possible(self._read(high))
        if ends[0] > ends[1]:
            raise self._wrong("the lower one comes first", f"{high}:{low}")
        return ends

    def _read(self, text: str) -> Any:
        try:
            return self.kind.read(text)
        except ValueError:
            message = f"{self.name} takes {self.kind.plural}"
            raise self._wrong(message, self._example()) from None

    def _possible(self, value: Any) -> Any:
        """Return a value; refuse one that is never possible, whatever the other settings are.

        A number of the right kind may be, depending on others: the search finds that out.
        """
        try:
            dataclasses.replace(self.rule, **{self.name: value})  # type: ignore[type-var]
        except (TypeError, ValueError) as error:
            if isinstance(error, TypeError) or isinstance(value, str):
                raise BadInputError(f"--try {self.name}={self.text}: {error}") from None
        return value

    def _wrong(self, message: str, better: str) -> BadInputError:
        return BadInputError(
            f"--try {self.name}={self.text}: {message}; write {self.name}={better}."
        )

    def _example(self) -> str:
        """Return values to write: those given in whole numbers, if that helps, or the usual."""
        whole = self._in_whole_numbers() if self.kind.plural == "whole numbers" else None
        if whole is not None:
            return whole
        if isinstance(self.usual, tuple):
            return "{}:{}".format(*self.usual)
        words = self.usual if isinstance(self.usual, list) else [self.usual]
        return ",".join(str(one).lower() if isinstance(one, bool) else str(one) for one in words)

    def _in_whole_numbers(self) -> str | None:
        """Return the whole numbers between those given; None where there are none."""
        low, colon, high = self.text.partition(":")
        try:
            ends = math.ceil(float(low)), math.floor(float(high if colon else low))
        except (ValueError, OverflowError):
            return None
        if not colon:
            return str(ends[1])
        return f"{ends[0]}:{ends[1]}" if ends[0] <= ends[1] else None
