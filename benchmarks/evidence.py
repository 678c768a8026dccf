"""The figures of the documentation's evidence, from the results that are kept in this directory.

`python -m benchmarks.evidence DIRECTORY` draws all of them. They read the tables that the
benchmarks printed, so a figure and its table cannot disagree.
"""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import calibration
from puffin.posterior.notebook_figure import NotebookFigure

HERE = Path(__file__).parent
OURS, OTHERS, INK = "#1f5a94", "#d1662a", "#444444"
WHO = {
    "Puffin": (OURS, "D"),
    "PyMC, its own NUTS": (OTHERS, "o"),
    "PyMC, nutpie": ("#e3a857", "o"),
    "PyMC engine of Puffin": ("#a94f8b", "o"),
    "R, stochvol": ("#3a8f5c", "s"),
}
TOGETHER = 0.05
"""The probability that any line of a right sampler leaves the band of its panel."""


def main(directory: str) -> None:
    """Draw every figure into `directory`."""
    for draw in (ranks, coverage, speed):
        draw().savefig(Path(directory) / f"{draw.__name__}.png", dpi=120)


def ranks() -> Figure:
    """How far the distribution of the ranks of each parameter is from uniform, test by test."""
    tests = list(calibration.read().groupby(level=0, sort=False))
    columns = 4
    rows = -(-len(tests) // columns)
    figure = NotebookFigure(figsize=(9.0, 1.8 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for (name, found), ax in zip(tests, panels.flat, strict=False):
        _ranks_of(ax, found, _spoken(name))
    for ax in panels.flat[len(tests) :]:
        ax.set_axis_off()
    figure.supxlabel("rank of the true value among the draws", fontsize=9)
    figure.supylabel("share of lower ranks, less what is expected", fontsize=9)
    return figure


def _ranks_of(ax: Axes, found: pd.DataFrame, title: str) -> None:
    counts = found.to_numpy()
    below = np.arange(1, 101) / 100.0
    replicates = int(counts[0].sum())
    # The supremum of a Brownian bridge, shared among the lines of the panel.
    limit = np.sqrt(-0.5 * np.log(TOGETHER / len(counts) / 2.0) / replicates)
    ax.axhspan(-limit, limit, color="#999999", alpha=0.2, lw=0)
    ax.plot(100 * below, (counts.cumsum(axis=1) / replicates - below).T, color=OURS, lw=0.7)
    ax.set_title(f"{title}\n{len(counts)} quantities, {replicates} truths", fontsize=7, color=INK)
    ax.tick_params(labelsize=7)
    ax.spines[["top", "right"]].set_visible(False)


def _spoken(test: str) -> str:
    """Return `test_calibration::test_jumps[normal-True]` as `jumps: normal, leverage`."""
    file, _, test = test.partition("::")
    name, _, cases = test.partition("[")
    name = name if file == "test_calibration" else file
    said = [case for case in cases.rstrip("]").split("-") if case and case != "False"]
    said = ["leverage" if case == "True" else case for case in said]
    words = name.removeprefix("test_").replace("_", " ") + (f": {', '.join(said)}" if said else "")
    return fill(words, 32)


def coverage() -> Figure:
    """How often intervals of 94% hold the true Sharpe ratio: each world, and group means."""
    tables = _tables(HERE / "coverage.md")
    groups = tables[0]
    names = list(dict.fromkeys(groups["group"]))
    figure = NotebookFigure(figsize=(8.0, 3.6), layout="constrained")
    ax = figure.subplots()
    stream = np.random.default_rng(1)
    for place, worlds in enumerate(tables[1:]):
        cells = worlds.iloc[:, 1:].to_numpy(dtype=str).ravel()
        shares = [float(share) for cell in cells for share in re.findall(r"(\d+)%", cell)]
        across = place + stream.uniform(-0.28, 0.28, len(shares))
        ax.plot(across, shares, ".", color=OURS, alpha=0.45, ms=5, mew=0)
    for method, colour, marker in (
        ("bootstrap", OTHERS, "s"),
        ("normal", "#777777", "^"),
        ("puffin", OURS, "D"),
    ):
        means = groups[groups["method"] == method]["coverage"].str.rstrip("%").astype(float)
        label = "Puffin" if method == "puffin" else method
        ax.plot(range(len(names)), means, marker, color=colour, ms=7, mec="white", label=label)
    ax.axhline(94, color="black", lw=0.8, ls=":")
    ax.set_xticks(range(len(names)), names, fontsize=8)
    ax.set_ylabel("truth in the 94% interval, %")
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def speed() -> Figure:
    """Effective draws a second of the latest table, job by job, on a logarithmic scale."""
    jobs = _speeds((HERE / "README.md").read_text(encoding="utf-8"))
    figure = NotebookFigure(figsize=(8.0, 0.36 * len(jobs) + 1.3), layout="constrained")
    ax = figure.subplots()
    for who, (colour, marker) in WHO.items():
        found = [
            (value, -place)
            for place, rows in enumerate(jobs.values())
            for name, value in rows.items()
            if name.startswith(who)
        ]
        ax.plot(*zip(*found, strict=True), marker, color=colour, ms=7, mec="white", label=who)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_yticks([-place for place in range(len(jobs))], list(jobs), fontsize=8)
    ax.set_xlabel("effective draws a second of the slowest quantity")
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.4, 1.0))
    ax.grid(color="#dddddd", lw=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return figure


def _speeds(text: str) -> dict[str, dict[str, float]]:
    """Return effective draws a second by job and by who made them, where Puffin has rivals."""
    jobs: dict[str, dict[str, float]] = {}
    latest = text[text.index("## The latest table") :].split("```")[1]
    row = re.compile(r"^  (\S.*?)\s{2,}([\d.,]+)\s+([\d.,]+)\s+([\d.,]+)\s+([\d.,]+)\s")
    for line in latest.splitlines():
        found = row.match(line)
        if line and not line.startswith(" "):
            job = line.split(", 4 x")[0].replace("stochastic volatility", "volatility")
            jobs[job] = {}
        elif found and not ("idata" in line or "not converged" in line):
            jobs[job][found[1].replace("PyMC textbook", "PyMC")] = float(found[5].replace(",", ""))
    return {job: rows for job, rows in jobs.items() if len(rows) > 1}


def _tables(page: Path) -> list[pd.DataFrame]:
    """Return the tables of a Markdown page."""
    blocks = re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [_table(block) for block in blocks]


def _table(block: str) -> pd.DataFrame:
    lines = [line.strip().strip("|") for line in block.splitlines()]
    text = "\n".join([lines[0], *lines[2:]])
    table = pd.read_csv(StringIO(text), sep=r"\s*\|\s*", engine="python", dtype=str)
    return table.set_axis([str(name).strip() for name in table.columns], axis=1)


if __name__ == "__main__":
    main(sys.argv[1])
