"""The posterior that an approximation leaves, or the sampler behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.posterior import Posterior, Summary, highest_density_interval, summarise
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plots import density_figure
from puffin.posterior.plotted import ParametersPlotted, Plotted
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import decimal, percent, significant, significant_interval
from puffin.showing.shown import Shown
from puffin.validation import probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["VariationalPosterior"]

_PROB, _MOST_ROWS, _MOST_SAID = 0.94, 12, 3


@dataclass(frozen=True, repr=False)
class VariationalPosterior(Shown, Plotted, ParametersPlotted):
    """What `VariationalInference` found.

    Attributes
    ----------
    posterior : Posterior
        Draws of each parameter, and of what the model computes of them.
    k_hat : float
        How heavy the tail of the importance weights of the approximation is. Below 0.7 its draws,
        taken by weight, are the posterior's, as far as it reaches: a mode that it never visits
        leaves no trace. Infinite where there was no approximation at all.
    efficiency : float
        Share of the approximation's draws that are left, effectively, once they are weighed.
    exact : bool
        Whether the draws are those of NUTS, because the approximation is not good enough.
    """

    posterior: Posterior
    k_hat: float
    efficiency: float
    exact: bool

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    def summary(self, hdi_prob: float = 0.94) -> Summary:
        """Return mean, sd, hdi_low and hdi_high of each parameter, and how far to trust them.

        That is `ess`, effective draws after weighing, of an approximation; `ess_bulk`, `ess_tail`
        and `r_hat` of NUTS. Elements of vectors are named like `beta[0]`.
        """
        level = probability("hdi_prob", hdi_prob)
        if self.exact:
            return summarise(self._scalars(), level)
        return {name: self._weighed(draws, level) for name, draws in self._scalars().items()}

    def _weighed(self, draws: Array, level: float) -> dict[str, float]:
        low, high = highest_density_interval(draws.ravel(), level)
        return {
            "mean": float(draws.mean()),
            "sd": float(draws.std(ddof=1)) if draws.size > 1 else 0.0,
            "hdi_low": float(low),
            "hdi_high": float(high),
            "ess": self.efficiency * draws.size,
        }

    def _scalars(self) -> Mapping[str, Array]:
        scalars = {}
        for name, draws in self.posterior.variables.items():
            for place in np.ndindex(draws.shape[2:]):
                label = f"{name}[{', '.join(map(str, place))}]" if place else name
                scalars[label] = draws[(..., *place)]
        return scalars

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        flat = {name: draws.ravel() for name, draws in self._scalars().items()}
        return density_figure(flat, _PROB, ax=ax)

    def _card(self) -> Card:
        summary = self.summary(_PROB)
        rows = [
            (
                name,
                significant(row["mean"], max(abs(row["hdi_low"]), abs(row["hdi_high"]))),
                significant_interval(row["hdi_low"], row["hdi_high"]),
            )
            for name, row in list(summary.items())[:_MOST_ROWS]
        ]
        level = percent(_PROB, 0)
        said = "; ".join(
            f"{name} {mean}, {level} between {bounds.replace(' to ', ' and ')}"
            for name, mean, bounds in rows[:_MOST_SAID]
        )
        return Card(
            "VariationalPosterior",
            [self._verdict(), f"{said}."],
            self._doubts(summary),
            Table(
                ("parameter", "mean", f"{level} interval"), rows,
                len(summary) - len(rows),
            ),
        )  # fmt: skip

    def _verdict(self) -> str:
        if not self.exact:
            return (
                f"The approximation is good enough: its weights have a k-hat of "
                f"{decimal(self.k_hat, 2)}, below 0.7. Taken by weight, its draws are the "
                f"posterior's where it reaches (another mode would leave no trace); "
                f"{percent(self.efficiency, 0)} of them are effective."
            )
        found = (
            f"has a k-hat of {decimal(self.k_hat, 2)}, 0.7 or more"
            if np.isfinite(self.k_hat)
            else "failed"
        )
        return f"The approximation {found}, so that these are draws of {self.method} instead."

    def _doubts(self, summary: Summary) -> list[str]:
        rows = [row for row in summary.values() if row["sd"] > 0.0]  # what does not vary is known
        if not rows:
            return []
        if self.exact:
            ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in rows)
            return draws_doubts(ess, max(row["r_hat"] for row in rows))
        return draws_doubts(min(row["ess"] for row in rows), 1.0)
