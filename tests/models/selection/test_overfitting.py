"""The probability of backtest overfitting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from puffin.models.selection.overfitting import probability_of_overfitting


def plain(excess, blocks):
    pieces = np.array_split(excess, blocks)
    below, count = 0, 0
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([pieces[i] for i in chosen])
        outside = np.concatenate([pieces[i] for i in range(blocks) if i not in chosen])
        best = (inside.mean(axis=0) / inside.std(axis=0)).argmax()
        judged = outside.mean(axis=0) / outside.std(axis=0)
        rank = (judged <= judged[best]).sum() / (judged.size + 1)
        below += rank <= 0.5
        count += 1
    return below / count


def test_is_what_every_half_says():
    excess = np.random.default_rng(1).standard_normal((43, 7)) + np.linspace(0, 0.3, 7)
    assert probability_of_overfitting(excess) == pytest.approx(plain(excess, 8), abs=1e-12)


def test_extremes():
    stream = np.random.default_rng(1)
    noise = stream.standard_normal((800, 10))
    good = noise + np.array([0.4] + [0.0] * 9)
    assert probability_of_overfitting(good) < 0.01
    assert 0.2 < probability_of_overfitting(noise) < 0.9
    assert np.isnan(probability_of_overfitting(noise[:, :1]))
    assert np.isnan(probability_of_overfitting(noise[:9]))
