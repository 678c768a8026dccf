"""Stochastic volatility as one writes it down in PyMC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["textbook_model"]


def textbook_model(y: NDArray[np.float64], *, student: bool, leverage: bool) -> Any:
    """Return the PyMC model of scaled returns, with the default priors of Puffin.

    The latent process is PyMC's `AR`, started from its stationary distribution, and scaled: h = mu
    + sigma x. That is the one step from the page that PyMC's users are taught first: an `AR` of h
    itself is a funnel in sigma, and gave less than a third of the effective draws a second.
    """
    import pymc as pm

    with pm.Model() as model:
        mean, mu = pm.Normal("mean", 0.0, 1.0), pm.Normal("mu", 0.0, 10.0)
        phi = pm.Deterministic("phi", 2.0 * pm.Beta("phi_beta", 20.0, 1.5) - 1.0)
        sigma = pm.HalfNormal("sigma", 1.0)
        x = pm.AR(
            "x",
            rho=phi,
            sigma=1.0,
            init_dist=pm.Normal.dist(0.0, 1.0 / pm.math.sqrt(1.0 - phi**2)),
            steps=y.size - 1,
            ar_order=1,
        )
        h = pm.Deterministic("h", mu + sigma * x)
        _returns(y, mean, h, x[1:] - phi * x[:-1], student=student, leverage=leverage)
    return model


def _returns(
    y: NDArray[np.float64], mean: Any, h: Any, eta: Any, *, student: bool, leverage: bool
) -> None:
    """Add the returns given log-variances and the shocks between them."""
    import pymc as pm

    sd = pm.math.exp(h / 2.0)
    if student:
        nu = pm.Deterministic("nu", 2.0 + pm.Exponential("excess", 0.1))
    if not leverage:
        if student:
            pm.StudentT("y", nu, mean, sigma=sd * pm.math.sqrt((nu - 2.0) / nu), observed=y)
        else:
            pm.Normal("y", mean, sd, observed=y)
        return
    if student:
        tau = pm.InverseGamma("tau", nu / 2.0, (nu - 2.0) / 2.0, shape=y.size)
        sd = sd * pm.math.sqrt(tau)
    rho = pm.Deterministic("rho", 2.0 * pm.Beta("rho_beta", 4.0, 4.0) - 1.0)
    shift = pm.math.concatenate([rho * eta, [0.0]])
    spread = pm.math.concatenate([pm.math.sqrt(1.0 - rho**2) * pm.math.ones_like(eta), [1.0]])
    pm.Normal("y", mean + sd * shift, sd * spread, observed=y)
