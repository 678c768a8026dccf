"""One day ahead on the S&P 500: stochastic volatility against GJR-GARCH-t, refitted every day.

Prints Markdown: python -m benchmarks.forecasting
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.data import index_log_returns

if TYPE_CHECKING:
    from puffin.risk import RollingForecast

START = "2008-01-01"
LEVELS = (0.01, 0.05)
TARGET, CAP, BAND, COST_BPS = 0.10, 2.0, 0.10, 1.0
REFIT_EVERY, SAMPLES, SEED = 252, 1000, 1
GARCH, PUFFIN = "GJR-GARCH-t (arch)", "SV-t with leverage (Puffin)"


@dataclass(frozen=True)
class Run:
    """The forecasts of one model, and how long they took: by the clock, and of the processors."""

    forecast: RollingForecast
    seconds: float
    processor_seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting", description=__doc__)
    parser.add_argument("--days", type=int, help="only so many days from the first one on")
    parser.add_argument("--keep", metavar="FILE", help="write both forecasts, day by day, as CSV")
    options = parser.parse_args()
    returns = 100.0 * index_log_returns(5_030)
    if options.days is not None:
        returns = returns.iloc[: returns.index.searchsorted(pd.Timestamp(START)) + options.days]
    runs = {GARCH: timed(garch, returns), PUFFIN: timed(stochastic_volatility, returns)}
    if options.keep is not None:
        wide = {name: wide_table(run.forecast) for name, run in runs.items()}
        pd.concat(wide, axis=1).to_csv(options.keep)
    print("\n".join(report(runs)))


def timed(forecaster: Any, returns: pd.Series[float]) -> Run:
    begun, used = time.perf_counter(), time.process_time()
    forecast = forecaster(returns)
    return Run(forecast, time.perf_counter() - begun, time.process_time() - used)


def stochastic_volatility(returns: pd.Series[float]) -> RollingForecast:
    """The posterior given all returns before each day: updated daily, fitted anew once a year."""
    from puffin.risk import rolling_forecast

    return rolling_forecast(
        returns, start=START, refit_every=REFIT_EVERY, levels=LEVELS, samples=SAMPLES,
        random_seed=SEED, progressbar=True,
    )  # fmt: skip


def garch(returns: pd.Series[float]) -> RollingForecast:
    """Maximum likelihood given all returns before each day, from where the day before was."""
    from arch import arch_model

    from puffin.progress import progress_bar
    from puffin.risk import RollingForecast

    first, start, rows = int(returns.index.searchsorted(pd.Timestamp(START))), None, []
    with progress_bar("GJR-GARCH-t", len(returns) - first, True) as advance:
        for t in range(first, len(returns)):
            model = arch_model(returns.iloc[:t], o=1, dist="t", rescale=False)
            fit = model.fit(disp="off", show_warning=False, starting_values=start)
            if fit.convergence_flag != 0:
                fit = model.fit(disp="off", show_warning=False)
            start = fit.params.to_numpy()
            rows.append(garch_row(fit, float(returns.iloc[t])))
            advance(1)
    table = pd.DataFrame(rows, returns.index[first:])
    columns: Any = pd.Index(LEVELS, name="level")
    return RollingForecast(
        table.drop(columns=["at_risk", "shortfall"]),
        pd.DataFrame(table["at_risk"].to_list(), table.index, columns),
        pd.DataFrame(table["shortfall"].to_list(), table.index, columns),
    )


def garch_row(fit: Any, returned: float) -> dict[str, Any]:
    """A day's forecast: one Student-t distribution."""
    from puffin.laws import StudentT
    from puffin.risk import PredictiveReturn

    variance = float(fit.forecast(horizon=1, reindex=False).variance.iloc[-1, 0])
    sd = np.sqrt(variance)
    mean, spread, nu = (
        np.full((1, 1), value) for value in (fit.params["mu"], sd, fit.params["nu"])
    )
    predictive = PredictiveReturn(mean, spread, StudentT(), {"nu": nu})
    quantiles = [predictive.quantile(level) for level in LEVELS]
    return {
        "returned": returned,
        "volatility": sd,
        "return_sd": sd,
        "log_density": predictive.log_density(returned),
        "pit": predictive.cdf(returned),
        "fitted": True,
        "doubt": "" if fit.convergence_flag == 0 else "not converged",
        "at_risk": [-y for y in quantiles],
        "shortfall": [
            -y + float(predictive.conditional_shortfall(y).mean()) / level
            for y, level in zip(quantiles, LEVELS, strict=True)
        ],
    }


def wide_table(forecast: RollingForecast) -> pd.DataFrame:
    at_risk = forecast.value_at_risk.add_prefix("value_at_risk_")
    shortfall = forecast.expected_shortfall.add_prefix("expected_shortfall_")
    return forecast.table.join([at_risk, shortfall])


def report(runs: dict[str, Run]) -> Iterator[str]:
    forecasts = {name: run.forecast for name, run in runs.items()}
    days = forecasts[PUFFIN].table.index
    yield f"{len(days):,} days, {days[0].date()} to {days[-1].date()}."
    yield ""
    yield f"Load at the end {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores."
    yield ""
    yield "| model | seconds | of processors | a day | days with doubts |"
    yield "| --- | --- | --- | --- | --- |"
    for name, run in runs.items():
        doubts = int((run.forecast.table["doubt"] != "").sum())
        milliseconds = 1000.0 * run.seconds / len(days)
        yield (
            f"| {name} | {run.seconds:.0f} | {run.processor_seconds:.0f} | {milliseconds:.0f} ms | "
            f"{doubts} |"
        )
    yield ""
    yield from scores(forecasts)
    yield ""
    yield from coverage(forecasts)
    yield ""
    yield from targets(forecasts)


def scores(forecasts: dict[str, RollingForecast]) -> Iterator[str]:
    """Log scores in nats a day, of returns in percent, and their difference."""
    from puffin.risk import diebold_mariano_test

    own, rival = forecasts[PUFFIN].log_density, forecasts[GARCH].log_density
    yield f"| period | {GARCH} | {PUFFIN} | difference | HAC s.e. | p |"
    yield "| --- | --- | --- | --- | --- | --- |"
    periods: dict[Any, Any] = {"all": slice(None)}
    periods |= {year: own.index.year == year for year in sorted(set(own.index.year))}
    for period, rows in periods.items():
        difference = diebold_mariano_test(own[rows], rival[rows])
        yield (
            f"| {period} | {rival[rows].mean():.4f} | {own[rows].mean():.4f} | "
            f"{difference.mean:+.4f} | {difference.error:.4f} | {difference.p_value:.3f} |"
        )


def coverage(forecasts: dict[str, RollingForecast]) -> Iterator[str]:
    """Violations, and p-values of the tests."""
    tests = {name: forecast.tests()["p_value"] for name, forecast in forecasts.items()}
    names = list(tests[PUFFIN].loc[LEVELS[0]].index)
    yield f"| level | model | violations | expected | {' | '.join(names)} |"
    yield f"| --- | --- | --- | --- |{' --- |' * len(names)}"
    for level in LEVELS:
        for name, forecast in forecasts.items():
            hits = forecast.violations(level)
            values = " | ".join(f"{tests[name][level, test]:.3f}" for test in names)
            yield (
                f"| {level:.0%} | {name} | {hits.sum()} ({hits.mean():.2%}) | "
                f"{level * len(hits):.1f} | {values} |"
            )


def targets(forecasts: dict[str, RollingForecast]) -> Iterator[str]:
    """What targeting volatility with each would have earned, after costs."""
    import puffin as pf

    prices = pf.datasets.load_sp500().to_frame("SP500")
    days = forecasts[PUFFIN].table.index
    held = prices.loc[: days[-1]].iloc[prices.index.get_loc(days[0]) - 1 :]
    runs, always = {}, pd.DataFrame(1.0, held.index[:1], ["SP500"])
    for name, forecast in forecasts.items():
        weights = pf.risk.volatility_target_weights(
            forecast.table["return_sd"] / 100.0, TARGET, max_leverage=CAP, band=BAND
        )
        # A day's weight is decided at the close before it; a backtest trades one close later.
        decided = weights.set_axis(held.index[: len(weights)]).to_frame("SP500")
        runs[name] = pf.backtest.run(decided, held, name=name, commission_bps=COST_BPS)
    runs["S&P 500, held"] = pf.backtest.run(always, held, name="held", commission_bps=COST_BPS)
    yield "| strategy | volatility | turnover a year | sample Sharpe | posterior | 94% interval |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, result in runs.items():
        sharpe, years = result.sharpe(random_seed=SEED), len(result.returns) / 252.0
        yield (
            f"| {name} | {result.returns.std() * 252**0.5:.2%} | "
            f"{result.turnover.sum() / years:.1f} | {sharpe['sample_sharpe']:.3f} | "
            f"{sharpe['mean']:.2f} | {sharpe['hdi_low']:.2f} to {sharpe['hdi_high']:.2f} |"
        )
    own, rival = (runs[name].returns / runs[name].returns.std() for name in (PUFFIN, GARCH))
    difference = pf.bayesian_sharpe(own - rival, random_seed=SEED)
    yield ""
    yield (
        f"Difference of the two at equal volatility: P(mean above zero) = "
        f"{difference['prob_positive']:.2f} in favour of {PUFFIN}."
    )


if __name__ == "__main__":
    main()
