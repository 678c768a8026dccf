r"""The posterior of factor stochastic volatility.

.. math::

    r_t = m + B f_t + e_t, \qquad f_{kt} \sim N(0, e^{h_{kt}}), \quad e_{it} \sim N(0, e^{h_{it}})

or with errors e that are Student-t of that variance (`mixing`), and with every h an AR(1) chain,
:math:`h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t`, begun in its stationary distribution,
:math:`\mu = 0` for the factors, and :math:`B_{ik} \sim N(0, s_k^2)`. Each sweep draws, in turn,
what Student-t errors mix over, all log-variances with their parameters (`log_variances`), the
factors (`factors`), how factors are placed, turned and scaled against means and loadings
(`orbits`), and loadings and means (`loadings`).

Log-variances are not drawn by the proposals of `latent_ar1`. Those are made of one series' returns,
over and over; here the series, errors and factors, are new in each sweep, and a state held from one
to the next is no longer a draw that the new proposal knows.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel, Scratch, phi_sigma
from puffin.inference.factor_sv.factors import draw_factors
from puffin.inference.factor_sv.labels import find_labels
from puffin.inference.factor_sv.loadings import draw_loadings
from puffin.inference.factor_sv.log_variances import draw_log_variances
from puffin.inference.factor_sv.mixing import draw_mixing, mix_again
from puffin.inference.factor_sv.orbits import move_along_orbits
from puffin.inference.settings import Settings

__all__ = ["FactorDraws", "sample_factor_sv", "sweep"]

_WALKS, _ROUNDS, _STUDENT_ROUNDS = 3, 2, 4
_FIRST_WINDOW = 50
_STEP = 2.38 / np.sqrt(2.0)
_JITTER = 1e-4


@dataclass(frozen=True)
class FactorDraws:
    """Draws of factor stochastic volatility; assets come before factors.

    Signs and order of the factors are the same in all draws (`labels`).

    Attributes
    ----------
    mean : ndarray of shape (n_chains, n_draws, n_assets)
    loadings : ndarray of shape (n_chains, n_draws, n_factors, n_assets)
    spread : ndarray of shape (n_chains, n_draws, n_factors)
        Prior standard deviation of the loadings on each factor.
    mu, phi, sigma, h_last : ndarray of shape (n_chains, n_draws, n_assets + n_factors)
    h : ndarray of float32 of shape (n_chains, n_kept, n_times, n_assets + n_factors)
        Of every `thin` draws, as is the next.
    factors : ndarray of float32 of shape (n_chains, n_kept, n_times, n_factors)
    thin : int
    nu : ndarray of shape (n_chains, n_draws, n_assets)
        Degrees of freedom of errors; infinite of normal ones.
    acceptance : ndarray of shape (n_chains, n_assets + n_factors)
        How often the exact posterior took what the mixture proposed.
    """

    mean: Array
    loadings: Array
    spread: Array
    mu: Array
    phi: Array
    sigma: Array
    h_last: Array
    h: NDArray[np.float32]
    factors: NDArray[np.float32]
    thin: int
    nu: Array
    acceptance: Array

    @property
    def student(self) -> bool:
        """Whether errors are Student-t."""
        return bool(np.isfinite(self.nu).all())


def sample_factor_sv(
    returns: Array, n_factors: int, prior: FactorPrior, settings: Settings, *, thin: int = 1
) -> FactorDraws:
    """Draw from the posterior given returns in their standard deviations.

    Parameters
    ----------
    returns : ndarray of shape (n_times, n_assets)
        At least two times; NaN where not observed.
    n_factors : int
        From 0 on.
    thin : int
        Keep the states and factors of every so many draws.
    """
    panel = Panel.of(returns, n_factors, prior)
    draws = _empty(panel, settings, thin)
    chain_streams = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> None:
        _run_chain(panel, prior, settings, chain_streams[chain], _of_chain(draws, chain), advance)

    run_chains(run, settings)
    _label(draws, panel.n_assets)
    return draws


def sweep(
    panel: Panel,
    prior: FactorPrior,
    chain: Chain,
    scratch: Scratch,
    stream: np.random.Generator,
) -> None:
    """Draw every block, in place; log-variances, which move least at a time, several times."""
    for _ in range(_STUDENT_ROUNDS if prior.student else _ROUNDS):
        if prior.student:
            draw_mixing(stream, panel, prior, chain, scratch)
        draw_log_variances(panel, prior, _WALKS, chain, scratch)
        if prior.student:
            mix_again(panel, chain)
    if panel.n_factors:
        draw_factors(stream, panel, chain, scratch)
        move_along_orbits(stream, panel, prior, chain)
    draw_loadings(stream, panel, prior, chain, scratch)


def _run_chain(
    panel: Panel,
    prior: FactorPrior,
    settings: Settings,
    stream: np.random.Generator,
    out: FactorDraws,
    advance: Advance,
) -> None:
    chain, scratch = Chain.start(panel, stream), Scratch.of(panel, prior)
    history = np.empty((settings.tune, *chain.points.shape))
    window = _FIRST_WINDOW
    for done in range(settings.tune):
        sweep(panel, prior, chain, scratch, stream)
        history[done] = chain.points
        if done + 1 == window:
            _learn_steps(history[window // 2 : window], chain)
            window *= 2
        advance(1)
    columns = panel.n_assets + panel.n_factors
    for draw in range(settings.draws):
        sweep(panel, prior, chain, scratch, stream)
        _keep(chain, columns, panel.n_assets, draw, out)
        if prior.student:
            out.nu[draw] = chain.nu[: panel.n_assets]
        advance(1)
    out.acceptance[:] /= settings.draws


def _keep(chain: Chain, columns: int, n_assets: int, draw: int, out: FactorDraws) -> None:
    out.mean[draw] = chain.mean[:n_assets]
    out.loadings[draw] = chain.loadings[:, :n_assets]
    out.spread[draw] = chain.spread
    out.mu[draw] = chain.mu[:columns]
    phi, sigma = phi_sigma(chain.points)
    out.phi[draw], out.sigma[draw] = phi[:columns], sigma[:columns]
    out.h_last[draw] = chain.h[-1, :columns]
    out.acceptance[:] += chain.accepted[:columns]
    if draw % out.thin == 0:
        out.h[draw // out.thin] = chain.h[:, :columns]
        out.factors[draw // out.thin] = chain.errors[:, n_assets:columns]


def _learn_steps(history: Array, chain: Chain) -> None:
    """Let the walk's steps have the covariance of what the walk has been through."""
    x, z = (history - history.mean(axis=0)).transpose(1, 0, 2)
    first = np.sqrt((x * x).mean(axis=0) + _JITTER)
    slope = (x * z).mean(axis=0) / first
    rest = np.sqrt(np.maximum((z * z).mean(axis=0) - slope**2, 0.0) + _JITTER)
    chain.steps[:] = _STEP * np.array([first, slope, rest])


def _empty(panel: Panel, settings: Settings, thin: int) -> FactorDraws:
    n_chains, n_draws, n_factors = settings.chains, settings.draws, panel.n_factors
    n_times, columns = panel.returns.shape[0], panel.n_assets + n_factors
    n_kept = -(-n_draws // thin)
    of_columns = (n_chains, n_draws, columns)
    return FactorDraws(
        mean=np.empty((n_chains, n_draws, panel.n_assets)),
        loadings=np.empty((n_chains, n_draws, n_factors, panel.n_assets)),
        spread=np.empty((n_chains, n_draws, n_factors)),
        mu=np.empty(of_columns),
        phi=np.empty(of_columns),
        sigma=np.empty(of_columns),
        h_last=np.empty(of_columns),
        h=np.empty((n_chains, n_kept, n_times, columns), np.float32),
        factors=np.empty((n_chains, n_kept, n_times, n_factors), np.float32),
        thin=thin,
        nu=np.full((n_chains, n_draws, panel.n_assets), np.inf),
        acceptance=np.zeros((n_chains, columns)),
    )


def _of_chain(draws: FactorDraws, chain: int) -> FactorDraws:
    own = {name: values[chain] for name, values in vars(draws).items() if name != "thin"}
    return dataclasses.replace(draws, **own)


def _label(draws: FactorDraws, n_assets: int) -> None:
    """Give the factors of all draws one order and one set of signs, in place."""
    n_chains, n_draws, n_factors, _ = draws.loadings.shape
    if not n_factors:
        return
    labels = find_labels(draws.loadings.reshape(-1, n_factors, n_assets))
    for chain in range(n_chains):
        every = labels.of(slice(chain * n_draws, (chain + 1) * n_draws))
        kept = every.of(slice(None, None, draws.thin))
        draws.loadings[chain] = every.applied(draws.loadings[chain], 1)
        draws.spread[chain] = every.ordered(draws.spread[chain], 1)
        for values in (draws.phi, draws.sigma, draws.h_last):
            values[chain, :, n_assets:] = every.ordered(values[chain, :, n_assets:], 1)
        draws.h[chain, ..., n_assets:] = kept.ordered(draws.h[chain, ..., n_assets:], 2)
        draws.factors[chain] = kept.applied(draws.factors[chain], 2)
