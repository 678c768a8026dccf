r"""From a period's numbers to a year's.

The Sharpe ratio of a year is :math:`\sqrt{q}` times that of a period where returns are independent,
q being the periods in a year. Where they follow an AR(1) with coefficient rho it is

.. math::

    \sqrt{q} \left[ 1 + \frac{2 \rho}{1 - \rho} \left( 1 - \frac{1 - \rho^q}{q (1 - \rho)} \right)
    \right]^{-1/2}

times it (Lo 2002, "The statistics of Sharpe ratios", Financial Analysts Journal 58).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.models.sharpe.hurdle import hurdle_sharpe

__all__ = ["AnnualRatio", "autocorrelated_annualisation"]


@dataclass(frozen=True)
class AnnualRatio:
    """The annual Sharpe ratio of a model's variables.

    Attributes
    ----------
    periods : float
        In a year.
    flat : float
        The excess return of a period without a position, where the model has those.
    """

    periods: float
    flat: float

    def __call__(self, variables: Mapping[str, Array]) -> Array:
        """Return it, of `mu` and `sd`, and of `rho` or `prob_active` where they are there."""
        mu, sd = variables["mu"], variables["sd"]
        if "rho" in variables:
            return autocorrelated_annualisation(variables["rho"], self.periods) * mu / sd
        if "prob_active" in variables:
            ratio = hurdle_sharpe(variables["prob_active"], mu, sd, self.flat)
            return np.asarray(np.sqrt(self.periods) * ratio)
        return np.asarray(np.sqrt(self.periods) * mu / sd)


def autocorrelated_annualisation(rho: Array, periods_per_year: float) -> Array:
    """Return Lo's factor; q is rounded to whole periods inside the brackets."""
    q = max(1.0, round(periods_per_year))
    inner = 1.0 + 2.0 * rho / (1.0 - rho) * (1.0 - (1.0 - rho**q) / (q * (1.0 - rho)))
    return np.asarray(np.sqrt(periods_per_year / np.maximum(inner, 1e-12)))
