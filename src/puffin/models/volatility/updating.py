r"""A return more: the draws of the last fit, taken by weight.

Each draw has the log-variance of the next period, :math:`h_{T+1}`, drawn given the rest of it.
When the return of that period is known, the draw's weight in the new posterior is

.. math:: p(y_{T+1} \mid h_{T+1}, \theta)

times the ratio of the new prior of :math:`\theta` to the old where the returns themselves are its
unit (IBIS; Chopin 2002, "A sequential particle filter method for static models", Biometrika 89).
Weights multiply from return to return and grow uneven; draws are taken by them for whoever looks
at the posterior (`draws`), always from those that were made, which costs less of them than taking
some of those taken before. Where too few are left, effectively, it is time for new ones.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.next_state import draw_next_state
from puffin.models.volatility.draws import VolatilityDraws, efficiency
from puffin.models.volatility.next_return import log_density
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.ties import dither_ties
from puffin.models.volatility.unit import Unit

__all__ = ["add_returns"]

_LEAST_EFFICIENCY = 0.6
_FEWEST_DRAWS = 100
_FARTHEST = 300.0


def add_returns(
    draws: VolatilityDraws, before: Array, values: Array, priors: VolatilityPriors, seed: int
) -> VolatilityDraws | None:
    """Return draws given more returns, or None where there would be too few effective ones.

    Parameters
    ----------
    before : ndarray of shape (n_before,)
        Returns that the draws are given, as the sampler took them.
    values : ndarray of shape (n_times,)
        These, as they are, and those that came since.
    """
    observed = dither_ties(values, draws.step)
    same = np.array_equal(observed[: before.size], before, equal_nan=True)
    if not (_can_be_weighed(draws) and same):
        return None
    for n_times in range(before.size + 1, observed.size + 1):
        longer = _add_return(draws, observed[:n_times], priors, seed)
        if longer is None:
            return None
        draws = longer
    return draws


def _can_be_weighed(draws: VolatilityDraws) -> bool:
    """Whether they are the native sampler's, and enough in each chain: few would be biased."""
    return draws.start is not None and draws.states.shape[1] >= _FEWEST_DRAWS


def _add_return(
    draws: VolatilityDraws, observed: Array, priors: VolatilityPriors, seed: int
) -> VolatilityDraws | None:
    value, unit = float(observed[-1]), Unit.of(observed, priors)
    # Numbers that overflow have no efficiency: NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        log_weights = _log_weights(draws, value, unit, priors)
        if not efficiency(log_weights) > _LEAST_EFFICIENCY:
            return None
    [stream] = streams(seed, 1, purpose=Purpose.NEW_RETURN, part=observed.size)
    last = draws.variables["h_next"]
    variables = {**draws.variables, "h_last": last}
    # With leverage, a draw that the return rules out (its weight is zero) may go anywhere.
    following = draw_next_state(last, variables, draws.law, value, stream)
    mu = variables["mu"]
    variables["h_next"] = np.clip(following, mu - _FARTHEST, mu + _FARTHEST)
    return dataclasses.replace(
        draws,
        variables=variables,
        states=draws.states.extend(last[:, :: draws.thin]),
        unit=unit,
        log_weights=log_weights,
    )


def _log_weights(
    draws: VolatilityDraws, value: float, unit: Unit, priors: VolatilityPriors
) -> Array:
    """Return the log weights of the draws given one more return and the unit of all."""
    variables = draws.variables
    known = np.zeros(variables["mu"].shape) if draws.log_weights is None else draws.log_weights
    if np.isnan(value):
        return known
    density = known + log_density(value, variables, draws.law)
    if unit == draws.unit:
        return density
    return density + unit.log_prior(variables, priors) - draws.unit.log_prior(variables, priors)
