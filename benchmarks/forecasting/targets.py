"""What targeting the volatility of the S&P 500 would have earned, by each model, after costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from puffin.risk import RollingForecast

__all__ = ["volatility_targets"]

_TARGET, _CAP, _BAND, _COST_BPS, _SEED = 0.10, 2.0, 0.10, 1.0, 1


def volatility_targets(forecasts: Mapping[str, RollingForecast]) -> Iterator[str]:
    """Yield a table: a row for each model, and one for the index held."""
    import puffin as pf

    prices = pf.datasets.load_sp500().to_frame("SP500")
    days = next(iter(forecasts.values())).table.index
    held = prices.loc[: days[-1]].iloc[prices.index.get_loc(days[0]) - 1 :]
    always = pd.DataFrame(1.0, held.index[:1], ["SP500"])
    runs = {}
    for name, forecast in forecasts.items():
        weights = pf.risk.volatility_target_weights(
            forecast.table["return_sd"] / 100.0, _TARGET, max_leverage=_CAP, band=_BAND
        )
        # A day's weight is decided at the close before it; a backtest trades one close later.
        decided = weights.set_axis(held.index[: len(weights)]).to_frame("SP500")
        runs[name] = pf.backtest.run(decided, held, name=name, commission_bps=_COST_BPS)
    runs["S&P 500, held"] = pf.backtest.run(always, held, name="held", commission_bps=_COST_BPS)
    yield "| strategy | volatility | turnover a year | sample Sharpe | posterior | 94% interval |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, result in runs.items():
        sharpe, years = result.sharpe(random_seed=_SEED), len(result.returns) / 252.0
        yield (
            f"| {name} | {result.returns.std() * 252**0.5:.2%} | "
            f"{result.turnover.sum() / years:.1f} | {sharpe['sample_sharpe']:.3f} | "
            f"{sharpe['mean']:.2f} | {sharpe['hdi_low']:.2f} to {sharpe['hdi_high']:.2f} |"
        )
