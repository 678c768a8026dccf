"""Whether a model's returns can be fractions of what is invested, as decisions take them."""

from __future__ import annotations

import warnings

from puffin.posterior import Predictive

__all__ = ["check_fractions"]

_LEFT, _RIGHT = 0.16, 0.84
_DOUBTFUL, _IMPOSSIBLE = 0.2, 0.6


def check_fractions(predictive: Predictive) -> None:
    """Refuse returns that can only be percent or basis points; warn of what may be.

    By half the range that holds two thirds of the next period's returns, a standard deviation if
    they are normal: of fractions it is 0.01 for a stock's day and 0.05 for a coin's.

    Parameters
    ----------
    predictive : Predictive
        Of one period.

    Raises
    ------
    ValueError
        If it is above 0.6: a loss of most of what there is would be usual.

    Warns
    -----
    UserWarning
        If it is above 0.2.
    """
    size = 0.5 * float(predictive.quantile(_RIGHT) - predictive.quantile(_LEFT))
    if size <= _DOUBTFUL:
        return
    found = f"the model's returns typically move by {size:.2g} a period"
    wanted = "where 0.01 is 1%"
    if size > _IMPOSSIBLE:
        raise ValueError(
            f"{found}, most of what there is, {wanted}; fit it to fractions: divide percent by "
            "100, basis points by 10,000."
        )
    warnings.warn(
        f"{found}, {wanted}: are they in percent? Then divide them by 100 and fit again.",
        UserWarning,
        stacklevel=3,
    )
