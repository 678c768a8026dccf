"""Whether returns look smoothed, each like the one before, so that a year is not what it seems."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.models.sharpe.annualisation import autocorrelated_annualisation

__all__ = ["smoothing_notes"]

_CLEAR = 2.5
_WORTH_A_NOTE = 0.9


def smoothing_notes(returns: Array, periods_per_year: float) -> list[str]:
    r"""Say so where the first autocorrelation is clear, and makes a year's ratio much lower.

    Values that are appraised or traded seldom follow the market slowly. Their returns vary less
    than what is behind them, and hang together: over a year they vary by more than the square root
    of the periods says (Getmansky, Lo & Makarov 2004, "An econometric model of serial correlation
    and illiquidity in hedge fund returns", Journal of Financial Economics 74).

    Clear is beyond two and a half standard errors, :math:`1 / \sqrt{n}`: by chance 0.6% of
    independent series are, and among long ones fewer, since much is by a tenth.

    Parameters
    ----------
    returns : ndarray of shape (n_observations,)
    """
    deviations = returns - returns.mean()
    rho = float(deviations[1:] @ deviations[:-1] / (deviations @ deviations))
    share = float(autocorrelated_annualisation(np.array(rho), periods_per_year))
    share /= float(np.sqrt(periods_per_year))
    if rho <= _CLEAR / np.sqrt(returns.size) or share > _WORTH_A_NOTE:
        return []
    return [
        f"Each return is like the one before (autocorrelation {rho:.2f}), as those of smoothed or "
        f"seldom traded values are: the ratio of yearly returns is about {share:.2f} times this "
        "one (autocorrelation 'ar1')."
    ]
