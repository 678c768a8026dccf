"""Templates become HTML; everything put into them is escaped unless it is HTML already."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from puffin.extras import require
from puffin.showing import numbers

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["render"]


def render(template: str, **values: Any) -> Markup:
    """Return the template of this name, filled with the values."""
    text = _environment().get_template(f"{template}.html.j2").render(**values)
    markup: Markup = require("markupsafe", "report", "A report").Markup(text)
    return markup


@functools.cache
def _environment() -> Any:
    jinja2 = require("jinja2", "report", "A report")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("puffin.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        decimal=_with_minus(numbers.decimal),
        percent=_with_minus(numbers.percent),
        small_percent=_with_minus(numbers.small_percent),
        percent_interval=lambda bounds: _with_minus(numbers.percent_interval)(*bounds),
        interval=lambda bounds: _with_minus(numbers.interval)(*bounds),
        probability=numbers.probability,
        coarse=numbers.coarse_probability,
        count=numbers.count,
    )
    return environment


def _with_minus(written: Callable[..., str]) -> Callable[..., str]:
    """Write negative numbers with a minus sign rather than a hyphen."""
    return lambda *values, **options: numbers.with_minus(written(*values, **options))
