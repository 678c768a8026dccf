"""What is kept, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from benchmarks.forecasting.forecasters import RIVALS
from benchmarks.forecasting.kept import SECONDS
from puffin.risk import RollingForecast, diebold_mariano_test, joint_loss

__all__ = ["differences", "of_series", "years"]

Forecasts = Mapping[str, RollingForecast]

_COVERAGE_LEVELS, _SHORTFALL_LEVEL = (0.01, 0.05), 0.025
_TESTS = {"Kupiec": "Kupiec", "Christoffersen": "Christoffersen, c", "DQ": "Engle"}
_REPLICATIONS, _BLOCK, _SEED = 5_000, 10, 1


def of_series(forecasts: Forecasts) -> Iterator[str]:
    """Scores, tests and confidence sets of a series."""
    yield from _scores(forecasts)
    yield ""
    yield from _coverage(forecasts)


def differences(by_series: Mapping[str, Forecasts]) -> Iterator[str]:
    """Mean log scores less that of the best rival of each series, with their HAC errors."""
    models = list(dict.fromkeys(model for found in by_series.values() for model in found))
    yield _row("model", *by_series)
    yield _row(*["---"] * (1 + len(by_series)))
    yield _row("best of six GARCH models", *(_best_rival(one) for one in by_series.values()))
    for model in models:
        cells = []
        for forecasts in by_series.values():
            rival = _best_rival(forecasts)
            if model not in forecasts or model == rival:
                cells.append("" if model not in forecasts else "0")
                continue
            test = diebold_mariano_test(forecasts[model].log_density, forecasts[rival].log_density)
            cells.append(f"{test.mean:+.4f} ({test.error:.4f})")
        yield _row(model, *cells)


def years(forecasts: Forecasts) -> Iterator[str]:
    """Mean log scores of each year."""
    scores = pd.DataFrame({name: one.log_density for name, one in forecasts.items()})
    by_year = scores.groupby(pd.DatetimeIndex(scores.index).year).mean().T
    yield _row("model", *by_year.columns)
    yield _row(*["---"] * (1 + by_year.shape[1]))
    for name, row in by_year.iterrows():
        yield _row(name, *(f"{value:.3f}" for value in row))


def _best_rival(forecasts: Forecasts) -> str:
    return max(
        RIVALS.keys() & forecasts.keys(), key=lambda name: forecasts[name].log_density.mean()
    )


def _scores(forecasts: Forecasts) -> Iterator[str]:
    rival = _best_rival(forecasts)
    log_scores = pd.DataFrame({name: one.log_density for name, one in forecasts.items()})
    losses = pd.DataFrame({name: _joint_loss(one) for name, one in forecasts.items()})
    in_set, in_loss_set = _confidence(-log_scores), _confidence(losses)
    columns = [
        "model", "log score", f"less {rival}", "HAC s.e.", "p", "MCS p", "FZ0, 2.5%", "MCS p",
        "CPU s",
    ]  # fmt: skip
    yield _row(*columns)
    yield _row(*["---"] * len(columns))
    for name, one in forecasts.items():
        cells = ["", "", ""]
        if name != rival:
            test = diebold_mariano_test(log_scores[name], log_scores[rival])
            cells = [f"{test.mean:+.4f}", f"{test.error:.4f}", f"{test.p_value:.3f}"]
        yield _row(
            name, f"{log_scores[name].mean():.4f}", *cells, f"{in_set[name]:.2f}",
            f"{losses[name].mean():.4f}", f"{in_loss_set[name]:.2f}",
            f"{one.table[SECONDS].sum():.0f}",
        )  # fmt: skip


def _coverage(forecasts: Forecasts) -> Iterator[str]:
    columns = ["model"]
    for level in _COVERAGE_LEVELS:
        columns += [f"{level:.0%}: violations", *_TESTS]
    columns.append(f"ES {_SHORTFALL_LEVEL:.1%}")
    yield _row(*columns)
    yield _row(*["---"] * len(columns))
    for name, one in forecasts.items():
        tests, cells = one.tests()["p_value"], []
        for level in _COVERAGE_LEVELS:
            hits = one.violations(level)
            cells.append(f"{hits.sum()} of {level * len(hits):.1f}")
            cells += [_p_value(tests[level], start) for start in _TESTS.values()]
        yield _row(name, *cells, _p_value(tests[_SHORTFALL_LEVEL], "Du-Escanciano"))


def _p_value(tests: pd.Series[float], start: str) -> str:
    [value] = tests[tests.index.str.startswith(start)]
    return f"{value:.3f}"


def _joint_loss(forecast: RollingForecast) -> pd.Series[float]:
    level = _SHORTFALL_LEVEL
    at_risk, shortfall = forecast.value_at_risk[level], forecast.expected_shortfall[level]
    return joint_loss(forecast.table["returned"], at_risk, shortfall, level)


def _confidence(losses: pd.DataFrame) -> pd.Series[float]:
    """Return each model's p-value: those above 0.1 are the confidence set at 90%."""
    from arch.bootstrap import MCS

    found = MCS(losses, 0.1, reps=_REPLICATIONS, block_size=_BLOCK, seed=_SEED)
    found.compute()
    return found.pvalues["Pvalue"]


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
