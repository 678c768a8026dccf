r"""The means of `puffin.inference.hierarchical.sampler` given the spreads within groups, compiled.

Given :math:`\tau` the estimates are normal about what is shared, :math:`c = (G, \mu)`, and the
groups' deviations :math:`b_g = \omega z_g` with z standard normal. The precision of (c, z) has a
block for each group and what is shared beside them: z is eliminated group by group, so that many
groups cost little, and what is left is as small as c. That gives the evidence of :math:`\omega`,
by which it moves with all means integrated out, and then the means themselves.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.inference.slice_sampling import slice_move
from puffin.inference.triangular import reverse_cholesky, solve_lower, solve_lower_transposed

__all__ = ["Eliminated", "Evidence", "draw_means", "gather", "move_between"]


class Evidence(NamedTuple):
    """What the estimates say of what is shared and of groups.

    Attributes
    ----------
    precision, shift : of shapes (d, d) and (d,)
        Of what is shared, prior included; the lower triangle counts.
    group_precision, group_cross, group_shift : of shapes (n_groups, q, q), (..., q, d), (..., q)
        Of b, and between b and what is shared.
    design : of shape (q, d / q)
        Scratch: one asset's loadings.
    """

    precision: Array
    shift: Array
    group_precision: Array
    group_cross: Array
    group_shift: Array
    design: Array

    @classmethod
    def of(cls, n_groups: int, q: int, d: int) -> Evidence:
        """Return evidence that is not gathered yet."""
        return cls(
            np.zeros((d, d)), np.zeros(d), np.zeros((n_groups, q, q)), np.zeros((n_groups, q, d)),
            np.zeros((n_groups, q)), np.zeros((q, d // q)),
        )  # fmt: skip


class Eliminated(NamedTuple):
    """Roots of precisions, and what is solved by them; the last two are scratch.

    Attributes
    ----------
    root, half_cross, half_shift
        Of z, group by group: the M of its precision M'M, and with it cross terms and shifts.
    shared_root, shared_half
        Of what is shared, z integrated out.
    """

    root: Array
    half_cross: Array
    half_shift: Array
    shared_root: Array
    shared_half: Array
    least: Array
    least_shared: Array

    @classmethod
    def of(cls, n_groups: int, q: int, d: int) -> Eliminated:
        """Return what is not eliminated yet."""
        return cls(
            np.zeros((n_groups, q, q)), np.zeros((n_groups, d, q)), np.zeros((n_groups, q)),
            np.zeros((d, d)), np.zeros(d), np.zeros(q), np.zeros(d),
        )  # fmt: skip


@part
def gather(
    weights: Array,
    values: Array,
    loadings: Array,
    groups: NDArray[np.intp],
    active: Array,
    prior_precision: Array,
    evidence: Evidence,
) -> None:
    """Add up what all estimates say, by the precisions of each about what is shared."""
    precision, shift, group_precision, group_cross, group_shift, design = evidence
    (n_assets, q), width = values.shape, loadings.shape[1]
    for a in range(shift.size):
        shift[a] = 0.0
        for b in range(shift.size):
            precision[a, b] = prior_precision[a, b]
    for g in range(group_shift.shape[0]):
        for j in range(q):
            group_shift[g, j] = 0.0
            for m in range(q):
                group_precision[g, j, m] = 0.0
            for a in range(shift.size):
                group_cross[g, j, a] = 0.0
    for i in range(n_assets):
        g = groups[i]
        for j in range(q):
            for a in range(width):
                design[j, a] = loadings[i, a]
        # A coefficient that is zero says nothing of the means.
        design[0, width - 1] *= active[i]
        for j in range(q):
            weighted, present = 0.0, design[j, width - 1]
            for m in range(q):
                weighted += weights[i, j, m] * values[i, m]
            group_shift[g, j] += present * weighted
            for a in range(width):
                shift[j * width + a] += weighted * design[j, a]
            for m in range(q):
                group_precision[g, j, m] += present * weights[i, j, m] * design[m, width - 1]
                for a in range(width):
                    share = weights[i, j, m] * design[m, a]
                    group_cross[g, j, m * width + a] += present * share
                    if m <= j:
                        for b in range(width):
                            precision[j * width + b, m * width + a] += design[j, b] * share


@part
def eliminate(between: Array, evidence: Evidence, found: Eliminated) -> float:
    """Eliminate z, and return the log evidence of omega, up to a constant."""
    root, half_cross, half_shift, shared_root, shared_half, least, least_shared = found
    (n_groups, q), d = half_shift.shape, shared_half.size
    value = 0.0
    for a in range(d):
        shared_half[a] = evidence.shift[a]
        for b in range(a + 1):
            shared_root[a, b] = evidence.precision[a, b]
    for g in range(n_groups):
        for j in range(q):
            for m in range(j + 1):
                root[g, j, m] = between[j] * evidence.group_precision[g, j, m] * between[m]
            root[g, j, j] += 1.0
            half_shift[g, j] = between[j] * evidence.group_shift[g, j]
        reverse_cholesky(root[g], least)
        solve_lower_transposed(root[g], half_shift[g])
        for j in range(q):
            value += 0.5 * half_shift[g, j] ** 2 - math.log(root[g, j, j])
        for a in range(d):
            for j in range(q):
                half_cross[g, a, j] = between[j] * evidence.group_cross[g, j, a]
            solve_lower_transposed(root[g], half_cross[g, a])
            for j in range(q):
                shared_half[a] -= half_cross[g, a, j] * half_shift[g, j]
            for b in range(a + 1):
                for j in range(q):
                    shared_root[a, b] -= half_cross[g, a, j] * half_cross[g, b, j]
    reverse_cholesky(shared_root, least_shared)
    solve_lower_transposed(shared_root, shared_half)
    for a in range(d):
        value += 0.5 * shared_half[a] ** 2 - math.log(shared_root[a, a])
    return value


class _BetweenAt(NamedTuple):
    """One coefficient's omega, and what its density depends on."""

    j: int
    scale: float
    between: Array
    evidence: Evidence
    found: Eliminated


@part
def _between_density(log_width: float, at: _BetweenAt) -> float:
    """Return the log density of log omega, prior included."""
    width = math.exp(log_width)
    at.between[at.j] = width
    log_prior = log_width - 0.5 * (width / at.scale) ** 2
    return eliminate(at.between, at.evidence, at.found) + log_prior


_move_width = slice_move(_between_density)


@part
def move_between(
    stream: np.random.Generator,
    between: Array,
    scale: Array,
    evidence: Evidence,
    found: Eliminated,
) -> None:
    """Move each coefficient's omega, all means integrated out."""
    for j in range(between.size):
        at = _BetweenAt(j, scale[j], between, evidence, found)
        between[j] = math.exp(_move_width(stream, math.log(between[j]), at))


@part
def draw_means(
    stream: np.random.Generator,
    between: Array,
    evidence: Evidence,
    found: Eliminated,
    shared: Array,
    deviations: Array,
) -> None:
    """Draw what is shared, and b, given omega."""
    eliminate(between, evidence, found)
    n_groups, q = deviations.shape
    for a in range(shared.size):
        shared[a] = found.shared_half[a] + stream.standard_normal()
    solve_lower(found.shared_root, shared)
    for g in range(n_groups):
        for j in range(q):
            half = found.half_shift[g, j] + stream.standard_normal()
            for a in range(shared.size):
                half -= found.half_cross[g, a, j] * shared[a]
            deviations[g, j] = half
        solve_lower(found.root[g], deviations[g])
        for j in range(q):
            deviations[g, j] *= between[j]
