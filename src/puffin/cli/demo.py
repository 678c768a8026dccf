"""`puffin demo`: the report on data that ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.options import sampling_option
from puffin.cli.report import Out, write_and_show

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["demo"]

_STOCKS = ("AAPL", "GE", "JPM", "KO", "UNH", "XOM")
_PAIR = ("KO", "PEP")
_YEARS = 10
_BENCHMARK = "Equal weight"
_NOTE = (
    "Six US large caps, and as a benchmark all twenty of the data set in equal weights, "
    "rebalanced daily at no cost. The twenty were chosen because they were still large in 2022, "
    "which flatters every one of them."
)

Seed = Annotated[
    int, sampling_option("--seed", "Makes the output repeatable.", metavar="NUMBER", min=0)
]


@command
def demo(
    out: Out = Path("puffin-demo.html"),
    risk_free: options.RiskFree = 0.01,
    samples: options.Samples = 5000,
    volatility_samples: options.VolatilitySamples = 1500,
    seed: Seed = 1,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Report on data that ships: ten years of six US stocks, against an equal-weight portfolio.

    [b]Example[/b]

    puffin demo --out demo.html
    """
    from puffin import datasets
    from puffin.cli.reading import Columns
    from puffin.findings.pair import PairsToTrade
    from puffin.findings.settings import AnalysisSettings, PairSettings, VolatilitySettings
    from puffin.page import Source

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        samples=samples,
        seed=seed,
        cores=cores,
        volatility=VolatilitySettings(samples=volatility_samples),
    )
    prices = datasets.load_equities()
    returns = _last_years(prices.pct_change().iloc[1:])
    chosen = {name: returns[name] for name in _STOCKS}
    chosen[_BENCHMARK] = returns.mean(axis=1).rename(_BENCHMARK)
    pairs = PairsToTrade(_last_years(prices), (_PAIR,), PairSettings())
    source = Source("puffin.datasets.load_equities(), last ten years", _NOTE, from_prices=True)
    write_and_show(Columns(chosen, {}), settings, source, out, _BENCHMARK, pairs, json)


def _last_years(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(table.loc[table.index > table.index[-1] - pd.DateOffset(years=_YEARS)])
