"""A posterior as skfolio's optimisers take it."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.extras import require
from puffin.models.comparison import ComparisonPriors, StrategyComparison, strategy_comparison
from puffin.portfolio.joint_returns import JointReturns
from puffin.validation import DataLike, positive_integer
from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate

require("skfolio", "portfolio", "PosteriorPrior")

import sklearn.utils  # noqa: E402
import sklearn.utils.validation as skv  # noqa: E402
from skfolio.prior import BasePrior, ReturnDistribution  # noqa: E402

__all__ = ["PosteriorPrior"]


class PosteriorPrior(BasePrior):  # type: ignore[misc]
    r"""The posterior predictive distribution of returns, for skfolio.

    skfolio calls a prior the distribution of future returns that its optimisers take. Here it is
    the posterior predictive distribution of `puffin.strategy_comparison`, in which each asset has
    the posterior of `puffin.bayesian_sharpe`; ``fit`` sets `return_distribution_`, a
    ``skfolio.prior.ReturnDistribution``, to

    - ``mu`` and ``covariance``: mean and covariance of the predictive distribution of one period's
      returns, so that uncertainty about the means adds to the risk. The covariance is the
      average of each posterior draw's own, plus that of the means; see
      `puffin.portfolio.JointReturns`.
    - ``returns``: joint draws from the predictive distribution, not history, for objectives such as
      CVaR that are worked out on scenarios. Their mean is exactly ``mu``: sampling error is no
      opportunity.

    Of constant volatility because skfolio refits in every window.

    Parameters
    ----------
    pool : bool, default True
        Whether Sharpe ratios have a common prior, Normal(0, tau) with tau learned, that shrinks
        them. Sample means are the least certain input of an optimiser, and matter most to it.
    risk_free_rate : float, default 0
        Annual: what the Sharpe ratios, and so the shrinkage, are measured from.
    periods_per_year : float, optional
        By default read off the dates of X, 252 without.
    priors : ComparisonPriors, optional
    n_scenarios : int, default 2000
        Rows of ``returns``.
    samples : int, default 500
        Posterior draws of each chain.
    chains : int, default 4
    cores : int, optional
        Threads; by default as many as there are.
    random_state : int, RandomState or None
        An int makes fits repeatable.

    Attributes
    ----------
    return_distribution_ : skfolio.prior.ReturnDistribution
    comparison_ : StrategyComparison
        The posterior behind it.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_assets,)
        Where X has names.

    Examples
    --------
    >>> from skfolio import RiskMeasure
    >>> from skfolio.optimization import MeanRisk
    >>> from puffin.portfolio import PosteriorPrior
    >>> model = MeanRisk(
    ...     risk_measure=RiskMeasure.CVAR, prior_estimator=PosteriorPrior(random_state=1)
    ... )
    >>> model.fit(returns).weights_  # doctest: +SKIP
    """

    comparison_: StrategyComparison

    def __init__(
        self,
        pool: bool = True,
        risk_free_rate: float = 0.0,
        periods_per_year: float | None = None,
        priors: ComparisonPriors | None = None,
        n_scenarios: int = 2000,
        samples: int = 500,
        chains: int = 4,
        cores: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.pool = pool
        self.risk_free_rate = risk_free_rate
        self.periods_per_year = periods_per_year
        self.priors = priors
        self.n_scenarios = n_scenarios
        self.samples = samples
        self.chains = chains
        self.cores = cores
        self.random_state = random_state

    def fit(self, X: DataLike, y: object = None, **fit_params: object) -> Self:  # noqa: ARG002
        """Draw from the posterior given X.

        Parameters
        ----------
        X : array-like of shape (n_observations, n_assets)
            Simple returns.
        y : Ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is invalid.
        """
        n_scenarios = positive_integer("n_scenarios", self.n_scenarios, minimum=2)
        risk_free_rate = annual_risk_free_rate(self.risk_free_rate)
        index = X.index if isinstance(X, pd.DataFrame) else None
        values = skv.validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        stream = sklearn.utils.check_random_state(self.random_state)
        seeds = stream.randint(np.iinfo(np.int32).max, size=2)
        comparison = strategy_comparison(
            pd.DataFrame(values, index, self._names()),
            self.samples,
            risk_free_rate=risk_free_rate,
            periods_per_year=self.periods_per_year,
            pool=self.pool,
            priors=self.priors,
            chains=self.chains,
            cores=self.cores,
            random_seed=int(seeds[0]),
        )
        joint = JointReturns.of(comparison)
        rate = period_risk_free_rate(risk_free_rate, comparison.periods_per_year)
        self.comparison_ = comparison
        self.return_distribution_ = ReturnDistribution(
            mu=joint.mean + rate,
            covariance=joint.covariance,
            returns=joint.draw(n_scenarios, np.random.default_rng(int(seeds[1]))) + rate,
        )
        return self

    def _names(self) -> NDArray[np.str_]:
        """Return names that are all different, whatever those of X."""
        numbers = [f"x{column}" for column in range(self.n_features_in_)]
        return np.asarray(getattr(self, "feature_names_in_", numbers))
