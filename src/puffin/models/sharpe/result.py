"""The posterior of a Sharpe ratio: its summary, and the draws behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from puffin.arrays import Array
from puffin.laws import LAWS, Law
from puffin.models.sharpe.verdict import verdict
from puffin.posterior import (
    Posterior,
    PriorSensitivity,
    highest_density_interval,
)
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plots import density_figure
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import decimal, interval, percent
from puffin.showing.numbers import probability as in_percent
from puffin.showing.pictures import Density
from puffin.showing.shown import Shown
from puffin.validation import finite_number, probability
from puffin.validation.risk_free_rate import period_risk_free_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SharpePosterior", "summarise_sharpe"]


class SharpePosterior(Shown, Plotted, dict[str, Any]):
    """The posterior of an annual Sharpe ratio: a dict of its summary, and the draws behind it.

    Keys: `mean`, `std`, `hdi_low`, `hdi_high`, `prob_positive`; `hdi_prob`, `sample_sharpe` (the
    usual point estimate), `periods_per_year`, `risk_free_rate`, `n_observations`, `flat` (the
    return of the periods without a position, None where there is none of those), `ess` (bulk),
    `r_hat`, `model`, `distribution` (the law), `method` (the sampler) and `engine`;
    `dependence_factor`, how many times as wide the posterior is as that of independent returns,
    `sample_weight`, from 0 to 1 where the law does not fit and mean and standard deviation go by
    the sample instead; `unit_doubt`, what the series looks like where it cannot be simple returns,
    or None; and `note`, which says all of this in words, or None. All are plain Python values, so
    that `json.dumps(sharpe)` and `pandas.DataFrame([sharpe])` take it; `ess` and `r_hat` are None
    where there are too few draws to tell.

    Attributes
    ----------
    posterior : Posterior
        Variables `mu` and `sd` (mean and standard deviation of a period's excess return, of active
        periods where there is `prob_active`), the law's shape (`asymmetry`, `nu_left` and
        `nu_right`; `nu`; or none), `sharpe`, and `rho` or `prob_active` where the model has them.
    name : str
    influence : ndarray of shape (n_observations,)
        What each observation does to the posterior mean of the Sharpe ratio; see `influence.py`.
    """

    posterior: Posterior
    name: str
    influence: Array

    def __init__(
        self, posterior: Posterior, name: str, summary: dict[str, Any], influence: Array
    ) -> None:
        super().__init__(summary)
        self.posterior = posterior
        self.name = name
        self.influence = influence

    def __reduce__(self) -> tuple[Any, ...]:
        return (SharpePosterior, (self.posterior, self.name, dict(self), self.influence))

    def copy(self) -> SharpePosterior:
        """Return a copy of the summary on the same draws."""
        return SharpePosterior(self.posterior, self.name, dict(self), self.influence)

    def _card(self) -> Card:
        low, high, level = self["hdi_low"], self["hdi_high"], percent(self["hdi_prob"], 0)
        known = (decimal(self["mean"]), interval(low, high), in_percent(self["prob_positive"]))
        return Card(
            "SharpePosterior",
            [verdict(self.name, self), *self._notes()],
            draws_doubts(self["ess"], self["r_hat"]),
            Table(
                ("annual Sharpe ratio", "mean", f"{level} interval", "P(>0)"),
                [
                    (f"posterior, {self['n_observations']} returns", *known),
                    ("mean over sd of the sample", decimal(self["sample_sharpe"]), "", ""),
                ],
            ),
            Density(self.draws, low, high, f"Density of the annual Sharpe ratio of {self.name}"),
        )

    def _notes(self) -> list[str]:
        """Return the note, if there is one and the verdict does not say it."""
        return [self["note"]] if self["note"] and not self.get("unit_doubt") else []

    @property
    def diagnostics(self) -> dict[str, float]:
        """ess_bulk and r_hat, as `diagnose` gives them: 0 and infinity where they are undefined."""
        return {"ess_bulk": self["ess"] or 0.0, "r_hat": self["r_hat"] or float("inf")}

    @property
    def law(self) -> Law:
        """The law of an active period's error."""
        return LAWS[self["distribution"]]

    @property
    def flat_excess(self) -> float:
        """The excess return of a period without a position; 0 where there is none of those."""
        if self["flat"] is None:
            return 0.0
        rate = period_risk_free_rate(self["risk_free_rate"], self["periods_per_year"])
        return float(self["flat"] - rate)

    def predict(
        self, stream: np.random.Generator, moments: Mapping[str, Array] | None = None
    ) -> Array:
        """Draw the next period's excess return given each posterior draw, in their shape.

        Of all periods, those without a position included; independent of the returns so far.

        Parameters
        ----------
        stream : Generator
        moments : mapping of str to ndarray of shape (n_chains, n_draws), optional
            Draws of `mu`, `sd` and `prob_active` to take the place of the own ones: those of a
            comparison, say.
        """
        variables = {**self.posterior.variables, **(moments or {})}
        errors = self.law.draw(stream, variables["mu"].shape, variables)
        returns = variables["mu"] + variables["sd"] * errors
        if "prob_active" in variables:
            active = stream.random(returns.shape) < variables["prob_active"]
            returns = np.where(active, returns, self.flat_excess)
        return np.asarray(returns)

    @property
    def draws(self) -> Array:
        """Draws of the annual Sharpe ratio, all chains in a row: shape (n_chains * n_draws,)."""
        return self.posterior.flat("sharpe")

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    def prob_greater(self, threshold: float) -> float:
        """Return the probability that the Sharpe ratio is greater than `threshold`."""
        return float(np.mean(self.draws > finite_number("threshold", threshold)))

    def prior_sensitivity(self) -> PriorSensitivity:
        """Return how much the Sharpe ratio leans on the prior, by power scaling, without a refit.

        The prior is that of all parameters together. Widened draws are those of a likelihood that
        counts for less; the prior is raised to a power all the same.
        """
        return self.posterior.power_scaling.sensitivity(self.draws)

    def years_until(self, threshold: float = 0.0, *, prob: float = 0.95) -> float:
        r"""Return how many more years it takes until P(Sharpe ratio > `threshold`) is `prob`.

        After so many more years it is as likely as not that the probability has passed `prob`.
        With m and s the posterior mean and standard deviation after Y years, all that is known
        coming from returns, the variance after y more is :math:`s^2 Y / (Y + y)`, and the mean to
        come is expected at m, as often above as below. So

        .. math::

            y = Y \left[ \left( \frac{\Phi^{-1}(prob) \, s}{m - x} \right)^2 - 1 \right]

        It is 0 where P(Sharpe ratio > x) is `prob` already, and infinite where m is not above x:
        more returns are then more likely to say no. `minimum_track_record_length` is the
        frequentist counterpart, in periods from the first.

        Parameters
        ----------
        threshold : float, default 0
            Annual Sharpe ratio x.
        prob : float, default 0.95
            Above a half.
        """
        prob = probability("prob", prob)
        if prob <= 0.5:
            raise ValueError(f"prob must be above 0.5; found {prob:g}.")
        if self.prob_greater(threshold) >= prob:
            return 0.0
        above = self["mean"] - threshold
        if above <= 0.0:
            return float("inf")
        years = self["n_observations"] / self["periods_per_year"]
        return float(years * max((ndtri(prob) * self["std"] / above) ** 2 - 1.0, 0.0))

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw the density, its interval, and the point estimate."""
        return density_figure(
            {f"Annual Sharpe ratio of {self.name}": self.draws},
            self["hdi_prob"],
            marks={"sample Sharpe": self["sample_sharpe"], "zero": 0.0},
            ax=ax,
        )


def summarise_sharpe(draws: Array, hdi_prob: float) -> dict[str, float]:
    """Return the summary that the contract names, of draws of any shape."""
    flat = draws.ravel()
    low, high = highest_density_interval(flat, hdi_prob)
    return {
        "mean": float(flat.mean()),
        "std": float(flat.std(ddof=1)) if flat.size > 1 else 0.0,
        "hdi_low": float(low),
        "hdi_high": float(high),
        "prob_positive": float(np.mean(flat > 0.0)),
    }
