"""What a strategy that is scaled by another would hold by itself."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.backtest import run
from puffin.backtest.decisions import Decisions
from puffin.validation import PricePanel

__all__ = ["intended_holdings"]


def intended_holdings(decisions: Decisions, panel: PricePanel) -> Array:
    """Return what the strategy would hold: its decision, or the one before with its drift."""
    made = decisions.made[:, None]
    if not decisions.made[:-1].any():
        return np.where(made, decisions.targets, 0.0)
    held = run(decisions.frame(panel), panel.frame).weights.to_numpy()
    drifted = np.zeros_like(panel.values)
    drifted[len(drifted) - len(held) :] = held
    return np.where(made, decisions.targets, drifted)
