"""Value at risk and expected shortfall of the periods to come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from puffin.posterior import Predictive, PredictiveModel, predictive_return
from puffin.posterior.plotted import Plotted
from puffin.risk.card import tail_card
from puffin.risk.fractions import check_fractions
from puffin.risk.tail_plot import tail_figure
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import choice, tail_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LEVELS", "TailRisk", "tail_risk"]

LEVELS = (0.01, 0.05)
LOSSES = ("return", "wealth")


@dataclass(frozen=True, repr=False)
class TailRisk(Shown, Plotted):
    """Value at risk and expected shortfall: losses are positive numbers.

    Attributes
    ----------
    horizon : int
        Periods ahead.
    loss : str
        "return": the return with its sign turned, in its own unit. "wealth": the fraction of what
        was invested that is lost.
    table : DataFrame
        A row for each level. Columns `value_at_risk` and `expected_shortfall`, each with its Monte
        Carlo standard error (`value_at_risk_error`, ...); without those of the expected shortfall
        where that does not exist.
    doubts : tuple of str
        Reasons not to rely on the model's fit.
    """

    horizon: int
    loss: str
    table: pd.DataFrame
    doubts: tuple[str, ...] = ()

    def _card(self) -> Card:
        return tail_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw value at risk and expected shortfall of each level, with Monte Carlo errors."""
        ahead = "next period" if self.horizon == 1 else f"next {self.horizon} periods"
        return tail_figure(self.table, f"Losses of the {ahead}", ax)

    @property
    def value_at_risk(self) -> pd.Series[float]:
        """The loss that is exceeded with the probability of the level."""
        return self.table["value_at_risk"]

    @property
    def expected_shortfall(self) -> pd.Series[float] | None:
        """The expected loss where that loss is exceeded; None where it does not exist."""
        return self.table.get("expected_shortfall")


def tail_risk(
    model: PredictiveModel,
    levels: Sequence[float] = LEVELS,
    horizon: int = 1,
    loss: str = "return",
) -> TailRisk:
    r"""Return value at risk and expected shortfall from the posterior predictive distribution.

    With F the distribution function of the return over the horizon, averaged over all draws of the
    parameters and of volatility, and p the level,

    .. math::

        \mathrm{VaR}_p = -F^{-1}(p), \qquad
        \mathrm{ES}_p = \mathrm{VaR}_p + \tfrac{1}{p} E[(-\mathrm{VaR}_p - Y)^+]

    the expectation in closed form given each draw. The returns over several periods are their sum,
    as it is of log returns. For a model of simple returns ``horizon=1`` and ``loss="return"`` are
    right as they are; for more, fit it to log returns.

    The expected shortfall of the return itself needs an expected volatility. With sigma ~
    HalfNormal(s) that exists for :math:`h s^2 \le 4` periods h ahead, four by default: further, the
    prior's tail of sigma makes it infinite, however little of the posterior is there, and it is not
    reported. What is lost of wealth is at most all of it, and its expectation always exists.

    Parameters
    ----------
    model : PredictiveModel
        Fitted, of any kind; one with regressors `given` their values then.
    levels : sequence of float, default (0.01, 0.05)
        Probabilities of the tail, below one half: 0.01 for the loss that one period in a hundred
        exceeds.
    horizon : int, default 1
        Periods ahead.
    loss : {"return", "wealth"}
        Minus the return, in the unit of the returns fitted; or 1 - exp(return), for log returns
        that are fractions.

    Returns
    -------
    TailRisk
        With Monte Carlo standard errors: what another seed would change.

    Raises
    ------
    ValueError, TypeError, NotFittedError
        Also if wealth is asked for and the returns can only be percent or basis points; a warning
        if they may be.

    References
    ----------
    Rockafellar & Uryasev (2000), "Optimization of conditional value-at-risk", Journal of Risk 2.

    Examples
    --------
    >>> import numpy as np
    >>> import puffin as pf
    >>> returns = np.log(pf.datasets.load_sp500()).diff().dropna()
    >>> model = pf.StochasticVolatilityModel("student", leverage=True)
    >>> risk = pf.risk.tail_risk(model.fit(returns[-1000:], random_seed=1))
    >>> print(risk.table["value_at_risk"].round(3).to_dict())
    {0.01: 0.038, 0.05: 0.023}
    """
    choice("loss", loss, LOSSES)
    levels = tail_levels("levels", levels)
    if loss == "wealth":
        check_fractions(predictive_return(model))
    predictive = predictive_return(model, horizon)
    exists = loss == "wealth" or predictive.mean_exists
    rows = [_row(predictive, level, loss, exists) for level in levels]
    table = pd.DataFrame(rows, pd.Index(levels, name="level"))
    return TailRisk(int(horizon), loss, table, predictive.doubts)


def _row(predictive: Predictive, level: float, loss: str, exists: bool) -> dict[str, float]:
    y = float(predictive.quantile(level))
    wealth = loss == "wealth"
    value_at_risk = -math.expm1(y) if wealth else -y
    # The quantile's error is that of the distribution function, over the density there.
    error = predictive.error(predictive.conditional_cdf(y)) / math.exp(predictive.log_density(y))
    row = {
        "value_at_risk": value_at_risk,
        "value_at_risk_error": error * (math.exp(y) if wealth else 1.0),
    }
    if not exists:
        return row
    if wealth:
        beyond = predictive.conditional_wealth_shortfall(y)
    else:
        beyond = predictive.conditional_shortfall(y)
    row["expected_shortfall"] = value_at_risk + float(predictive.average(beyond)) / level
    # By the envelope theorem an error of the quantile does not matter to first order.
    row["expected_shortfall_error"] = predictive.error(beyond) / level
    return row
