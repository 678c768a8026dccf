r"""Coefficients of many assets, in groups, from estimates whose errors are known.

Asset i has q coefficients, such as alpha and betas, and estimates of them:

.. math::

    \hat\theta_i = \theta_i + G \lambda_i + u_i, \qquad u_i \sim N(0, S_i), \qquad
    \operatorname{vec} G \sim N(0, \Gamma)

Own errors :math:`u_i` are independent; what errors have in common is :math:`G`, of shape (q, k),
the chance of k common factors, to which asset i has the exposures :math:`\lambda_i`. So the
covariance of all estimates is that of blocks and a low rank. Coefficients have the prior

.. math::

    \theta_{ij} \sim N(\mu_j + b_{g(i) j}, \tau_{g(i) j}^2), \quad b_{gj} \sim N(0, \omega_j^2),
    \quad \mu_j \sim N(0, M_j^2), \quad \tau_{gj} \sim HN(s_j), \quad
    \omega_j, s_j \sim HN(S_j)

HN is half-normal. Spreads :math:`\tau` differ from group to group, and groups teach each other how
large they usually are, by s: a group of one is shrunk as much as those of its kind. With a single
group there is no b.

The first coefficient, alpha, may be exactly zero for some: a spike beside the slab above (Mitchell
& Beauchamp 1988, "Bayesian variable selection in linear regression", Journal of the American
Statistical Association 83),

.. math::

    \theta_{i1} = z_i \, \theta_{i1}^*, \quad \theta_{i1}^* \sim N(\mu_1 + b_{g(i) 1},
    \tau_{g(i) 1}^2), \quad z_i \sim \text{Bernoulli}(\pi), \quad \pi \sim \text{Beta}(a, b)

The sampler is Gibbs over spreads, with all that is Gaussian given them integrated out where it
would slow the chain: :math:`\omega` is drawn given :math:`\tau` and z only, with :math:`G, \mu, b`
eliminated, then these three at once (`means`); then, with the coefficients :math:`\theta`
integrated out, :math:`\pi` (z integrated out too) and z (`spike`), and each :math:`\tau` and s
(`spreads`). Spreads are drawn by slices, so that nothing is on a grid. Coefficients are drawn from
their normal distribution given the rest, for the draws that are kept.
"""

from __future__ import annotations

import numpy as np

from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates
from puffin.inference.hierarchical.sweep import Kept, SweepData, run_sweeps
from puffin.inference.settings import Settings

__all__ = ["sample_hierarchical"]


def sample_hierarchical(
    estimates: NoisyEstimates, prior: HierarchicalPrior, settings: Settings
) -> Draws:
    """Draw coefficients, means and spreads.

    Returns
    -------
    Draws
        `theta` of shape (..., n_assets, n_coefficients), `mean` and `typical_spread` (mu and s) of
        shape (..., n_coefficients), `spread` (tau) of shape (..., n_groups, n_coefficients);
        with more than one group, `group_mean` (mu + b) of that shape too and `between` (omega);
        and with a spike `share` (pi), of shape (...).

    Raises
    ------
    SamplingError
        If a density is not finite.
    """
    data = SweepData.of(estimates, prior)
    chain_streams = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> Kept:
        return run_sweeps(data, settings, chain_streams[chain], advance)

    parts = run_chains(run, settings)
    variables = {name: np.stack([getattr(part, name) for part in parts]) for name in Kept._fields}
    if not all(np.isfinite(draws).all() for draws in variables.values()):
        raise SamplingError("a density of the hierarchical model is not finite.")
    if estimates.shape[0] == 1:
        del variables["group_mean"], variables["between"]
    if prior.share is None:
        del variables["share"]
    return Draws(variables, method="Gibbs with slices")
