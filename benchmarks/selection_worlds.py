"""Searches whose truth is known: returns that are smooth or rough functions of settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

YEAR = 252


@dataclass(frozen=True)
class _Smooth:
    """A smooth function of settings, of standard deviation as its sizes say."""

    frequencies: np.ndarray
    phases: np.ndarray
    sizes: np.ndarray

    def __call__(self, settings):
        return np.cos(settings @ self.frequencies.T + self.phases) @ self.sizes


@dataclass(frozen=True)
class World:
    """What settings in a cube earn.

    A strategy's returns are those of a common factor and of many others, each held by a cosine of
    the setting: strategies whose settings are near are alike. True annual Sharpe ratios are the
    same weights of the factors' ones, which were drawn with the standard deviations `sds`.
    """

    factors: np.ndarray
    ratios: np.ndarray
    sds: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray
    common: float
    other: _Smooth | None = None

    @classmethod
    def draw(cls, stream, days=1260, edge=0.0, level=0.0, common=0.4, settings=3, factors=200):
        """Draw a world: edge and level are the standard deviations of its ratios."""
        sds = np.full(factors + 1, edge)
        sds[0] = level / np.sqrt(max(common, 1e-12))
        ratios = edge * stream.standard_normal(factors + 1)
        ratios[0] = sds[0] * stream.standard_normal()
        return cls(
            factors=stream.standard_t(5, (days, factors + 1)) / np.sqrt(5 / 3),
            ratios=ratios,
            sds=sds,
            frequencies=0.5 * stream.standard_cauchy((factors, settings)),
            phases=stream.uniform(0, 2 * np.pi, factors),
            common=common,
        )

    def with_other_edges(self, stream):
        """Return a world whose ratios are a smooth function that its returns say nothing of."""
        size = np.linalg.norm(self.ratios[1:]) * np.sqrt((1 - self.common) / self.phases.size)
        other = _Smooth(
            2.0 * stream.standard_normal((64, self.frequencies.shape[1])),
            stream.uniform(0, 2 * np.pi, 64),
            size * stream.standard_normal(64) * np.sqrt(2 / 64),
        )
        level = np.append(self.ratios[:1], np.zeros(self.phases.size))
        return replace(self, ratios=level, other=other)

    def weights(self, settings):
        waves = np.cos(settings @ self.frequencies.T + self.phases)
        waves *= np.sqrt((1 - self.common) / (waves**2).sum(axis=1, keepdims=True))
        return np.column_stack([np.full(len(waves), np.sqrt(self.common)), waves])

    def truth(self, settings):
        other = 0.0 if self.other is None else self.other(settings)
        return self.weights(settings) @ self.ratios + other

    def expected(self, settings):
        """What is expected of the truth by whoever knows how it was drawn, and all factors' days.

        Given the means of all factors nothing else says more of it, up to Student's tails. What two
        searches chose differs in this by what they did, and not by luck that neither could know of.
        """
        if self.other is not None:
            return np.full(len(settings), np.nan)
        shown = self.ratios + np.sqrt(YEAR) * self.factors.mean(axis=0)
        share = self.sds**2 / (self.sds**2 + YEAR / len(self.factors))
        return self.weights(settings) @ (share * shown)

    def returns(self, settings):
        return self.factors @ self.weights(settings).T + self.truth(settings) / np.sqrt(YEAR)


def greedy_search(world, trials, stream):
    """Return settings, and what they earn: most are steps from the best so far, as TPE's are."""
    settings = stream.random((10, world.frequencies.shape[1]))
    returns = world.returns(settings)
    while len(settings) < trials:
        ratios = returns.mean(axis=0) / returns.std(axis=0)
        best = settings[stream.choice(np.argsort(-ratios)[: max(3, len(ratios) // 10)])]
        step = 0.1 * stream.standard_normal(best.size)
        near = stream.random() < 0.8
        tried = np.clip(best + step, 0, 1) if near else stream.random(best.size)
        settings = np.vstack([settings, tried])
        returns = np.hstack([returns, world.returns(tried[None])])
    return settings, returns
