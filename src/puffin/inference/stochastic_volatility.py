r"""Stochastic volatility: returns whose log-variance is a latent AR(1) chain.

.. math::

    y_t = \text{mean} + e^{h_t / 2} \sqrt{\tau_t} \varepsilon_t, \qquad
    h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t, \qquad h_1 \text{ stationary}

with standard normal errors; :math:`\tau_t = 1`, or :math:`\tau_t \sim IG(\nu/2, (\nu-2)/2)` for
Student-t errors of unit variance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.guide import Start, Target
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.leverage_student_t import StudentTLeverageObservations
from puffin.inference.latent_ar1.normal import NormalObservations
from puffin.inference.latent_ar1.observations import Observations, Series
from puffin.inference.latent_ar1.prior import VolatilityPrior
from puffin.inference.latent_ar1.sampler import LatentSample, sample_latent_ar1
from puffin.inference.latent_ar1.student_t import StudentTObservations
from puffin.inference.settings import Settings

__all__ = ["sample_stochastic_volatility"]

_KINDS: dict[tuple[bool, bool], Callable[[Series], Observations]] = {
    (False, False): NormalObservations,
    (True, False): StudentTObservations,
    (False, True): NormalLeverageObservations,
    (True, True): StudentTLeverageObservations,
}
"""By whether errors are Student-t, and whether there is leverage."""


def sample_stochastic_volatility(
    y: Array,
    prior: VolatilityPrior,
    settings: Settings,
    *,
    constant_mean: bool,
    student: bool,
    leverage: bool,
    thin: int = 1,
    shift: float = 0.0,
    start: Start | None = None,
) -> LatentSample:
    """Draw parameters and log-variances.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Scaled returns; NaN where one is missing.
    thin : int
        Keep the log-variances of every so many draws.
    shift : float
        Is added to the log-variances of all times, `h`, for whom they are in another unit.
    start : Start, optional
        Where an earlier sample of the same series, or of its beginning, was.
    """
    present = {"mean": constant_mean, "phi": True, "sigma": True, "nu": student, "rho": leverage}
    seen = np.isfinite(y).astype(np.float64)
    kind = _KINDS[student, leverage]
    target = Target(
        kind(Series(np.where(seen > 0.0, y, 0.0), seen, float(prior.mu_sd))),
        Coordinates(tuple(name for name, is_there in present.items() if is_there), prior),
        y.size,
        float(np.nanmean(y)),
    )
    return sample_latent_ar1(target, settings, thin=thin, shift=shift, start=start)
