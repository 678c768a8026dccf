"""Pairs trading: against PyMC window by window, statsmodels' RollingOLS and its state space."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.data import pair_prices
from benchmarks.measuring import Contestant, Job, Target
from benchmarks.rivals import NUTPIE, PYMC, pymc_contestants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAYS, WINDOW, TIMED_WINDOWS, SAMPLES = 2_500, 60, 10, 2_000
_EACH_WINDOW = f" x {DAYS - WINDOW:,} ({TIMED_WINDOWS} timed)"
_ROLLING_OLS = "statsmodels RollingOLS"
_UNOBSERVED = "statsmodels UnobservedComponents, ML"


def _puffin(**options: Any) -> Callable[[int], Any]:
    from puffin import BayesianPairsTrading

    y, x = pair_prices(DAYS)

    def call(_: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return BayesianPairsTrading(**options).fit_dynamic_hedge(y, x, WINDOW)

    return call


def _puffin_rolling() -> Callable[[int], Any]:
    return _puffin()


def _puffin_autoregressive() -> Callable[[int], Any]:
    return _puffin(errors="ar1")


def _puffin_state_space() -> Callable[[int], Any]:
    return _puffin(method="state-space")


def _window(number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one of the windows that are timed, standardised: x of shape (n, 1), and y."""
    y, x = (prices.to_numpy() for prices in pair_prices(DAYS))
    first = number * (DAYS - WINDOW) // (TIMED_WINDOWS + 1)
    y, x = y[first : first + WINDOW], x[first : first + WINDOW]
    return ((x - x.mean()) / x.std())[:, None], (y - y.mean()) / y.std()


def _pymc_models() -> Callable[[int], Any]:
    from puffin.models._pymc.linear_regression import regression_model
    from puffin.models.bayesian import PairsPriors

    prior = PairsPriors().rolling
    return lambda number: regression_model(*_window(number), prior, student=False)


def _rolling_ols() -> Callable[[int], Any]:
    import statsmodels.api as sm
    from statsmodels.regression.rolling import RollingOLS

    y, x = pair_prices(DAYS)

    def call(_: int) -> Any:
        fit = RollingOLS(y, sm.add_constant(x), window=WINDOW).fit()
        return fit.params, fit.bse

    return call


def _unobserved_components() -> Callable[[int], Any]:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y, x = pair_prices(DAYS)

    def call(_: int) -> Any:
        model = UnobservedComponents(y.to_numpy(), "local level", exog=x.to_numpy())
        return model.fit(disp=False)

    return call


def _find_pairs() -> Callable[[int], Any]:
    from joblib.externals.loky import get_reusable_executor

    from puffin.datasets import load_equities
    from puffin.strategies import find_pairs

    prices = load_equities().iloc[-DAYS:]

    def call(_: int) -> Any:
        found = find_pairs(prices)
        # Its idle workers would keep the process that is measured from ending.
        get_reusable_executor().shutdown()
        return found

    return call


JOBS = (
    Job(
        "pairs-rolling",
        f"fit_dynamic_hedge, rolling: {DAYS:,} days, window {WINDOW}",
        (
            Contestant("Puffin", _puffin_rolling),
            Contestant(_ROLLING_OLS, _rolling_ols, requires=("statsmodels",)),
            *pymc_contestants(
                _pymc_models,
                None,
                SAMPLES,
                suffix=_EACH_WINDOW,
                calls=TIMED_WINDOWS,
                times=DAYS - WINDOW,
            ),
            Contestant('Puffin, errors="ar1"', _puffin_autoregressive, calls=5),
        ),
        targets={
            _ROLLING_OLS: (Target("wall x", 1.0),),
            PYMC + _EACH_WINDOW: (Target("wall x", 100_000.0),),
            NUTPIE + _EACH_WINDOW: (Target("wall x", 100_000.0),),
        },
    ),
    Job(
        "pairs-state-space",
        f"fit_dynamic_hedge, state space: {DAYS:,} days, 225 grid points",
        (
            Contestant("Puffin", _puffin_state_space),
            Contestant(_UNOBSERVED, _unobserved_components, requires=("statsmodels",), calls=5),
        ),
        targets={_UNOBSERVED: (Target("wall x", 10.0),)},
    ),
    Job(
        "pairs-screen",
        f"find_pairs: 20 columns, 190 pairs, {DAYS:,} days",
        (Contestant("Puffin", _find_pairs, requires=("statsmodels",), calls=2),),
        targets={"Puffin": (Target("wall s", 30.0, at_most=True),)},
    ),
)
