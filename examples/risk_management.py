"""Workflow 3: volatility, value at risk and position size, day by day.

    python examples/risk_management.py [figure.png]

The last months of the S&P 500 in 2018, as they were lived: a model of the years before, brought up
to date each day with that day's return.
"""

from __future__ import annotations

import sys

import numpy as np

import puffin as pf

TARGET = 0.10
FIRST_DAY = "2018-09-17"


def main(figure: str = "risk_management.png") -> str:
    """Run the workflow; return its conclusion, and leave a figure."""
    # 1. Returns. Log returns, as volatility models want them.
    returns = np.log(pf.datasets.load_sp500()).diff().dropna().loc["2012":]

    # 2. Volatility, with all that is not known about it.
    model = pf.StochasticVolatilityModel("student", leverage=True)
    model.fit(returns.loc[:FIRST_DAY], random_seed=1)
    print(model.summary().round(3).to_string())

    # 3. The next day: what may be lost, and how much to hold for a volatility of 10% a year.
    risk = pf.risk.tail_risk(model, loss="wealth")
    position = pf.risk.volatility_target(model, TARGET, max_leverage=2.0)
    print(risk.table.round(5).to_string())
    print(
        f"Volatility {position.volatility:.1%} a year ({position.volatility_low:.1%} to "
        f"{position.volatility_high:.1%}): hold {position.weight:.2f}, or "
        f"{position.plug_in:.2f} if volatility were known."
    )

    # 4. The days that followed, each forecast from the days before it.
    forecast = pf.risk.rolling_forecast(
        returns, model, start=FIRST_DAY, refit_every=None, samples=1000, random_seed=1
    )
    weights = pf.risk.volatility_target_weights(
        forecast.table["return_sd"], TARGET, max_leverage=2.0, band=0.1
    )
    steadied = weights * np.expm1(forecast.table["returned"])
    unscaled = np.expm1(forecast.table["returned"])
    hits = forecast.violations(0.05)

    # 5. What that was worth.
    _draw(forecast, weights, hits, figure)
    realised = [float(np.sqrt(252) * one.std()) for one in (steadied, unscaled)]
    expected = 0.05 * len(hits)
    return (
        f"In {len(hits)} days the 5% value at risk was exceeded {int(hits.sum())} times, where "
        f"{expected:.0f} were to be expected; holding {weights.iloc[0]:.2f} at first and "
        f"{weights.iloc[-1]:.2f} at the end kept volatility at {realised[0]:.0%} a year, where the "
        f"index had {realised[1]:.0%}."
    )


def _draw(forecast, weights, hits, figure):
    from matplotlib.figure import Figure

    page = Figure(figsize=(8.0, 5.0), layout="constrained")
    above, below = page.subplots(2, 1, sharex=True)
    returned = 100.0 * forecast.table["returned"]
    above.bar(returned.index, returned, color="#8a8f98", width=0.8, label="return")
    for level, colour in ((0.05, "#1f5a94"), (0.01, "#d1662a")):
        at_risk = -100.0 * forecast.value_at_risk[level]
        above.plot(at_risk, color=colour, lw=1.3, label=f"value at risk, {level:.0%}")
    above.plot(returned[hits], "v", color="#1b2733", ms=5, label="beyond the 5%")
    above.set_ylabel("percent of a day")
    above.legend(fontsize=8, frameon=False, ncols=4, loc="upper left")
    above.set_ylim(top=1.5 * float(returned.max()))
    below.step(weights.index, weights, where="mid", color="#1f5a94", lw=1.4)
    below.set_ylabel(f"position for {TARGET:.0%} a year")
    below.set_ylim(bottom=0.0)
    for ax in (above, below):
        ax.spines[["top", "right"]].set_visible(False)
    page.savefig(figure, dpi=150)


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
