"""What is said of Sharpe ratios, in plain language and no more certain than they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.showing.checks import (
    FEW_OBSERVATIONS,
    counts_autocorrelation,
    draws_are_fine,
    gap_in_deviations,
    is_at_odds,
)
from puffin.showing.numbers import decimal, probability, with_minus
from puffin.showing.sentences import LIKELY, LISTED, listing

if TYPE_CHECKING:
    from puffin.findings.benchmark import AgainstBenchmark
    from puffin.findings.findings import Findings
    from puffin.models.comparison import StrategyComparison

__all__ = ["caveats", "headline", "rest_note", "strategy_story"]

_CLEAR, _FAVOURITE, _IN_THE_RUNNING = 0.95, 0.8, 0.1
_MANY_TRIED = 5


def headline(findings: Findings) -> list[str]:
    """Return the sentences that a reader in a hurry should read, the first one first."""
    from puffin.models.sharpe.verdict import verdict  # NumPy is not for --help

    if findings.comparison is None:
        return [
            verdict(name, findings.sharpes[name])
            for name in list(findings.sharpes)[: 1 if len(findings.sharpes) == 1 else LISTED]
        ]
    no_returns = [name for name, one in findings.sharpes.items() if one["unit_doubt"]]
    if no_returns:
        return [verdict(name, findings.sharpes[name]) for name in no_returns[:LISTED]]
    leader = _leader(findings.comparison)
    sentences = [_who_is_best(findings)]
    if findings.comparison.is_of_different_times:
        sentences.append(_by_other_dates(findings.comparison, findings.on_shared_dates))
    if not findings.settings.pool and not _best_of_many(findings):
        sentences.append(verdict(leader, findings.sharpes[leader]))
    sentences.append(_how_many_are_positive(findings))
    if findings.benchmark is not None and findings.benchmark.differences:
        sentences.append(_who_beats(findings, findings.benchmark))
    return sentences


def strategy_story(findings: Findings, name: str) -> list[str]:
    """Return what is to be said of one strategy: its verdict, and any reason to doubt it."""
    from puffin.models.sharpe.verdict import verdict  # NumPy is not for --help

    note = findings.sharpes[name]["note"]
    said = verdict(name, findings.sharpes[name])
    return [said, *([note] if note else []), *_doubts(findings, name)]


def caveats(findings: Findings) -> list[str]:
    """Return what a reader must bear in mind about all of it."""
    found = list(findings.failures)
    if len(findings.sharpes) == 1:
        return [*found, *_doubts(findings, next(iter(findings.sharpes)))]
    if findings.comparison is not None:
        found += _disagreement(findings)
    odd = [name for name, sharpe in findings.sharpes.items() if is_at_odds(sharpe)]
    if odd:
        counted = any(counts_autocorrelation(findings.sharpes[name]) for name in odd)
        reason = (
            "it takes returns for independent, and the posterior does not"
            if counted
            else "returns are skewed, or a few extreme days decide"
        )
        found.append(
            f"For {listing(odd)} the point estimate is more than one posterior standard deviation "
            f"away from the posterior mean: {reason}. The section of each says what that means."
        )
    short = [n for n, s in findings.sharpes.items() if s["n_observations"] < FEW_OBSERVATIONS]
    if short:
        found.append(
            f"{listing(short)}: fewer than {FEW_OBSERVATIONS} observations say little; the "
            "intervals are wide for good reason."
        )
    if _best_of_many(findings):
        found.append(
            f"The best of {_tried(findings)} looks better than it is. If these were picked from "
            "many that were tried, pool them (--pool, or pool=True from Python): that shrinks "
            "them, as it should."
        )
    comparison = findings.comparison
    if comparison is not None and comparison.note:
        found.append(comparison.note)
    return found


def rest_note(findings: Findings) -> str:
    """Return which strategies are not looked at one by one; empty where all are."""
    count = len(findings.sharpes) - len(findings.detailed)
    if count == 0:
        return ""
    return (
        f"{len(findings.detailed)} of {len(findings.sharpes)} are shown one by one, with their "
        f"volatility: those with the highest Sharpe ratio"
        f"{'' if findings.benchmark is None else ', and the benchmark'}. More with --details, or "
        "details= from Python."
    )


def _decimal(value: float, digits: int = 2) -> str:
    return with_minus(decimal(value, digits))


def _disagreement(findings: Findings) -> list[str]:
    """Say so where another strategy leads alone than side by side."""
    together = next(iter(findings.sharpes))
    alone = max(findings.sharpes, key=lambda name: findings.sharpes[name]["mean"])
    if alone == together:
        return []
    return [
        f"Modelled alone, {alone} has the highest Sharpe ratio; side by side with the others, "
        f"{together} has. The first place depends on the model: do not build on it."
    ]


def _doubts(findings: Findings, name: str) -> list[str]:
    sharpe, found = findings.sharpes[name], []
    if is_at_odds(sharpe):
        found.append(_about_the_gap(findings, name))
    if sharpe["n_observations"] < FEW_OBSERVATIONS:
        found.append(
            f"{sharpe['n_observations']} observations say little: take the interval as a statement "
            "of how much is not known."
        )
    if not draws_are_fine(sharpe["ess"], sharpe["r_hat"]):
        found.append(
            "The sampler’s draws are too few, or its chains disagree (see the diagnostics): run "
            "again with more --samples before relying on the digits."
        )
    return found


def _about_the_gap(findings: Findings, name: str) -> str:
    sharpe = findings.sharpes[name]
    gap = _decimal(abs(gap_in_deviations(sharpe)), 1)
    lower = sharpe["sample_sharpe"] < sharpe["mean"]
    if counts_autocorrelation(sharpe):
        return (
            f"The point estimate, {_decimal(sharpe['sample_sharpe'])}, is {gap} posterior standard "
            f"deviations from the posterior mean, {_decimal(sharpe['mean'])}. It takes returns for "
            "independent; the posterior counts how each depends on the one before, and is of the "
            "ratio of yearly returns."
        )
    side, heavier, lighter = ("below", "bad", "good") if lower else ("above", "good", "bad")
    advice = (
        "If you think that such losses belong to the strategy, go by the lower number."
        if lower
        else "If you doubt that such gains will come again, go by the lower number."
    )
    return (
        f"The point estimate, {_decimal(sharpe['sample_sharpe'])}, is {gap} posterior standard "
        f"deviations {side} the posterior mean, {_decimal(sharpe['mean'])}. The model gives "
        f"returns far from the centre little weight; here the large {heavier} returns outweigh the "
        f"large {lighter} ones. {advice}"
    )


def _tried(findings: Findings) -> int:
    return len(findings.sharpes) - (findings.benchmark is not None)


def _best_of_many(findings: Findings) -> bool:
    """Whether the best looks better than it is: its own posterior knows nothing of the others."""
    return _tried(findings) >= _MANY_TRIED and not findings.settings.pool


def _leader(comparison: StrategyComparison) -> str:
    table = comparison.table
    return str(table["strategy"].iloc[int(table["prob_best"].to_numpy().argmax())])


def _who_is_best(findings: Findings) -> str:
    assert findings.comparison is not None
    table, name = findings.comparison.table, _leader(findings.comparison)
    chance = float(table["prob_best"].max())
    count = "two" if len(table) == 2 else str(len(table))
    start = f"{name} has the best chance of having the highest Sharpe ratio of the {count}: "
    if chance >= _CLEAR:
        return (
            f"{name} has the highest Sharpe ratio of the {count} with {probability(chance)} "
            "probability."
        )
    if chance >= _FAVOURITE:
        return f"{start}{probability(chance)}. It is the favourite, but not a certain winner."
    others = table[(table["prob_best"] >= _IN_THE_RUNNING) & (table["strategy"] != name)]
    others = others.sort_values("prob_best", ascending=False)
    rivals = [
        f"{rival} has {probability(share)}"
        for rival, share in zip(others["strategy"], others["prob_best"], strict=True)
    ]
    also = f": {listing(rivals)}." if rivals else "."
    return f"{start}{probability(chance)}. The data do not single out a winner{also}"


def _by_other_dates(
    comparison: StrategyComparison, on_shared_dates: StrategyComparison | None
) -> str:
    """Say that each is judged by its own dates, and who has the best chance on those of all."""
    counts = dict(zip(comparison.strategies, comparison.n_observations, strict=True))
    shortest, longest = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    start = (
        f"Each is judged by its own dates, and they differ: {counts[shortest]:,} returns of "
        f"{shortest}, {counts[longest]:,} of {longest}. "
    )
    if on_shared_dates is None:
        return f"{start}Part of a difference may be one of their times."
    leader = _leader(on_shared_dates)
    chance = probability(float(on_shared_dates.table["prob_best"].max()))
    return (
        f"{start}On the {min(on_shared_dates.n_observations):,} that all have, {leader} has the "
        f"best chance: {chance}."
    )


def _how_many_are_positive(findings: Findings) -> str:
    sharpes = findings.sharpes
    sure = [name for name, sharpe in sharpes.items() if sharpe["prob_positive"] >= LIKELY]
    if len(sure) == len(sharpes):
        every = "Both" if len(sharpes) == 2 else f"All {len(sharpes)}"
        return f"{every} have a Sharpe ratio above zero with at least 95% probability."
    if not sure:
        return "None has a Sharpe ratio above zero with as much as 95% probability."
    noun = "has" if len(sure) == 1 else "have"
    return (
        f"{len(sure)} of {len(sharpes)} ({listing(sure)}) {noun} a Sharpe ratio above zero with at "
        "least 95% probability."
    )


def _who_beats(findings: Findings, benchmark: AgainstBenchmark) -> str:
    chances = {name: one.prob_positive for name, one in benchmark.differences.items()}
    sure = [name for name, chance in chances.items() if chance >= LIKELY]
    if sure:
        verb = "beats" if len(sure) == 1 else "beat"
        return (
            f"{listing(sure)} {verb} {benchmark.name} with at least 95% probability"
            f"{_over_which_dates(findings, benchmark)}."
        )
    closest = max(chances, key=lambda name: chances[name])
    return (
        f"None beats {benchmark.name} with as much as 95% probability; the most likely to is "
        f"{closest}, with {probability(chances[closest])}{_over_which_dates(findings, benchmark)}."
    )


def _over_which_dates(findings: Findings, benchmark: AgainstBenchmark) -> str:
    dates = findings.returns[benchmark.name].index
    if all(findings.returns[name].index.equals(dates) for name in benchmark.differences):
        return ""
    if not benchmark.by_own_dates:
        return ", over the dates that each shares with it"
    return f", {listing(benchmark.by_own_dates)} over dates that are not the benchmark’s"
