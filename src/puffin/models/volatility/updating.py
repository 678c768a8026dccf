r"""One more return: the draws of the last fit, reweighted.

Each draw holds the log-variance of the next period, :math:`h_{T+1}`, drawn given the rest of it.
When the return of that period is known, the draw's weight in the new posterior is

.. math:: p(y_{T+1} \mid h_{T+1}, \theta)

times the ratio of the new prior of :math:`\theta` to the old where the returns themselves are its
unit (IBIS; Chopin 2002, "A sequential particle filter method for static models", Biometrika 89).
Where the period has measures of its log-variance, :math:`h_{T+1}` is drawn again, given these as
well, and the weight is multiplied by their density given :math:`h_T`, so that weights stay even
however exact measures are. What regressors explain of the period's return is taken off it first.

Weights multiply from return to return and become uneven. The posterior shows draws resampled by
weight (`draws`), always from the fit's own: resampling what was resampled before would lose more of
them. When too few effective draws are left, the model is fitted again.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.measures import draw_measured_state
from puffin.inference.next_state import draw_next_state, next_state_moments
from puffin.inference.regressors import Design, Explained
from puffin.models.volatility.draws import VolatilityDraws, efficiency
from puffin.models.volatility.next_return import log_density
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.ties import dither_ties
from puffin.models.volatility.unit import Unit
from puffin.validation import LogMeasures

__all__ = ["add_returns"]

_LEAST_EFFICIENCY = 0.6
_FEWEST_DRAWS = 100
_FARTHEST = 300.0


def add_returns(
    draws: VolatilityDraws,
    before: Array,
    values: Array,
    measures: LogMeasures,
    design: Design,
    priors: VolatilityPriors,
    seed: int,
) -> VolatilityDraws | None:
    """Return draws given more returns, or None where there would be too few effective ones.

    Parameters
    ----------
    before : ndarray of shape (n_before,)
        Returns that the draws are given, as the sampler took them.
    values : ndarray of shape (n_times,)
        These, as they are, and those that came since.
    measures, design
        Measures and regressors at the times of the latter.
    """
    observed = dither_ties(values, draws.step)
    same = np.array_equal(observed[: before.size], before, equal_nan=True)
    if not (_can_be_weighed(draws) and same):
        return None
    for n_times in range(before.size + 1, observed.size + 1):
        until = LogMeasures(measures.names, measures.values[:n_times])
        design_until = design.at(slice(n_times))
        longer = _add_return(draws, observed[:n_times], until, design_until, priors, seed)
        if longer is None:
            return None
        draws = longer
    return draws


def _can_be_weighed(draws: VolatilityDraws) -> bool:
    """Whether they are the native sampler's, and enough in each chain: few would be biased."""
    return draws.start is not None and draws.states.shape[1] >= _FEWEST_DRAWS


def _add_return(
    draws: VolatilityDraws,
    observed: Array,
    measures: LogMeasures,
    design: Design,
    priors: VolatilityPriors,
    seed: int,
) -> VolatilityDraws | None:
    value = float(observed[-1])
    explained = draws.coefficients.explained_at(-1, design, draws.variables)
    unit = Unit.of(observed, priors, measures, draws.unit.spreads)
    [stream] = streams(seed, 1, purpose=Purpose.NEW_RETURN, part=observed.size)
    # Numbers that overflow have no efficiency: NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(measures.values[-1]).any():
            before = draws.coefficients.explained_at(-2, design, draws.variables)
            draws = _given_measures(
                draws, float(observed[-2]), measures.values[-1], (before, explained), stream
            )
        log_weights = _log_weights(draws, value, explained, unit, priors)
        if not efficiency(log_weights) > _LEAST_EFFICIENCY:
            return None
    last = draws.variables["h_next"]
    variables = {**draws.variables, "h_last": last}
    # With leverage, a draw that the return rules out (its weight is zero) may go anywhere.
    following = draw_next_state(last, variables, draws.law, value, stream, explained=explained)
    mu = variables["mu"]
    variables["h_next"] = np.clip(following, mu - _FARTHEST, mu + _FARTHEST)
    return dataclasses.replace(
        draws,
        variables=variables,
        states=draws.states.extend((last + explained.log_variance)[:, :: draws.thin]),
        unit=unit,
        log_weights=log_weights,
    )


def _given_measures(
    draws: VolatilityDraws,
    returned: float,
    log_measures: Array,
    explained: tuple[Explained, Explained],
    stream: np.random.Generator,
) -> VolatilityDraws:
    """Return draws whose `h_next` is given its measures too, weighted by the density of these.

    Parameters
    ----------
    returned : float
        The return before.
    log_measures : ndarray of shape (n_measures,)
    explained : tuple of Explained
        What regressors explain in the period of the return, and in that of the measures.
    """
    variables, (before, now) = draws.variables, explained
    mean, sd = next_state_moments(
        variables["h_last"], variables, draws.law, returned, stream, explained=before
    )
    h, log_density_of_measures = draw_measured_state(
        (mean + now.log_variance, sd), log_measures, draws.measures, variables, stream
    )
    return dataclasses.replace(
        draws,
        variables={**variables, "h_next": h - now.log_variance},
        log_weights=_known_weights(draws) + log_density_of_measures,
    )


def _known_weights(draws: VolatilityDraws) -> Array:
    mu = draws.variables["mu"]
    return np.zeros(mu.shape) if draws.log_weights is None else draws.log_weights


def _log_weights(
    draws: VolatilityDraws,
    value: float,
    explained: Explained,
    unit: Unit,
    priors: VolatilityPriors,
) -> Array:
    """Return the log weights of the draws given one more return and the unit of all."""
    variables, known = draws.variables, _known_weights(draws)
    if not np.isnan(value):
        known = known + log_density(value, variables, draws.law, explained)
    if unit == draws.unit:
        return known
    return known + unit.log_prior(variables, priors) - draws.unit.log_prior(variables, priors)
