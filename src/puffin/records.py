"""What JSON says becomes an object whose fields are of the kinds that its class declares."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["as_record"]

Record = TypeVar("Record")


def as_record(kind: type[Record], found: object) -> Record:
    """Return an object of a dataclass from what JSON has of it.

    A field that is not there has its default; what the class does not know is left out.

    Parameters
    ----------
    kind : type
        A dataclass with fields that are strings, numbers, booleans, None, lists and dicts of
        these, or dataclasses again.
    found : object
        What `json.loads` returned.

    Raises
    ------
    ValueError
        If it is no object, or a field is missing or of another kind; the message says which.
    """
    if not isinstance(found, Mapping):
        raise ValueError(f"{_shown(found)} is no {kind.__name__}.")
    hints, values = get_type_hints(kind), {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name in found:
            values[field.name] = _of_kind(hints[field.name], found[field.name], field.name)
        elif field.default is dataclasses.MISSING:
            raise ValueError(f"{field.name} is missing.")
    return kind(**values)


def _of_kind(hint: Any, value: object, name: str) -> Any:
    """Return a value if it is what the hint says, dataclasses as objects."""
    if dataclasses.is_dataclass(hint):
        return as_record(hint, value)  # type: ignore[arg-type]
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    fitting = next((kind for kind in kinds if _fits(kind, value)), None)
    if isinstance(value, list) and fitting is not None:
        [item] = get_args(fitting)
        return [_of_kind(item, one, name) for one in value]
    if isinstance(value, dict) and fitting is not None:
        _, item = get_args(fitting)
        return {key: _of_kind(item, one, name) for key, one in value.items()}
    if fitting is None:
        raise ValueError(f"{name} is {_shown(value)}.")
    return value


def _fits(kind: Any, value: object) -> bool:
    """Whether a value is of a kind; a whole number is a float as well, a boolean is no number."""
    if isinstance(value, bool):
        return kind is bool
    if value is None:
        return kind is NoneType
    return isinstance(value, int | float if kind is float else get_origin(kind) or kind)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
