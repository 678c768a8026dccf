"""GARCH models by maximum likelihood (arch), as forecasters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.risk.period_forecast import YEAR, PeriodForecast

__all__ = ["Garch"]

_REFIT_EVERY = 5


@dataclass(frozen=True)
class Garch:
    """A GARCH model with a constant mean: all returns before each day filtered, every day.

    Its parameters are estimated from all returns before every fifth day, from where they were; once
    a year from arch's own starting values, so that a run can go on from there.

    Attributes
    ----------
    volatility : {"GARCH", "EGARCH"}
    asymmetries : int
        Terms by which losses count more than gains: 1 makes a GARCH model a GJR.
    errors : {"t", "skewt"}
    """

    volatility: str
    asymmetries: int
    errors: str

    def forecasts(
        self, returns: pd.Series[float], first: int, levels: tuple[float, ...]
    ) -> Iterator[PeriodForecast]:
        """Yield the forecasts of each day from position `first` on."""
        params: Any = None
        for t in range(first, len(returns)):
            model, doubt = self._model(returns.iloc[:t]), ""
            fresh, due = (t - first) % YEAR == 0, (t - first) % YEAR % _REFIT_EVERY == 0
            if due:
                params, doubt = _estimate(model, None if fresh else params)
            yield _forecast(model.fix(params), returns, t, levels, fresh, doubt)

    def _model(self, returns: pd.Series[float]) -> Any:
        from arch import arch_model

        kind: Any = self.volatility
        law: Any = self.errors
        return arch_model(returns, vol=kind, o=self.asymmetries, dist=law, rescale=False)


def _estimate(model: Any, start: Any) -> tuple[Any, str]:
    """Return parameters, from `start` or, where that does not converge, from arch's own."""
    fit = model.fit(disp="off", show_warning=False, starting_values=start)
    if fit.convergence_flag != 0 and start is not None:
        fit = model.fit(disp="off", show_warning=False)
    return fit.params.to_numpy(), "" if fit.convergence_flag == 0 else "not converged"


def _forecast(
    fixed: Any,
    returns: pd.Series[float],
    t: int,
    levels: tuple[float, ...],
    fitted: bool,
    doubt: str,
) -> PeriodForecast:
    law, returned = fixed.model.distribution, float(returns.iloc[t])
    variance = float(fixed.forecast(horizon=1, reindex=False).variance.iloc[-1, 0])
    mean, sd = float(fixed.params["mu"]), np.sqrt(variance)
    shape = fixed.params.to_numpy()[-law.num_params :]
    residual = np.array([returned - mean])
    log_density = law.loglikelihood(shape, residual, np.array([variance]), individual=True)
    quantiles = [float(law.ppf(level, shape)) for level in levels]
    return PeriodForecast(
        label=returns.index[t],
        returned=returned,
        volatility=sd,
        return_sd=sd,
        value_at_risk=tuple(-mean - sd * z for z in quantiles),
        expected_shortfall=tuple(
            -mean - sd * float(law.partial_moment(1, z, shape)) / level
            for z, level in zip(quantiles, levels, strict=True)
        ),
        log_density=float(log_density[0]),
        pit=float(law.cdf(residual / sd, shape)[0]),
        fitted=fitted,
        doubt=doubt,
    )
