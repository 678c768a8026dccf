"""What a backtest held, traded and paid, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.figures import cost_path, position_path, turnover_bars
from puffin.page.svg import to_svg
from tests.findings.test_trading import backtest


@pytest.fixture(scope="module")
def result():
    return backtest(commission_bps=5, borrow_rate=0.05)


def test_positions_reach_the_largest_and_the_smallest(result):
    ax = position_path(result).axes[0]
    [net] = [line for line in ax.lines if line.get_label() == "net"]
    total = 100.0 * result.weights.sum(axis=1)
    assert np.max(net.get_ydata()) == pytest.approx(total.max())
    assert [one.get_text() for one in ax.get_legend().get_texts()] == ["long", "short", "net"]


def test_turnover_keeps_its_mean(result):
    ax = turnover_bars(result).axes[0]
    [mean] = ax.lines
    assert mean.get_ydata()[0] == pytest.approx(252 * result.turnover.mean())


def test_costs_pile_up_to_their_sum(result):
    ax = cost_path(result).axes[0]
    top = max(path.vertices[:, 1].max() for one in ax.collections for path in one.get_paths())
    assert top == pytest.approx(100.0 * result.costs.to_numpy().sum())
    assert [one.get_text() for one in ax.get_legend().get_texts()] == ["commission", "borrow"]


def test_are_small(result):
    for draw in (position_path, turnover_bars, cost_path):
        assert len(to_svg(draw(result), "x", "title")) < 25_000
