"""Which volatility model? Evidence, and forecasts through time, of several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.settings import sampling_settings
from puffin.models.volatility import AveragedVolatilityModel
from puffin.models.volatility.member import VolatilityModel
from puffin.posterior import PredictiveModel
from puffin.progress import progress_bar
from puffin.risk.model_comparison_result import AVERAGE, VolatilityComparison
from puffin.risk.period_forecast import YEAR, PeriodForecast, Plan, Step, plan
from puffin.risk.processes import rows_of
from puffin.risk.rolling import collected, warn_of_doubts
from puffin.risk.rolling_result import RollingForecast
from puffin.risk.tail_risk import LEVELS
from puffin.validation import as_returns, positive_integer

__all__ = ["compare_volatility_models"]

_FEWEST_HELD_OUT = 20
_SHARE_HELD_OUT = 4


def compare_volatility_models(
    returns: Any,
    models: Mapping[str, VolatilityModel] | Sequence[VolatilityModel] | None = None,
    *,
    held_out: int | None = None,
    refit_every: int | None = YEAR,
    levels: Sequence[float] = LEVELS,
    samples: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
    date: str | None = None,
) -> VolatilityComparison:
    r"""Compare volatility models of the same returns, and average them.

    Two questions, which need not have one answer:

    - *Which model is the most probable?* Each is fitted to all returns; its evidence
      :math:`p(y \mid M)` is the product of the densities that it gave each return before it came,
      from the first return on, when it knew nothing but its priors. Their ratios are Bayes factors,
      and with equal probabilities before there are returns,
      :math:`P(M \mid y) = p(y \mid M) / \sum_j p(y \mid M_j)`. Equal ones, because whoever
      compares the models has no better reason for one than for another; to favour one by prior
      odds of 3 adds 1.1 to its log evidence. The evidence does depend on the priors of the
      parameters: of one that only some models have, a prior twice as wide costs these up to 0.7.
    - *Which one forecasts best by now?* The last `held_out` returns are forecast one by one, each
      from those before it (`rolling_forecast`), and the forecasts are scored by their log density
      and tested as values at risk. Differences of mean scores have the standard error of Newey &
      West, for their autocorrelation. This asks less of the priors, and sees fewer returns.

    Nobody has to choose: `averaged` is all of them, each weighed by its probability, and it is
    scored like the others, in the row "average", with the weights that it had at the time.

    Parameters
    ----------
    returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
        In any unit; log returns are usual. One series for all: evidences of different returns, or
        of some of them, do not compare.
    models : mapping of str to model, or sequence of models, optional
        Not fitted, themselves left alone; a sequence has names by their `label`. By default every
        law of errors, without and with leverage. Regressors, and the same measures for all, they
        are `given`.
    held_out : int, optional
        How many of the last returns are forecast one by one; by default a quarter, at most a year
        of 252. None are with 0, which takes a fraction of the time, or where that were below 20.
    refit_every : int or None, default 252
        Periods from fit to fit in those forecasts; None fits once.
    levels : sequence of float, default (0.01, 0.05)
        Probabilities of the tails.
    samples : int, default 1000
        Draws of each chain. The evidence's error falls with the square root of their number.
    tune, chains, cores
        As in `StochasticVolatilityModel.fit`.
    random_seed : int, SeedSequence or Generator, optional
        The same for each model, so that their order and their company change nothing.
    progressbar : bool, default False
    date : str, optional
        The column of dates, in a polars frame.

    Returns
    -------
    VolatilityComparison

    Warns
    -----
    FallbackWarning
        If sampling failed for a model, which has no evidence then.
    ConvergenceWarning
        If the sampler had doubts.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, two models have one name, or none has an evidence.

    References
    ----------
    Kass & Raftery (1995), "Bayes factors", JASA 90; Geweke & Amisano (2010), "Comparing and
    evaluating Bayesian predictive distributions of asset returns", International Journal of
    Forecasting 26.

    Examples
    --------
    >>> import numpy as np
    >>> import puffin as pf
    >>> returns = np.log(pf.datasets.load_sp500()).diff().dropna()
    >>> comparison = pf.compare_volatility_models(returns[-500:], held_out=0, random_seed=1)
    >>> comparison.table  # doctest: +SKIP
    >>> pf.risk.tail_risk(comparison.averaged)  # doctest: +SKIP
    """
    settings = sampling_settings(
        samples=samples, tune=tune, chains=chains, cores=cores,
        random_seed=fixed_seed(random_seed), progressbar=False,
    )  # fmt: skip
    average = AveragedVolatilityModel(models)
    if AVERAGE in average.models:
        raise ValueError(f"models has {AVERAGE!r}, which is the name of their average; rename it.")
    n_times, forecasts = as_returns(returns, date=date).values.size, {}
    count = _held_out(held_out, n_times)
    if count:
        work = plan(
            returns, average, start=n_times - count, refit_every=refit_every, levels=levels,
            settings=settings, date=date,
        )  # fmt: skip
        forecasts = _forecasts(work, settings.cores, progressbar)
        warn_of_doubts(forecasts[AVERAGE])
    average.fit(
        returns, samples, tune, chains=chains, cores=cores, random_seed=settings.seed, date=date
    )
    return VolatilityComparison(average, forecasts)


def _held_out(asked: int | None, n_times: int) -> int:
    if asked is None:
        usual = min(n_times // _SHARE_HELD_OUT, YEAR)
        return usual if usual >= _FEWEST_HELD_OUT else 0
    count = positive_integer("held_out", asked, minimum=0)
    if 0 < count < _FEWEST_HELD_OUT:
        raise ValueError(
            f"held_out must be 0 or at least {_FEWEST_HELD_OUT}, from where scores and tests say "
            f"anything; found {count}."
        )
    return count


def _forecasts(work: Plan, cores: int | None, progressbar: bool) -> dict[str, RollingForecast]:
    """Return what the average, and each of its models as it was then, forecast for each period."""
    rows: dict[str, list[PeriodForecast]] = {}
    with progress_bar("Forecasting", work.count, progressbar) as advance:
        for of_each in rows_of(work, _of_each_model, cores):
            for name, forecast in of_each.items():
                rows.setdefault(name, []).append(forecast)
            advance(1)
    return {name: collected(forecasts, work) for name, forecasts in rows.items()}


def _of_each_model(work: Plan, step: Step) -> dict[str, PeriodForecast]:
    average = cast(AveragedVolatilityModel, step.model)
    forecasters: dict[str, PredictiveModel] = {**average.models, AVERAGE: average}
    return {name: work.forecast(step, model) for name, model in forecasters.items()}
