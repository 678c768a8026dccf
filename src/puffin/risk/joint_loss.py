"""How good value at risk and expected shortfall are, together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from puffin.validation import as_aligned, row_label, tail_level

__all__ = ["joint_loss"]


def joint_loss(
    returns: Any, value_at_risk: Any, expected_shortfall: Any, level: float
) -> pd.Series[float]:
    r"""Return the loss of each period by which forecasts of both are compared: smaller is better.

    Expected shortfall alone has no loss function whose mean is least for the right forecasts;
    together with value at risk it has (Fissler & Ziegel 2016). Of these losses this is the one
    whose differences do not depend on the unit of the returns, "FZ0" of Patton, Ziegel & Chen
    (2019). With V and E both positive where money is lost,

    .. math::

        L_t = \frac{1}{p E_t} 1\{y_t \le -V_t\} (-V_t - y_t) + \frac{V_t}{E_t} + \log E_t - 1

    Its mean is least where V and E are the forecaster's value at risk and expected shortfall of
    probability p. Turned round in its sign it is a score for `diebold_mariano_test`.

    Parameters
    ----------
    returns, value_at_risk, expected_shortfall : array-like of shape (n_times,)
        In the same unit; losses are positive values at risk.
    level : float
        The probability p, such as 0.025.

    Raises
    ------
    ValueError
        If they do not match, or an expected shortfall is not positive, for which there is no loss.

    References
    ----------
    Fissler & Ziegel (2016), "Higher order elicitability and Osband's principle", Annals of
    Statistics 44; Patton, Ziegel & Chen (2019), "Dynamic semiparametric models for expected
    shortfall (and value-at-risk)", Journal of Econometrics 211.
    """
    level = tail_level("level", level)
    (y, at_risk, shortfall), index = as_aligned(
        returns=returns, value_at_risk=value_at_risk, expected_shortfall=expected_shortfall
    )
    if shortfall.min() <= 0.0:
        first = int(np.argmax(shortfall <= 0.0))
        place = first if index is None else row_label(index[first])
        raise ValueError(
            f"expected_shortfall must be positive, a loss; found {shortfall[first]:g} at {place}."
        )
    beyond = np.maximum(-at_risk - y, 0.0) / (level * shortfall)
    loss = beyond + at_risk / shortfall + np.log(shortfall) - 1.0
    return pd.Series(loss, index, name="joint_loss")
