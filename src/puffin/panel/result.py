"""What is known of a panel: a row for each parameter of each asset, and which failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from puffin.panel.outcome import Outcome
from puffin.panel.store import PanelStore, StoreError
from puffin.posterior.plots import forest_figure
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card, Table
from puffin.showing.numbers import significant, significant_interval
from puffin.showing.shown import Shown
from puffin.validation import DataLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from puffin.panel.run import Run

__all__ = ["FittedPanel", "Panel", "PanelInterrupted", "read"]

_SHOWN = 10
_MOST_DRAWN = 60
_MOST_DOUBTS = 3


@dataclass(frozen=True, repr=False)
class Panel(Shown, Plotted):
    """What a model says of each of many assets.

    Attributes
    ----------
    outcomes : mapping of str to Outcome
        By name, in the order of the assets.
    model : str
        What was asked of each.
    seed : int
        That of the panel, of which and of its name each asset's own is made.
    """

    outcomes: Mapping[str, Outcome]
    model: str
    seed: int

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each asset and parameter: mean, sd, interval, ESS, R-hat, P(above zero)."""
        rows = {
            (name, parameter): row
            for name, one in self.outcomes.items()
            for parameter, row in (one.summary or {}).items()
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["asset", "parameter"])
        return pd.DataFrame(list(rows.values()), index)

    def parameter(self, name: str) -> pd.DataFrame:
        """Return the rows of one parameter, one for each asset.

        Raises
        ------
        ValueError
            If no asset has such a parameter.
        """
        rows = {
            asset: one.summary[name]
            for asset, one in self.outcomes.items()
            if one.summary and name in one.summary
        }
        if not rows:
            known = dict.fromkeys(
                key for one in self.outcomes.values() for key in one.summary or ()
            )
            raise ValueError(
                f"no asset has a parameter {name!r}; there are {', '.join(known) or 'none'}."
            )
        return pd.DataFrame(list(rows.values()), pd.Index(list(rows), name="asset"))

    @property
    def assets(self) -> pd.DataFrame:
        """A row for each asset that was fitted: first, last, n_observations, seed, method, note.

        `doubts` are reasons not to rely on its summary, empty where there are none.
        """
        columns = ["first", "last", "n_observations", "seed", "method", "note"]
        fitted = {name: one for name, one in self.outcomes.items() if not one.error}
        table = pd.DataFrame(
            [[getattr(one, column) for column in columns] for one in fitted.values()],
            pd.Index(list(fitted), name="asset"),
            columns,
        )
        return table.assign(doubts=[" ".join(one.doubts) for one in fitted.values()])

    @property
    def failures(self) -> pd.DataFrame:
        """A row for each asset that could not be fitted: the kind of error, and what it said."""
        failed = {name: one for name, one in self.outcomes.items() if one.error}
        return pd.DataFrame(
            [[one.error, one.message] for one in failed.values()],
            pd.Index(list(failed), name="asset"),
            ["error", "message"],
        )

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw what the card shows of each asset, the largest mean on top."""
        first = next((one for one in self.outcomes.values() if one.summary), None)
        if first is None:
            raise ValueError("no asset of the panel could be fitted: there is nothing to plot.")
        name = _headline(first)
        table = self.parameter(name).sort_values("mean", ascending=False)
        shown = table.head(_MOST_DRAWN)
        few = "" if len(shown) == len(table) else f", the first {len(shown)} of {len(table):,}"
        return forest_figure(shown, f"{name}: mean and interval{few}", ax)

    def _card(self) -> Card:
        fitted = [one for one in self.outcomes.values() if not one.error]
        failed = len(self.outcomes) - len(fitted)
        sentences = [f"{self.model} of {len(fitted):,} assets. Seed {self.seed}."]
        if failed:
            first = next(one for one in self.outcomes.values() if one.error)
            sentences.append(
                f"{failed:,} could not be fitted (.failures), such as {first.asset}: "
                f"{first.message}"
            )
        doubted = [one for one in fitted if one.doubts]
        doubts = [f"{one.asset}: {' '.join(one.doubts)}" for one in doubted[:_MOST_DOUBTS]]
        if len(doubted) > _MOST_DOUBTS:
            doubts.append(f"{len(doubted) - _MOST_DOUBTS:,} more have doubts: see .assets.")
        return Card(type(self).__name__, sentences, doubts, self._table(fitted))

    def _table(self, fitted: list[Outcome]) -> Table | None:
        if not fitted:
            return None
        name = _headline(fitted[0])
        rows = []
        for one in fitted[:_SHOWN]:
            known = (one.summary or {}).get(name)
            if known is None:
                rows.append((one.asset, "", ""))
                continue
            low, high = known["hdi_low"], known["hdi_high"]
            mean = significant(known["mean"], max(abs(low), abs(high)))
            rows.append((one.asset, mean, significant_interval(low, high)))
        return Table((name, "mean", "interval"), rows, max(0, len(fitted) - _SHOWN))


@dataclass(frozen=True, repr=False)
class FittedPanel(Panel):
    """A panel whose model and data are at hand, so that it can go on."""

    run: Run = field(kw_only=True)

    def fit(self, asset: str) -> Any:
        """Return the model of one asset, fitted again, with the draws that the summary is of.

        They are not kept, since they are the same each time: of the asset's data and its seed.

        Raises
        ------
        KeyError
            If there is no such asset.
        ValueError, TypeError
            As the fit, of an asset that has failed.
        """
        return self.run.fit_again(asset)

    def update(
        self,
        new_returns: DataLike,
        *,
        by: str | None = None,
        date: str | None = None,
        **beside: Any,
    ) -> FittedPanel:
        """Return the panel with rows that came since, such as tomorrow's.

        It is the one that `fit_each` returns of all rows, to the last bit. With a store, assets
        without a new row are not fitted again; those that are new are added. One with a row and no
        return in it is fitted again: what the store has is of all rows, and once the asset has
        returns again, that row is a gap in them.

        Parameters
        ----------
        new_returns : DataFrame, mapping or Series
            As the table given to `fit_each`, from the row after its last; a Series is one row, with
            the date for its name. Of pairs, prices.
        by, date : str, optional
            As of `fit_each`.
        **beside
            What was given beside the returns, such as `X` or `measures`, of the new rows.

        Raises
        ------
        ValueError, TypeError
            If the rows are not later, or of another kind; the message says of which asset.
        """
        return self.run.updated(new_returns, by, date, beside)


class PanelInterrupted(KeyboardInterrupt):
    """Ctrl-C while a panel was fitted.

    Attributes
    ----------
    panel : FittedPanel
        Of the assets that had been fitted by then.
    """

    def __init__(self, panel: FittedPanel, total: int) -> None:
        super().__init__(
            f"{len(panel.outcomes):,} of {total:,} assets were fitted; they are in `.panel` of "
            "this exception (in a notebook: import sys; sys.last_value.panel)."
        )
        self.panel = panel


def read(store: str | Path) -> Panel:
    """Return the panel that is in a store, to look at; the model need not be at hand.

    To go on with it, call ``fit_each(model, None, store=...)``.

    Parameters
    ----------
    store : path
        The directory that `fit_each` was given.

    Raises
    ------
    StoreError
        If it is none, or damaged.
    ImportError
        Without pyarrow.
    """
    place = PanelStore(Path(store))
    terms = place.terms() if place.path.is_dir() else None
    if terms is None:
        raise StoreError(f"store={store} is no panel's store; give the directory of one.")
    return Panel(place.outcomes(), terms["model"], int(terms["seed"]))


def _headline(outcome: Outcome) -> str:
    """Return the parameter that says most: the first with an interval, or the forecast."""
    summary = outcome.summary or {}
    if "volatility_forecast" in summary:
        return "volatility_forecast"
    return next(iter(summary))
