"""Make src/puffin/datasets/data from the arch and skfolio wheels: `pip download` them first.

python scripts/make_datasets.py arch-*.whl skfolio-*.whl
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent.parent / "src" / "puffin" / "datasets" / "data"


def read(wheel: zipfile.ZipFile, name: str) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(gzip.decompress(wheel.read(name))), index_col="Date", parse_dates=True
    )


def write(frame: pd.DataFrame | pd.Series, name: str) -> None:
    text = frame.rename_axis("date").to_csv(lineterminator="\n")
    (DATA / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main(arch_wheel: str, skfolio_wheel: str) -> None:
    with zipfile.ZipFile(arch_wheel) as arch, zipfile.ZipFile(skfolio_wheel) as skfolio:
        write(read(arch, "arch/data/sp500/sp500.csv.gz")["Close"].rename("SP500").round(2), "sp500")
        write(read(skfolio, "skfolio/datasets/data/sp500_dataset.csv.gz"), "equities")
        licences = {
            "sp500.csv.gz: S&P 500 daily closes 1999-2018, from the arch package": arch.read(
                next(name for name in arch.namelist() if name.endswith("LICENSE.md"))
            ),
            "equities.csv.gz: 20 US large caps 1990-2022, from the skfolio package": skfolio.read(
                next(name for name in skfolio.namelist() if name.endswith("licenses/LICENSE"))
            ),
        }
    sections = [
        f"# {title}\n\n```\n{text.decode().strip()}\n```\n" for title, text in licences.items()
    ]
    (DATA / "LICENSES.md").write_text("\n".join(sections), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
