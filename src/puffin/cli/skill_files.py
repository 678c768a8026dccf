"""The factors and the groups of `puffin skill`, in columns or in files of their own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from puffin.cli.failures import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from puffin.cli.reading import Columns
    from puffin.reading import Table

__all__ = ["factors_in", "frame_of", "groups_in"]


def frame_of(columns: Columns, names: Any) -> pd.DataFrame | None:
    """Return these columns side by side; None of none."""
    import pandas as pd

    return pd.DataFrame({name: columns.returns[name] for name in names}) if names else None


def factors_in(file: Path, table: Table) -> pd.DataFrame | None:
    """Return the returns in a file of factors.

    Raises
    ------
    BadInputError
        If a column is not certainly of returns; the message names the file.
    """
    from puffin.cli.reading import returns_of
    from puffin.reading import ReadingError

    try:
        columns = returns_of(table, chosen=None, needed=table.columns)
    except (BadInputError, ReadingError) as error:
        why = str(error).replace(
            "did you mean --prices?",
            "--prices is of the first file, so turn factors into returns first.",
        )
        raise BadInputError(f"{file} (--factors): {why}") from None
    return frame_of(columns, columns.returns)


def groups_in(file: Path, names: Any) -> dict[str, str]:
    """Return the groups that a file has of these names.

    Raises
    ------
    BadInputError
        If it has not two columns, or lacks a name.
    """
    import pandas as pd

    text = file.read_text(encoding="utf-8-sig")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    table = pd.read_csv(io.StringIO(text), dtype=str, sep=separator)
    if table.shape[1] != 2:
        raise BadInputError(
            f"{file} must have two columns, names and groups; found {table.shape[1]}."
        )
    found = dict(zip(table.iloc[:, 0].str.strip(), table.iloc[:, 1], strict=True))
    missing = [name for name in names if not isinstance(found.get(name), str)]
    if missing:
        raise BadInputError(
            f"{file} has no group for {len(missing)} of {len(names)} columns, first {missing[0]!r}."
        )
    return {name: found[name] for name in names}
