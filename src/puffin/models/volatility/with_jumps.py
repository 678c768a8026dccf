"""Stochastic volatility with jumps in the returns."""

from __future__ import annotations

from typing import ClassVar, Self

from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.storage import Arguments

__all__ = ["SVWithJumps"]


class SVWithJumps(StochasticVolatilityModel):
    r"""Returns whose log-variance is a latent AR(1) process, and which jump now and then.

    .. math::

        y_t = \text{mean} + k_t q_t + e^{h_t / 2} \epsilon_t, \qquad
        k_t \sim \operatorname{Bernoulli}(\kappa), \qquad
        q_t \sim N(\text{jump\_mean}, \text{jump\_sd}^2)

    It is `StochasticVolatilityModel` with ``jumps=True``, which says the rest: a single large
    return need not mean that volatility is high. `jump_probability` says when there was a jump.

    Parameters
    ----------
    distribution : {"normal", "student"}
        Of the errors.
    leverage : bool
    mean : {"constant", "zero"}
    priors : VolatilityPriors, optional
    engine : {"native", "pymc"}

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.SVWithJumps().fit(returns[:1000], random_seed=1)
    >>> model.jump_probability().nlargest(5, "probability")  # doctest: +SKIP
    """

    _own_options: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        distribution: str = "normal",
        leverage: bool = False,
        mean: str = "constant",
        priors: VolatilityPriors | None = None,
        engine: str = "native",
    ) -> None:
        super().__init__(distribution, leverage, mean, priors, engine, jumps=True)

    @classmethod
    def _made_with(cls, arguments: Arguments) -> Self:
        if not arguments.jumps:
            raise ValueError("it is of a model without jumps, for StochasticVolatilityModel.load")
        return cls(arguments.distribution, arguments.leverage, arguments.mean, arguments.priors)
