"""Which settings of a strategy are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from puffin.extras import require
from puffin.strategies import (
    CrossSectionalMomentum,
    Momentum,
    MovingAverageCross,
    PairsStrategy,
    VolatilityTarget,
)
from puffin.strategies.momentum import DIRECTIONS

__all__ = ["DEFAULT_SPACES", "Space", "distributions_of"]

Space: TypeAlias = Mapping[str, Any]
"""Settings by name: (low, high), a list of choices, or a distribution of Optuna's."""

DEFAULT_SPACES: Mapping[type, Space] = {
    Momentum: {
        "lookback": (21, 378), "skip": (0, 20), "every": (5, 63), "direction": list(DIRECTIONS),
    },
    CrossSectionalMomentum: {
        "lookback": (21, 378), "skip": (0, 20), "every": (5, 63), "share": (0.1, 0.5),
        "direction": list(DIRECTIONS),
    },
    MovingAverageCross: {
        "fast": (5, 100), "slow": (20, 300), "direction": list(DIRECTIONS),
    },
    PairsStrategy: {
        "window": (20, 250), "entry_threshold": (1.0, 3.0), "exit_threshold": (0.0, 0.9),
        "zscore_window": (10, 120),
    },
    VolatilityTarget: {
        "max_leverage": (1.0, 3.0), "band": (0.0, 0.5), "every": (1, 21),
    },
}  # fmt: skip
"""What is tried of the strategies that ship, unless something else is asked for."""

_JSON = (str, bool, int, float, type(None))


def distributions_of(space: Space | None, strategy: object) -> dict[str, Any]:
    """Return Optuna's distributions of the settings.

    Parameters
    ----------
    space : mapping, or None for that of a strategy that ships
    strategy : Strategy or class or function
        What is tuned.

    Raises
    ------
    ValueError, TypeError
        If a setting is none of these, or there is no space of that strategy.
    """
    if space is None:
        kind = strategy if isinstance(strategy, type) else type(strategy)
        if kind not in DEFAULT_SPACES:
            known = ", ".join(sorted(one.__name__ for one in DEFAULT_SPACES))
            raise ValueError(
                "space is needed: settings by name, such as {'lookback': (20, 250)}. Without one "
                f"only {known} can be tuned."
            )
        space = DEFAULT_SPACES[kind]
    if not isinstance(space, Mapping) or not space:
        raise TypeError(
            f"space must map settings to what is tried, such as {{'lookback': (20, 250)}}; found "
            f"{space!r}."
        )
    return {name: _distribution(name, tried) for name, tried in space.items()}


def _distribution(name: str, tried: Any) -> Any:
    optuna = require("optuna", "tune", "Tuning a strategy")
    kinds = optuna.distributions
    if isinstance(tried, kinds.BaseDistribution):
        return tried
    if isinstance(tried, tuple) and len(tried) == 2 and all(map(_is_number, tried)):
        low, high = tried
        whole = isinstance(low, int) and isinstance(high, int)
        if low > high:
            raise ValueError(
                f"space[{name!r}] goes from {low} to {high}; give the lower one first."
            )
        return (kinds.IntDistribution if whole else kinds.FloatDistribution)(low, high)
    if isinstance(tried, Sequence) and not isinstance(tried, str | tuple) and len(tried):
        odd = next((one for one in tried if not isinstance(one, _JSON)), None)
        if odd is None:
            return kinds.CategoricalDistribution(list(tried))
        raise TypeError(
            f"space[{name!r}] may choose among text, numbers, True, False and None, which can be "
            f"kept on disk; found {odd!r}. Choose a name, and make the object of it in a function."
        )
    raise TypeError(
        f"space[{name!r}] must be (low, high), a list of choices, or a distribution of Optuna's; "
        f"found {tried!r}."
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
