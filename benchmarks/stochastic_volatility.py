"""Stochastic volatility: against PyMC, nutpie and R's stochvol, and against GARCH by arch."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.data import index_log_returns, simulated_log_returns
from benchmarks.measuring import Contestant, Job, Target
from benchmarks.rivals import NUTPIE, NUTS, posterior_arrays, pymc_contestants
from benchmarks.stochvol import STOCHVOL, stochvol_contestant
from benchmarks.textbook import textbook_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.measuring import Draws

SAMPLES = 2_000
DATES = 20
RECENT, ALL, INTRADAY, TEN_YEARS = 1_000, 5_030, 100_000, 2_500
UPDATES = 40
TEXTBOOK, ENGINE = "PyMC textbook", "PyMC engine of Puffin"


@dataclass(frozen=True)
class Variant:
    """One of the four models.

    Attributes
    ----------
    function : str
        Of R's stochvol.
    share : float
        Of the plain model's effective draws a second, what is asked of this one.
    """

    key: str
    title: str
    student: bool
    leverage: bool
    function: str
    share: float

    @property
    def parameters(self) -> tuple[str, ...]:
        return "mu", "phi", "sigma", *["nu"] * self.student, *["rho"] * self.leverage, "mean"


VARIANTS = (
    Variant("sv", "normal", False, False, "svsample", 1.0),
    Variant("sv-student", "Student-t", True, False, "svtsample", 1 / 2),
    Variant("sv-leverage", "leverage", False, True, "svlsample", 1 / 4),
    Variant("sv-student-leverage", "Student-t, leverage", True, True, "svtlsample", 1 / 10),
)
PLAIN = VARIANTS[0]
_PLAIN_EFFICIENCY = {RECENT: 15_000.0, ALL: 4_000.0}


def dates(n_times: int) -> NDArray[np.intp]:
    """Return the positions of the states whose draws are judged, first and last among them."""
    import numpy as np

    return np.linspace(0, n_times - 1, DATES).round().astype(np.intp)


def scaled_returns(count: int) -> NDArray[np.float64]:
    """Return what the models see: not centred, since the mean is estimated."""
    import numpy as np

    returns = np.asarray(index_log_returns(count), dtype=np.float64)
    return np.asarray(returns / returns.std())


def _model(variant: Variant) -> Any:
    from puffin.models.stochastic_vol import StochasticVolatilityModel

    distribution = "student" if variant.student else "normal"
    return StochasticVolatilityModel(distribution=distribution, leverage=variant.leverage)


def _puffin(variant: Variant, count: int) -> Callable[[int], Any]:
    returns = index_log_returns(count)
    return lambda seed: _model(variant).fit(returns, random_seed=seed)


def _puffin_simulated(count: int) -> Callable[[int], Any]:
    returns = simulated_log_returns(count)
    return lambda seed: _model(PLAIN).fit(returns, random_seed=seed)


def _puffin_draws(model: Any) -> Draws:
    return _judged(model.posterior.variables)


def _judged(variables: Draws) -> Draws:
    """Return the parameters, and the states at 20 dates."""
    h = variables["h"]
    return {**variables, "h": h[..., dates(h.shape[-1])]}


def _puffin_update() -> Callable[[int], Any]:
    """Return the call that adds one more return, the next one each time."""
    returns = index_log_returns(TEN_YEARS)
    n_fitted = TEN_YEARS - UPDATES - 1
    model = _model(PLAIN).fit(returns.iloc[:n_fitted], random_seed=1)
    return lambda seed: model.update(returns.iloc[n_fitted + seed : n_fitted + seed + 1])


def _puffin_update_forecast() -> Callable[[int], Any]:
    update = _puffin_update()
    return lambda seed: update(seed).forecast()


def _puffin_update_path() -> Callable[[int], Any]:
    update = _puffin_update()
    return lambda seed: update(seed).volatility_path


def _puffin_regime() -> Callable[[int], Any]:
    from puffin.models.stochastic_vol import estimate_volatility_regime

    returns = index_log_returns(RECENT)
    return lambda _: estimate_volatility_regime(returns)


def _textbook_models(variant: Variant, count: int) -> Callable[[int], Any]:
    y = scaled_returns(count)
    return lambda _: textbook_model(y, student=variant.student, leverage=variant.leverage)


def _engine_models(variant: Variant, count: int) -> Callable[[int], Any]:
    from puffin.inference.stochastic_volatility import StochasticVolatility
    from puffin.laws import LAWS
    from puffin.models._pymc.stochastic_volatility import stochastic_volatility_model
    from puffin.models.stochastic_vol import VolatilityPriors

    y, priors = scaled_returns(count), VolatilityPriors()
    law = LAWS["student" if variant.student else "normal"]
    model = StochasticVolatility(
        law, variant.leverage, True, priors.mu_sd, priors.on_scaled_returns
    )
    return lambda _: stochastic_volatility_model(y, model)


def _pymc_draws(trace: Any, variant: Variant) -> Draws:
    return _judged(posterior_arrays(trace, (*variant.parameters, "h")))


def _garch(count: int) -> Callable[[int], Any]:
    from arch import arch_model

    y = scaled_returns(count)
    return lambda _: arch_model(y, rescale=False).fit(disp="off")


def _gjr_garch_t(count: int) -> Callable[[int], Any]:
    from arch import arch_model

    y = scaled_returns(count)
    return lambda _: arch_model(y, o=1, dist="t", rescale=False).fit(disp="off")


def _arch_contestants(count: int) -> Iterator[Contestant]:
    for name, prepare in (("GARCH(1,1)", _garch), ("GJR-GARCH-t", _gjr_garch_t)):
        yield Contestant(f"arch, {name}, ML", functools.partial(prepare, count), requires=("arch",))


def _nuts_contestants(variant: Variant, count: int) -> Iterator[Contestant]:
    """NUTS on the textbook's model and on Puffin's own for PyMC; hours, so not all of them."""
    if variant is not PLAIN and count == ALL:
        return
    draws = functools.partial(_pymc_draws, variant=variant)
    for of, models, samplers in (
        (TEXTBOOK, _textbook_models, (NUTS, NUTPIE) if variant is PLAIN else (NUTPIE,)),
        (ENGINE, _engine_models, (NUTPIE,)),
    ):
        build = functools.partial(models, variant, count)
        yield from pymc_contestants(build, draws, SAMPLES, of=of, by=samplers, calls=0)


def _job(variant: Variant, count: int) -> Job:
    """Return the comparison of everybody on one model and one series."""
    efficiency = _PLAIN_EFFICIENCY[count] * variant.share
    own = [Target("ESS/s", efficiency)]
    if variant is PLAIN and count == ALL:
        own += [Target("wall s", 2.0, at_most=True), Target("MB", 800.0, at_most=True)]
    return Job(
        f"{variant.key}-{count}",
        f"stochastic volatility, {variant.title}: {count:,} returns, 4 x 2,000 draws",
        (
            Contestant(
                "Puffin", functools.partial(_puffin, variant, count), _puffin_draws, calls=7
            ),
            *_nuts_contestants(variant, count),
            stochvol_contestant(functools.partial(scaled_returns, count), dates, variant.function),
            *(_arch_contestants(count) if variant is PLAIN else ()),
        ),
        targets={
            "Puffin": tuple(own),
            f"{TEXTBOOK}, {NUTS}": (Target("ESS/s x", 5_000.0),),
            f"{TEXTBOOK}, {NUTPIE}": (Target("ESS/s x", 5_000.0),),
            STOCHVOL: (Target("ESS/s x", 200.0),),
        },
    )


_AS_LONG = f"Puffin, {ALL:,}, for as many returns"
_SLOWEST = "Puffin, the slowest: a new fit"

JOBS = (
    *(_job(variant, count) for variant in VARIANTS for count in (RECENT, ALL)),
    Job(
        "sv-long",
        f"stochastic volatility, normal: {INTRADAY:,} simulated returns, 4 x 2,000 draws",
        (
            Contestant("Puffin", functools.partial(_puffin_simulated, INTRADAY), calls=2),
            Contestant(
                _AS_LONG,
                functools.partial(_puffin_simulated, ALL),
                calls=7,
                times=INTRADAY / ALL,
            ),
        ),
        targets={_AS_LONG: (Target("wall x", 1 / 1.5),)},
    ),
    Job(
        "sv-update",
        f"StochasticVolatilityModel.update: one more of {TEN_YEARS:,} returns",
        (
            Contestant("Puffin, median", _puffin_update, calls=UPDATES),
            Contestant(
                "Puffin, the slowest: a new fit", _puffin_update, calls=UPDATES, typical=max
            ),
            Contestant("Puffin, mean", _puffin_update, calls=UPDATES, typical=statistics.mean),
            Contestant("Puffin, median, forecast read", _puffin_update_forecast, calls=UPDATES),
            Contestant("Puffin, median, path read", _puffin_update_path, calls=UPDATES),
        ),
        targets=dict.fromkeys(("Puffin, median", _SLOWEST), (Target("wall s", 0.1, at_most=True),)),
    ),
    Job(
        "sv-regime",
        f"estimate_volatility_regime: {RECENT:,} returns",
        (Contestant("Puffin", _puffin_regime, calls=7),),
        targets={"Puffin": (Target("wall s", 0.2, at_most=True),)},
    ),
)
