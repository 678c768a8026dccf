"""How many regimes returns have: by evidence, and by forecasts one by one."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.regimes.model import BayesianRegimeSwitching, UnsupportedRegimesWarning
from puffin.models.regimes.priors import RegimePriors
from puffin.models.regimes.specification import MOST_REGIMES
from puffin.models.regimes.walking import Walk, walk
from puffin.models.settings import check_priors, sampling_settings
from puffin.models.volatility.observed import observe
from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal, probability
from puffin.showing.shown import Shown
from puffin.validation import as_returns, choice, positive_integer

__all__ = ["RegimeComparison", "compare_regimes"]

_LEAST_BEFORE = 60
_ERRORS = 2.0
_HARDLY = math.log(3.0)


@dataclass(frozen=True, repr=False)
class RegimeComparison(Shown):
    """How probable each number of regimes is, and how well each forecasts.

    Attributes
    ----------
    table : DataFrame
        A row for each number of regimes. `log_evidence`, log p(returns), with its Monte Carlo
        standard error `evidence_error`; `probability`, if all numbers are as probable before. And
        where periods were held out: `log_score`, the mean log density of each of them given all
        before it; `score_difference`, what it is less than the best one's, and `score_error`, the
        standard error of that, of days that are independent of each other.
    models : dict of int to BayesianRegimeSwitching
        Fitted to all returns, by the number of regimes.
    held_out : int
    """

    table: pd.DataFrame
    models: Mapping[int, BayesianRegimeSwitching]
    held_out: int

    @property
    def best(self) -> int:
        """The most probable number of regimes."""
        return int(self.table["probability"].to_numpy().argmax()) + 1

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on it."""
        missing = self.table.index[self.table["log_evidence"].isna()]
        found = [
            f"The evidence of {number} regimes is not known: the posterior has no shape that "
            "proposals could find, which is what too many regimes look like. The probabilities "
            "are those of the others."
            for number in missing
        ]
        found += [
            f"The evidence of {number} regimes comes of uneven weights: its error may be larger "
            "than it says."
            for number, model in self.models.items()
            if model.has_evidence and model.method.startswith("random-walk")
        ]
        logs = self.table["log_evidence"].dropna().sort_values(ascending=False).to_numpy()
        if logs.size > 1 and logs[0] - logs[1] < _HARDLY:
            found.append("The two most probable numbers of regimes are hardly told apart.")
        if self.best == len(self.table) < MOST_REGIMES:
            found.append(
                f"{self.best} is the most that was tried, and more may be better: raise most."
            )
        return tuple(found)

    def _card(self) -> Card:
        are = "regime is" if self.best == 1 else "regimes are"
        chance = probability(float(self.table["probability"].max()))
        said = [
            f"{self.best} {are} the most probable of 1 to {len(self.table)} ({chance}). The log "
            "evidence is the log density of all returns: a difference of 3, a log Bayes factor, "
            "is odds of twenty to one."
        ]
        headings = ["regimes", "log evidence", "± error", "P(number)"]
        if self.held_out:
            best = int(self.table["log_score"].to_numpy().argmax()) + 1
            said.append(
                f"{best} forecast best, one by one, the last {self.held_out:,} returns that each "
                "model did not know yet."
            )
            headings += ["log score", "less than the best", "± error"]
        rows = [
            (
                str(number),
                decimal(row["log_evidence"]),
                decimal(row["evidence_error"]),
                probability(row["probability"]),
                *(
                    decimal(row[name], 4)
                    for name in ("log_score", "score_difference", "score_error")
                    if self.held_out
                ),
            )
            for number, row in zip(self.table.index, self.table.to_dict("records"), strict=True)
        ]
        return Card("RegimeComparison", said, self.doubts, Table(headings, rows))


def compare_regimes(
    returns: Any,
    most: int = 3,
    distribution: str = "student",
    shape: str = "shared",
    *,
    held_out: int = 0,
    priors: RegimePriors | None = None,
    samples: int = 2000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    missing: str = "raise",
    date: str | None = None,
) -> RegimeComparison:
    r"""Return how probable 1, 2, ... regimes are, and how well each number forecasts.

    By the evidence, the density of the returns with parameters and regimes integrated out; each
    further regime has to earn what its parameters cost. It depends on the priors: with others,
    close numbers of regimes may change places. The log score does so less. It is of the last
    `held_out` returns, each forecast from those before it alone, parameters included. (Which zeros
    count as days without a trade is decided once, from all returns.)

    Parameters
    ----------
    returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
    most : int, default 3
        The largest number of regimes, at most 6. From four on, posteriors of most series have
        several modes, and take a minute.
    distribution : {"student", "normal", "asymmetric"}, default "student"
        With normal errors more regimes are found: those that stand in for fat tails.
    shape : {"shared", "own"}
    held_out : int, default 0
        How many returns to forecast one by one; 60 must be left before.
    priors : RegimePriors, optional
    samples, chains, cores, random_seed, missing, date
        As in `BayesianRegimeSwitching.fit`.

    Returns
    -------
    RegimeComparison

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()[-1000:]
    >>> print(pf.compare_regimes(returns, most=2, random_seed=1).best)
    2
    """
    settings = sampling_settings(
        samples=samples, tune=0, chains=chains, cores=cores, random_seed=random_seed,
        progressbar=False,
    )  # fmt: skip
    settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
    missing = choice("missing", missing, ("raise", "skip"))
    if positive_integer("most", most) > MOST_REGIMES:
        raise ValueError(f"most must be at most {MOST_REGIMES}; found {most}.")
    series = as_returns(returns, date=date, minimum=10 * most, missing=missing)
    start = series.values.size - positive_integer("held_out", held_out, minimum=0)
    if held_out and start < _LEAST_BEFORE:
        raise ValueError(
            f"held_out must leave {_LEAST_BEFORE} returns to begin with; found {held_out} of "
            f"{series.values.size}."
        )
    models, walks = {}, {}
    for number in range(1, most + 1):
        model = BayesianRegimeSwitching(
            number, distribution, shape, check_priors(priors, RegimePriors)
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedRegimesWarning)  # it is the question
            models[number] = model.fit(
                series.pandas, samples, chains=chains, cores=cores, random_seed=settings.seed,
                missing=missing,
            )  # fmt: skip
        if held_out:
            y = observe(series.values).values
            walks[number] = walk(y, model.specification, settings, start)
    return RegimeComparison(_table(models, walks, start, series.values), models, held_out)


def _table(
    models: Mapping[int, BayesianRegimeSwitching],
    walks: Mapping[int, Walk],
    start: int,
    values: Any,
) -> pd.DataFrame:
    rows: dict[str, list[float]] = {"log_evidence": [], "evidence_error": []}
    for model in models.values():
        evidence = model.log_marginal_likelihood if model.has_evidence else (math.nan, math.nan)
        rows["log_evidence"].append(evidence[0])
        rows["evidence_error"].append(evidence[1])
    logs = np.array(rows["log_evidence"])
    weights = np.exp(np.nan_to_num(logs - np.nanmax(logs), nan=-np.inf))
    rows["probability"] = list(weights / weights.sum())
    if walks:
        known = np.isfinite(values[start:])
        scores = np.array([one.log_scores[known] for one in walks.values()])
        behind = scores[scores.mean(axis=1).argmax()] - scores
        rows["log_score"] = list(scores.mean(axis=1))
        rows["score_difference"] = list(behind.mean(axis=1))
        rows["score_error"] = list(behind.std(axis=1) / math.sqrt(known.sum()))
    return pd.DataFrame(rows, pd.Index(list(models), name="n_regimes"))
