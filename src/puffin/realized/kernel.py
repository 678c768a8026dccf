r"""The realised kernel: variance of a price that is observed with noise.

With :math:`\gamma_h = \sum_j r_j r_{j-|h|}` and Parzen weights k,

.. math:: K = \sum_{h=-H}^{H} k\left(\frac{h}{H+1}\right) \gamma_h

which is never negative. Noise with variance :math:`\omega^2` at each price adds
:math:`2 n \omega^2` to a realised variance, and next to nothing to K. The bandwidth is that of the
authors, :math:`H = 3.5134 \, \xi^{4/5} n^{3/5}` with :math:`\xi^2 = \omega^2 / IV`:
:math:`\omega^2` from the realised variance of all returns over 2n, the integrated variance IV from
returns of a twentieth of the day, averaged over where these begin. (They also average the first and
the last few prices, which matters little and is not done here.)

References
----------
Barndorff-Nielsen, Hansen, Lunde & Shephard (2008), Econometrica 76; (2009), "Realized kernels in
practice: trades and quotes", Econometrics Journal 12.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.realized.sums import measured

__all__ = ["bandwidth", "parzen", "realized_kernel"]

_CONSTANT, _SPARSE, _FEWEST = 3.5134, 20, 10


def realized_kernel(returns: pd.Series[float]) -> pd.Series[float]:
    """Return the realised kernel of each local day.

    Parameters
    ----------
    returns : Series
        Log returns by time, as many as there are: see `intraday_returns`.

    Returns
    -------
    Series
        By day; NaN of days with fewer than ten returns, or without a move.
    """
    return measured("realized_kernel", returns, _kernel, least=_FEWEST)


def _kernel(r: Array) -> float:
    most = min(bandwidth(r), r.size - 1)
    weights = parzen(np.arange(1, most + 1) / (most + 1.0))
    covariances = np.array([r[lag:] @ r[:-lag] for lag in range(1, most + 1)])
    return float(r @ r + 2.0 * (weights @ covariances))


def parzen(x: Array) -> Array:
    """Return the Parzen weight of 0 <= x <= 1."""
    near = 1.0 - 6.0 * x**2 + 6.0 * x**3
    return np.asarray(np.where(x <= 0.5, near, 2.0 * (1.0 - x) ** 3))


def bandwidth(r: Array) -> int:
    """Return H for the returns of one day."""
    n = r.size
    price = np.concatenate([[0.0], np.cumsum(r)])
    step = max(n // _SPARSE, 1)
    sparse = [float(np.sum(np.diff(price[start::step]) ** 2)) for start in range(step)]
    integrated, noise = float(np.mean(sparse)), float(r @ r) / (2.0 * n)
    if integrated <= 0.0:
        return 0
    return int(np.ceil(_CONSTANT * (noise / integrated) ** 0.4 * n**0.6))
