"""The picture of README.md: `python scripts/make_picture.py` writes docs/_static/puffin.png."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import puffin as pf

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "puffin.png"


def main() -> None:
    """Draw what is known of three Sharpe ratios, and of one volatility."""
    returns = pf.datasets.load_equities().pct_change()[["KO", "PEP", "XOM"]].loc["2015":]
    model = pf.StochasticVolatilityModel("student", leverage=True)
    model.fit(np.log1p(returns["XOM"]), random_seed=1)
    figure = Figure(figsize=(10.0, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    colours = {"PEP": "#1f5a94", "KO": "#d1662a", "XOM": "#777777"}
    for name, colour in colours.items():
        sharpe = pf.bayesian_sharpe(returns[name], random_seed=1)
        share = f"{name}: {sharpe['prob_positive']:.0%} above zero"
        counts, edges = np.histogram(sharpe.draws, bins=60, range=(-1.0, 2.2), density=True)
        smooth = np.convolve(counts, [0.25, 0.5, 0.25], mode="same")
        left.fill_between(edges[:-1], smooth, color=colour, alpha=0.25, lw=0)
        left.plot(edges[:-1], smooth, color=colour, lw=1.4, label=share)
    left.axvline(0.0, color="black", lw=0.8, ls=":")
    left.set(yticks=[], ylim=(0, None))
    left.set_title("What is known of three Sharpe ratios", loc="left", fontsize=10)
    left.legend(frameon=False, fontsize=8, loc="upper right")
    model.plot_volatility(ax=right)
    right.set_title("How much one of them moves, day by day", loc="left", fontsize=10)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    left.spines["left"].set_visible(False)
    figure.savefig(PICTURE, dpi=110)


if __name__ == "__main__":
    main()
