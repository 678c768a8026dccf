"""Results for programs: JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import puffin
from puffin.findings.benchmark import AgainstBenchmark
from puffin.findings.pair import PairFindings
from puffin.findings.quantity import SignedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.findings.volatility import Volatility
from puffin.models.comparison import StrategyComparison
from puffin.models.sharpe import SharpePosterior
from puffin.models.volatility import VolatilityForecast

__all__ = [
    "benchmark_record",
    "comparison_record",
    "dump",
    "pair_record",
    "sharpe_records",
    "volatility_records",
]


def dump(record: Mapping[str, Any], settings: AnalysisSettings, rejected: Mapping[str, str]) -> str:
    """Return a record as JSON, with what it takes to repeat it; numbers that are none are null."""
    whole = {
        "puffin": puffin.__version__,
        "seed": settings.seed,
        "hdi_prob": settings.hdi_prob,
        "risk_free_rate": settings.risk_free_rate,
        "periods_per_year": settings.periods_per_year,
        **record,
        "rejected": dict(rejected),
    }
    return json.dumps(_finite(whole), indent=2, ensure_ascii=False, allow_nan=False)


def sharpe_records(sharpes: Mapping[str, SharpePosterior]) -> list[dict[str, Any]]:
    """Return the summaries, with names."""
    return [{"strategy": name, **sharpe} for name, sharpe in sharpes.items()]


def comparison_record(comparison: StrategyComparison) -> dict[str, Any]:
    """Return the table, the probabilities and the differences of a comparison."""
    return {
        "dependence": comparison.dependence,
        "note": comparison.note,
        "models": comparison.models,
        "diagnostics": comparison.diagnostics,
        "n_observations": dict(zip(comparison.strategies, comparison.n_observations, strict=True)),
        "table": comparison.table.to_dict("records"),
        "prob_better": comparison.prob_better.to_dict("index"),
        "differences": comparison.differences.to_dict("records"),
    }


def benchmark_record(benchmark: AgainstBenchmark) -> dict[str, Any]:
    """Return what each strategy has beyond the benchmark."""
    strategies: dict[str, dict[str, Any]] = {}
    for name, difference in benchmark.differences.items():
        strategies.setdefault(name, {})["sharpe_difference"] = _summary(difference)
    for name, regression in benchmark.regressions.items():
        strategies.setdefault(name, {}).update(
            alpha=_summary(regression.alpha),
            beta=_summary(regression.beta),
            explained=regression.explained,
            n_observations=regression.n_observations,
        )
    return {"name": benchmark.name, "strategies": strategies}


def volatility_records(found: Mapping[str, Volatility], periods: float) -> list[dict[str, Any]]:
    """Return what is known of each volatility, with the quantiles of what comes."""
    return [
        {
            "strategy": name,
            "last_period": one.last_label,
            "volatility": asdict(one.now),
            "annual_volatility": asdict(one.now.times(periods**0.5)),
            "next_volatility": asdict(one.next_period),
            "typical_volatility": None if one.typical is None else asdict(one.typical),
            "half_life": None if one.half_life is None else asdict(one.half_life),
            "parameters": {key: asdict(value) for key, value in one.parameters.items()},
            "regime": one.regime,
            "regime_probability": one.regime_probability,
            "forecast": None if one.forecast is None else _forecast_records(one.forecast),
            "n_observations": one.n_observations,
            "share_flat": one.share_flat,
            "model": one.model,
            "method": one.method,
            "ess": one.ess,
            "r_hat": one.r_hat,
            "acceptance": one.acceptance,
            "pareto_k_hat": one.pareto_k_hat,
        }
        for name, one in found.items()
    ]


def _forecast_records(forecast: VolatilityForecast) -> list[dict[str, Any]]:
    return [
        {
            "step": step,
            "volatility": forecast.volatility.loc[step].to_dict(),
            "return": forecast.returns.loc[step].to_dict(),
        }
        for step in forecast.volatility.index
    ]


def pair_record(pair: PairFindings) -> dict[str, Any]:
    """Return what is known of a pair, and of trading it."""
    return {
        "y": pair.strategy.y,
        "x": list(pair.strategy.hedges),
        "settings": asdict(pair.settings),
        "last": pair.last_label,
        "hedge_ratio": {
            name: {
                **asdict(hedge),
                "variation": pair.variation.get(name),
                "prob_stable": pair.prob_stable.get(name),
            }
            for name, hedge in pair.hedges.items()
        },
        "method": pair.model.fitted_by,
        "zscore": float(pair.zscore.iloc[-1]),
        "position": pair.position,
        "held": pair.held,
        "prob_mean_reverting": pair.prob_mean_reverting,
        "half_life": asdict(pair.half_life),
        "trades": pair.trades,
        "performance": pair.result.summary().to_dict(),
        "sharpe_net": None if pair.net is None else dict(pair.net),
        "sharpe_gross": None if pair.gross is None else dict(pair.gross),
    }


def _summary(quantity: SignedQuantity) -> dict[str, float]:
    return {
        "mean": quantity.mean,
        "std": quantity.std,
        "hdi_low": quantity.low,
        "hdi_high": quantity.high,
        "prob_positive": quantity.prob_positive,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
