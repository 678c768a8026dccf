"""Volatilities and correlations of many assets that move by themselves, with a full posterior."""

from __future__ import annotations

import dataclasses
import os
import warnings
from typing import Any, Self

import pandas as pd

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.multivariate import storage
from puffin.models.multivariate.card import multivariate_card
from puffin.models.multivariate.checks import (
    LEAST_RETURNS,
    check_enough_returns,
    check_factors,
    later_returns,
)
from puffin.models.multivariate.fitted import ErrorsAndMeans, FittedMultivariate, fit_panel
from puffin.models.multivariate.results import MultivariateResults
from puffin.models.settings import check_priors, sampling_settings
from puffin.models.volatility.observed import NotObservedWarning
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import warn_unless_converged
from puffin.showing.card import Card
from puffin.validation import as_return_panel, choice, positive_integer, positive_number

__all__ = ["MultivariateSV"]


class MultivariateSV(MultivariateResults):
    r"""Factor stochastic volatility: a few factors by which many assets move together.

    .. math::

        r_t = m + B f_t + e_t, \qquad
        f_{kt} \sim N(0, e^{h_{kt}}), \quad e_{it} \sim N(0, e^{h_{it}})

    Every log-variance h, of each factor and of each asset's own error, is an AR(1) process of its
    own, :math:`h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t`, as in
    `StochasticVolatilityModel`. So covariances, :math:`B' D_t B + E_t`, move from day to day, with
    far fewer unknowns than there are pairs; when the factors' variances rise, as in a crash, so do
    all correlations.

    - **Identification.** The level :math:`\mu` of the factors is zero: their usual variance is
      about one, and loadings B have the size. Loadings are free, and none is fixed to zero, so that
      the order of the assets does not matter. Signs and order of the factors are settled over the
      draws afterwards, which changes no covariance. Their rotation is known only as far as the
      factors' variances tell them apart; covariances do not depend on it.
    - **Priors** are those of `VolatilityPriors` on returns in units of each asset's standard
      deviation; loadings on factor k are Normal(0, :math:`s_k`), and :math:`s_k` is
      HalfNormal(`loading_sd`), so that a factor that is not needed shrinks away.
    - **Missing returns** (NaN), and assets that start late or end early, are integrated out: only
      what was observed counts. Zeros that are too many to be true count as missing (`notes`).
    - **Errors.** By default returns are normal given volatility: fat tails come of moving
      volatility alone. With ``distribution="student"`` each asset's own error is Student-t with
      degrees of freedom of its own, scaled to variance :math:`e^{h_{it}}`: a day of news about one
      company is an outlier, and not a rise of its volatility. Factors are normal given theirs.
      Whether tails are fat or volatility jumps is hard to tell, and chains go slowly between the
      two: degrees of freedom of 20 US equities over 750 days with two factors had one effective
      draw in 14 at the median, one in 200 at the worst. Take more `samples`, as `doubts` says.
      There is no leverage. Where that matters more than correlations do, a
      `StochasticVolatilityModel` of the portfolio's own returns fits its tails better.

    - **Means.** With ``mean="constant"`` m has the model's own posterior, in which each return
      counts by one over its variance. Where volatility rises with losses, as of equities, days of
      loss have the smallest weights, and means come out too high: 19.6% and 16.1% a year where the
      truth was 5% (samples' means 5.4% and 0.1%) in two simulations of 8 assets over 1,500 days
      with leverage -0.7; of 20 US equities, over three stretches of 1,000 days, 7.7, 2.7 and 4.9
      points a year above those of the samples. So the default is ``mean="sample"``: volatilities
      are as with "constant", but means of returns to come are drawn by the Bayesian bootstrap
      (`puffin.models.multivariate.means`), centred on the sample means, with their standard errors,
      independent of the volatilities. Those errors are large: before means decide anything, shrink
      them (`puffin.portfolio.PosteriorPrior`). ``mean="zero"`` leaves means out.

    Chains move slowest in what share of an asset factors explain, above all where only two assets
    hang on a factor; take fewer factors or more draws where `diagnostics` says that they disagree.
    With ``factors=0`` it is a `StochasticVolatilityModel` with normal errors for each asset.

    Draws of all but such means are from the exact posterior (`puffin.inference.factor_sv.sampler`),
    as in Kastner, Fruehwirth-Schnatter & Lopes (2017), "Efficient Bayesian inference for
    multivariate factor stochastic volatility models", Journal of Computational and Graphical
    Statistics 26.

    Parameters
    ----------
    factors : int, default 1
        How many; fewer than assets. One is the market; a few more are sectors and styles.
    mean : {"sample", "constant", "zero"}
        Whence means of returns to come, as above.
    priors : VolatilityPriors, optional
    loading_sd : float, default 1
    distribution : {"normal", "student"}
        Of each asset's own error given its volatility, as above.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_equities()[["AAPL", "JPM", "XOM"]].pct_change().dropna()[-500:]
    >>> model = pf.MultivariateSV(factors=2).fit(returns, random_seed=1)  # doctest: +SKIP
    >>> model.covariance()  # doctest: +SKIP
    >>> pf.risk.tail_risk(model.portfolio({"AAPL": 0.5, "JPM": 0.5}))  # doctest: +SKIP
    """

    def __init__(
        self,
        factors: int = 1,
        mean: str = "sample",
        priors: VolatilityPriors | None = None,
        loading_sd: float = 1.0,
        distribution: str = "normal",
    ) -> None:
        self.n_factors = positive_integer("factors", factors, minimum=0)
        self.mean = choice("mean", mean, ("sample", "constant", "zero"))
        self.priors = check_priors(priors, VolatilityPriors)
        self.loading_sd = positive_number("loading_sd", loading_sd)
        self.distribution = choice("distribution", distribution, ("normal", "student"))
        self._fitted: FittedMultivariate | None = None

    def _card(self) -> Card:
        return multivariate_card(
            f"MultivariateSV(factors={self.n_factors}, mean={self.mean!r}, "
            f"distribution={self.distribution!r})",
            self._fitted,
        )

    def fit(
        self,
        returns: Any,
        samples: int = 1000,
        tune: int = 1000,
        *,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
        date: str | None = None,
    ) -> Self:
        """Draw from the posterior given returns.

        Parameters
        ----------
        returns : DataFrame (pandas or polars), or array-like of shape (n_times, n_assets)
            A column an asset, in any unit; NaN where there is none. Results are in the same unit.
        samples : int, default 1000
            Draws of each chain.
        tune : int, default 1000
            Warm-up of each chain.
        date : str, optional
            The column of dates, in a polars frame.

        Returns
        -------
        self

        Warns
        -----
        NotObservedWarning
            If returns of some assets say nothing of volatility, such as zeros of days without a
            trade (`notes`).
        OddReturnsWarning
            If columns look like prices.
        ConvergenceWarning
            If chains disagree on what is identified (`diagnostics`).

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; the message says which, what was found, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        panel = as_return_panel(returns, date=date, minimum=LEAST_RETURNS)
        n_assets = len(panel.names)
        if len(set(map(str, panel.names))) < n_assets:
            raise ValueError("returns has columns whose names read the same; rename one.")
        check_factors(self.n_factors, n_assets)
        check_enough_returns(panel)
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        law = ErrorsAndMeans(self.distribution, self.mean)
        fitted = fit_panel(panel, self.n_factors, self.priors, self.loading_sd, law, settings)
        self._fitted = fitted
        for name, note in fitted.notes.items():
            warnings.warn(f"{name}: {note}", NotObservedWarning, stacklevel=2)
        warn_unless_converged(fitted.checks, settings.chains * settings.draws)
        return self

    def update(self, new_returns: Any, *, date: str | None = None) -> Self:
        """Add returns that came since, by a fit to all with the settings of the last.

        As long as a fit takes: draws are not taken over.

        Parameters
        ----------
        new_returns : DataFrame of the same columns
            After the last of those fitted.

        Returns
        -------
        self
        """
        fitted = self.fitted
        before = fitted.panel.frame
        after = later_returns(fitted.panel, "new_returns", new_returns, date=date).frame
        settings = fitted.settings
        return self.fit(
            pd.concat([before, after], ignore_index=isinstance(before.index, pd.RangeIndex)),
            settings.draws, settings.tune,
            chains=settings.chains, cores=settings.cores, random_seed=settings.seed,
            progressbar=settings.progressbar,
        )  # fmt: skip

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file, an .npz archive whatever its name.

        It is there whole or not at all: a file that was there stays until the new one is on the
        disk.
        """
        made_with = storage.Arguments(
            self.n_factors, self.mean, self.priors, self.loading_sd, self.distribution
        )
        storage.save(path, made_with, self.fitted)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote; no code is run that the file could bring.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, changed by a single bit, or of something else.
        """
        made_with, fitted = storage.load(path)
        model = cls(
            made_with.factors, made_with.mean, made_with.priors, made_with.loading_sd,
            made_with.distribution,
        )  # fmt: skip
        model._fitted = fitted
        return model
