r"""The block of Student-t errors: how fat their tails are, and which days are in them.

An asset's error of variance :math:`e^h` is

.. math:: e_t = e^{h_t / 2} \sqrt{\tau_t} z_t, \qquad
    \tau_t \sim IG(\tfrac{\nu}{2}, \tfrac{\nu - 2}{2}), \quad z_t \sim N(0, 1)

so that given :math:`\tau` errors are normal, and every other block is as it is without, with
:math:`e_t / \sqrt{\tau_t}` for the errors and :math:`e^{-h_t} / \tau_t` for the precisions. Degrees
of freedom are drawn with all :math:`\tau` integrated out, by a slice sampler of
:math:`\log(\nu - 2)`, and :math:`\tau` right after, given them.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import drawing_kernel, kernel, part
from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel, Scratch
from puffin.inference.slice_sampling import slice_move
from puffin.inference.student_t_density import sum_log1p

__all__ = ["draw_mixing", "mix_again"]

_LEAST, _MOST = 1e-3, 1e3


@part
def _log_density(x: float, at: tuple[Array, float, float]) -> float:
    """Return that of log(nu - 2), given squared standardised errors, their number, a prior mean."""
    squares, count, mean = at
    excess = math.exp(x)
    if not _LEAST < excess < _MOST:
        return -math.inf
    nu = excess + 2.0
    constant = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(excess)
    of_errors = count * constant - 0.5 * (nu + 1.0) * sum_log1p(squares, 1.0 / excess)
    return of_errors - excess / mean + x


_move_freedom = slice_move(_log_density)


@drawing_kernel
def draw_mixing(
    stream: np.random.Generator, panel: Panel, prior: FactorPrior, chain: Chain, scratch: Scratch
) -> None:
    """Draw nu and tau of each asset, in place, and leave the errors over the root of tau.

    On days on which an asset is missing tau is one: it has no say in anything.
    """
    n_times = panel.returns.shape[0]
    for i in range(panel.n_assets):
        count = 0.0
        for t in range(n_times):
            error = chain.errors[t, i]
            scratch.squares[t] = panel.present[t, i] * error * error * math.exp(-chain.h[t, i])
            count += panel.present[t, i]
        at = (scratch.squares, count, prior.nu_mean)
        chain.nu[i] = 2.0 + math.exp(_move_freedom(stream, math.log(chain.nu[i] - 2.0), at))
        for t in range(n_times):
            tau = 1.0
            if panel.present[t, i] > 0.0:
                rate = 0.5 * (chain.nu[i] - 2.0 + scratch.squares[t])
                tau = rate / stream.standard_gamma(0.5 * (chain.nu[i] + 1.0))
            chain.mixing[t, i] = tau
            chain.errors[t, i] /= math.sqrt(tau)


@kernel
def mix_again(panel: Panel, chain: Chain) -> None:
    """Put tau back: into the assets' errors, and their precisions."""
    for t in range(panel.returns.shape[0]):
        for i in range(panel.n_assets):
            chain.errors[t, i] *= math.sqrt(chain.mixing[t, i])
            chain.precision[t, i] /= chain.mixing[t, i]
