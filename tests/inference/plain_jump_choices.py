"""Jumps drawn day by day, and centres that follow: one proposal at a time, in NumPy."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm

from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SIGMA
from puffin.laws import LAWS
from tests.inference.plain_latent_ar1 import approximate_exp

PLACES, SHARES = np.polynomial.hermite_e.hermegauss(7)


def decide(problem, step, normals, errors):
    """Return the probability of each choice, negative of no jump, and the shift of each centre."""
    tables, choices = problem.approximation.tables, problem.approximation.tables.choices
    origin = problem.point(problem.theta)
    rows = problem.coordinates.rows((origin + step)[None], origin, problem.approximation.reach)
    natural, offsets = rows[:, :, 0]
    mean, phi, sigma, rho = natural[[MEAN, PHI, SIGMA, RHO]]
    centre = tables.centre + tables.centre_slopes @ offsets
    sd = tables.sd * np.exp(tables.cavities[1]) * approximate_exp(tables.sd_slopes @ offsets)
    pull, chosen = np.zeros(centre.size), []
    carried = 0.0
    for t in range(centre.size):
        handed = 0.0
        number = choices.numbers[t]
        if number >= 0:
            variance, slope = choices.variance[t], choices.slope[t]
            dh, _, deta, tilt, rest, of_omega = tables.cavities[:, t]
            wide = np.exp(tables.cavities[1, t])
            so_far, linked, eta = variance * carried, t < centre.size - 1, 0.0
            if linked:
                q = centre - tables.level
                eta = q[t + 1] - phi * q[t] + (slope - phi) * so_far
                eta = np.clip(eta / sigma, -3.0, 3.0)
            h = centre[t] + dh + wide**2 * so_far + sd[t] * PLACES
            etas = eta + deta + tilt * PLACES
            quiet, jumping = both(
                choices.returns[number] - mean, h, etas, rest, linked * rho, natural, errors
            )
            share = jumping[0] / (jumping[0] + quiet[0])
            share = np.clip(share, max(0.1 * natural[-3], 2e-4), 1.0 - 2e-3)
            jump = normals[number] < ndtri(share)
            chosen.append(share if jump else share - 1.0)
            more = jump - jumping[0] / (jumping[0] + quiet[0])
            change, shock = more * (jumping[1] - quiet[1]), more * (jumping[2] - quiet[2])
            handed = linked * (sigma * shock - (slope - phi) * change) / of_omega
            carried += change / variance - slope * handed
        pull[t] = carried
        carried = choices.ratio[t] * carried + handed
    shift = np.zeros(centre.size + 1)
    for t in reversed(range(centre.size)):
        shift[t] = choices.left[t] * pull[t] + choices.ratio[t] * shift[t + 1]
    return np.array(chosen), shift[:-1]


def both(error, h, eta, rest, rho, natural, errors):
    """Return probability, mean of h and of eta of either component, jumps and shocks normal.

    Of Student-t errors without a jump the density is averaged over tau.
    """
    kappa, jump_mean, jump_sd = natural[-3:]
    scale, own = np.exp(-0.5 * h), 1.0 - rho**2 * (1.0 - rest)
    z = error * scale
    if errors == "normal":
        density, root = norm.pdf(z, rho * eta, np.sqrt(own)), 1.0
    else:
        nu = natural[4]
        shape = {"nu": np.array(nu)}
        tau, log_weights = LAWS["student"].mixing_nodes(shape)
        tau, weights = tau[:, None], np.exp(log_weights)[:, None]
        density = norm.pdf(z, np.sqrt(tau) * rho * eta, np.sqrt(tau * own))
        density = (weights * density).sum(axis=0)
        root = np.sqrt((nu - 2.0 + z**2) / (nu + 1.0))
    quiet = (1.0 - kappa) * SHARES * scale * density
    gain = rest * rho / own * (z / root - rho * eta)
    width = own + (jump_sd * scale) ** 2
    beyond = z - jump_mean * scale - rho * eta
    jumping = kappa * SHARES * scale * norm.pdf(beyond, 0.0, np.sqrt(width))
    return tuple(
        (weight.sum(), weight @ h / weight.sum(), weight @ (eta + more) / weight.sum())
        for weight, more in ((quiet, gain), (jumping, rest * rho / width * beyond))
    )
