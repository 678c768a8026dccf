"""Moving volatilities and correlations as skfolio's optimisers take them."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from puffin.extras import require
from puffin.models.multivariate import MultivariateSV
from puffin.models.volatility.priors import VolatilityPriors
from puffin.validation import DataLike

require("skfolio", "portfolio", "MovingVolatilityPrior")

import sklearn.utils  # noqa: E402
import sklearn.utils.metadata_routing as skm  # noqa: E402
import sklearn.utils.validation as skv  # noqa: E402
from skfolio.prior import BasePrior, EmpiricalPrior, ReturnDistribution  # noqa: E402
from skfolio.utils.tools import check_estimator  # noqa: E402

__all__ = ["MovingVolatilityPrior"]


class MovingVolatilityPrior(BasePrior):  # type: ignore[misc]
    """The predictive distribution of `puffin.MultivariateSV`, for skfolio.

    skfolio calls a prior the distribution of future returns that its optimisers take. Here it is
    that of the return over the next `horizon` periods, a period's on average, with variances and
    correlations as they are on the last day of X and fade from there; ``fit`` sets
    `return_distribution_`, a ``skfolio.prior.ReturnDistribution``, to

    - ``covariance``: of the predictive distribution, over `horizon`;
    - ``mu``: that of `prior_estimator`, by default the sample means. How volatility moves says
      nothing of means;
    - ``returns``: joint draws, not history, for objectives such as CVaR that are worked out on
      scenarios. Their mean is exactly ``mu``.

    `PosteriorPrior` has constant volatility, and shrinks means; this one knows how much markets
    move now. Both: ``MovingVolatilityPrior(prior_estimator=PosteriorPrior())``. A fit takes seconds
    where that one takes a fraction: with ``horizon`` as long as weights are held, refit no more
    often.

    Parameters
    ----------
    factors : int, default 1
    horizon : int, default 1
        Periods for which weights are to be held.
    prior_estimator : skfolio.prior.BasePrior, optional
        Whose ``mu``, of one period, is taken; by default ``skfolio.prior.EmpiricalPrior()``, which
        has the sample means. One that shrinks them, or has views, is mostly better.
    priors : VolatilityPriors, optional
    samples, tune : int, default 500
        Of each chain. There is a scenario for each draw.
    chains : int, default 4
    cores : int, optional
    random_state : int, RandomState or None
        An int makes fits repeatable.
    distribution : {"normal", "student"}
        Of assets' own errors given their volatility.

    Attributes
    ----------
    return_distribution_ : skfolio.prior.ReturnDistribution
    model_ : MultivariateSV
    prior_estimator_ : skfolio.prior.BasePrior
        As it was fitted.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_assets,)
        Where X has names.

    Examples
    --------
    >>> from skfolio.optimization import MeanRisk
    >>> from puffin.portfolio import MovingVolatilityPrior
    >>> model = MeanRisk(prior_estimator=MovingVolatilityPrior(2, horizon=21, random_state=1))
    >>> model.fit(returns).weights_  # doctest: +SKIP
    """

    model_: MultivariateSV
    prior_estimator_: BasePrior

    def __init__(
        self,
        factors: int = 1,
        horizon: int = 1,
        prior_estimator: BasePrior | None = None,
        priors: VolatilityPriors | None = None,
        samples: int = 500,
        tune: int = 500,
        chains: int = 4,
        cores: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        distribution: str = "normal",
    ) -> None:
        self.factors = factors
        self.horizon = horizon
        self.prior_estimator = prior_estimator
        self.priors = priors
        self.samples = samples
        self.tune = tune
        self.chains = chains
        self.cores = cores
        self.random_state = random_state
        self.distribution = distribution

    def get_metadata_routing(self) -> skm.MetadataRouter:
        """Say that metadata go to `prior_estimator`, as scikit-learn asks of one inside another."""
        return skm.MetadataRouter(owner=type(self).__name__).add(
            prior_estimator=self.prior_estimator,
            method_mapping=skm.MethodMapping().add(caller="fit", callee="fit"),
        )

    def fit(self, X: DataLike, y: object = None, **fit_params: object) -> Self:
        """Draw from the posterior given X.

        Parameters
        ----------
        X : array-like of shape (n_observations, n_assets)
            Simple returns.
        y : optional
            What `prior_estimator` takes; ignored by the others.
        **fit_params
            Metadata for `prior_estimator`.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If X or a parameter is invalid.
        """
        routed = skm.process_routing(self, "fit", **fit_params)
        self.prior_estimator_ = check_estimator(
            self.prior_estimator, default=EmpiricalPrior(), check_type=BasePrior
        )
        self.prior_estimator_.fit(X, y, **routed.prior_estimator.fit)
        index = X.index if isinstance(X, pd.DataFrame) else None
        values = skv.validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        seed = sklearn.utils.check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        names = getattr(self, "feature_names_in_", None)
        model = MultivariateSV(self.factors, priors=self.priors, distribution=self.distribution)
        self.model_ = model.fit(
            pd.DataFrame(values, index, names), self.samples, self.tune,
            chains=self.chains, cores=self.cores, random_seed=int(seed),
        )  # fmt: skip
        draws = self.model_.predictive(self.horizon).draws.sum(axis=2) / self.horizon
        draws = draws.reshape(-1, values.shape[1])
        mu = np.asarray(self.prior_estimator_.return_distribution_.mu)
        covariance = self.model_.covariance(horizon=self.horizon).to_numpy() / self.horizon
        spread = np.sqrt(self.horizon)
        self.return_distribution_ = ReturnDistribution(
            mu=mu, covariance=covariance, returns=mu + spread * (draws - draws.mean(axis=0))
        )
        return self
