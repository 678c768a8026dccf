"""What a panel asks of each asset, and what it keeps of the answer."""

from __future__ import annotations

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from puffin.arrays import Array
from puffin.models.settings import sampling_settings
from puffin.panel.asset import Asset
from puffin.posterior import Summary, summarise
from puffin.validation import probability

__all__ = ["Answer", "Question", "summarised"]

_OF_THE_PANEL = {
    "cores": "n_jobs says how many assets are fitted at once",
    "random_seed": "seed is that of the panel, and each asset has its own",
    "progressbar": "progressbar is an argument of fit_each itself",
}


@dataclass(frozen=True)
class Answer:
    """What is kept of a fit.

    Attributes
    ----------
    summary : dict of str to dict of str to float
        A row for each parameter: `mean`, `sd`, `hdi_low`, `hdi_high` and others.
    n_observations : int
    method : str
        What made the draws.
    note : str
        What the model found odd in the returns.
    doubts : tuple of str
        Reasons not to rely on the summary.
    """

    summary: Summary
    n_observations: int
    method: str
    note: str = ""
    doubts: tuple[str, ...] = ()


class Question(ABC):
    """A model with the arguments of its fit: a pure function of an asset and a seed.

    Parameters
    ----------
    model
        Which is left alone: each asset has a copy.
    options : mapping
        Arguments of its fit that all assets share.
    hdi_prob : float
        Probability of the intervals in the summary.

    Raises
    ------
    TypeError, ValueError
        If an option is not one of the fit's, or is invalid.
    """

    shared: ClassVar[tuple[str, ...]] = ()
    """Arguments of the fit whose rows are dates, the same for all assets."""
    own: ClassVar[tuple[str, ...]] = ()
    """Arguments of the fit that each asset has its own of."""
    needed: ClassVar[tuple[str, ...]] = ()
    """Those of them that the fit cannot do without."""
    how_to_give: ClassVar[str] = ""
    """How a user gives those."""
    of_pairs: ClassVar[bool] = False
    """Whether an asset is a pair of columns."""

    def __init__(self, model: Any, options: Mapping[str, Any], hdi_prob: float) -> None:
        self.model = model
        self.options = dict(options)
        self.hdi_prob = probability("hdi_prob", hdi_prob)
        self._check_options()

    @property
    @abstractmethod
    def fit_function(self) -> Callable[..., Any]:
        """What fits the model, whose arguments the options are."""

    @abstractmethod
    def fit(self, asset: Asset, seed: int) -> Any:
        """Return what a fit to the asset gives, with its draws."""

    @abstractmethod
    def answer(self, fitted: Any) -> Answer:
        """Return what is kept of it."""

    @property
    def label(self) -> str:
        """The model's name."""
        return getattr(self.model, "__name__", type(self.model).__name__)

    @property
    def terms(self) -> dict[str, Any]:
        """What is asked, in plain text: fits are comparable where it is the same."""
        given = {} if inspect.isfunction(self.model) else vars(self.model)
        return {
            "model": self.label,
            "arguments": {
                key: repr(value) for key, value in given.items() if not key.startswith("_")
            },
            "options": {key: repr(value) for key, value in sorted(self.options.items())},
            "hdi_prob": self.hdi_prob,
        }

    def _copy(self) -> Any:
        return copy.copy(self.model)

    def _check_options(self) -> None:
        known = inspect.signature(self.fit_function).parameters
        for name in self.options:
            if name in _OF_THE_PANEL:
                raise TypeError(f"{name} is not an argument here: {_OF_THE_PANEL[name]}.")
            if name not in known or name in (*self.shared, *self.own):
                listed = ", ".join(
                    one for one in known if one not in _OF_THE_PANEL and one not in self.needed
                )
                raise TypeError(
                    f"{name} is not an argument of {self.label}'s fit; it has {listed}."
                )
        sampling = {
            name: self.options.get(name, known[name].default)
            for name in ("samples", "tune", "chains")
        }
        sampling_settings(**sampling, cores=1, random_seed=0, progressbar=False)


def summarised(scalars: Mapping[str, Array], hdi_prob: float) -> Summary:
    """Return the summary of draws, and of each how probably it is above zero.

    Parameters
    ----------
    scalars : mapping of str to ndarray of shape (n_chains, n_draws)
    """
    return {
        name: {**row, "prob_positive": float(np.mean(scalars[name] > 0.0))}
        for name, row in summarise(scalars, hdi_prob).items()
    }
