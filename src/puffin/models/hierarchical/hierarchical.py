"""Partial pooling of many assets' alphas and betas, in groups."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self, overload

import pandas as pd

from puffin.arrays import Array
from puffin.inference.settings import Seed
from puffin.models.hierarchical.arguments import (
    AUTOCORRELATIONS,
    DISTRIBUTIONS,
    HierarchicalArguments,
)
from puffin.models.hierarchical.best import BestAsset
from puffin.models.hierarchical.card import hierarchical_card
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.fitting import fit_panel
from puffin.models.hierarchical.panel import as_asset_panel
from puffin.models.hierarchical.priors import HierarchicalPriors
from puffin.models.hierarchical.skilled import SkilledAssets
from puffin.models.hierarchical.storage import load, save
from puffin.models.hierarchical.unit import UNITS
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.posterior import NotFittedError, Posterior, Summary, summarise, warn_unless_converged
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plotted import ParametersPlotted, Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import (
    DataLike,
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
)
from puffin.validation.risk_free_rate import annual_risk_free_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BayesianHierarchical"]


class BayesianHierarchical(Shown, Plotted, ParametersPlotted):
    r"""Which of many assets have skill, and how much of the best one's is luck.

    The excess return of asset i, which is in group g, follows factors f,

    .. math::

        r_{it} = \alpha_i + \beta_i' f_t + e_{it}, \qquad
        \alpha_i \sim N(\mu_g, \tau_g^2), \quad \mu_g \sim N(\mu, \omega^2)

    and so do betas, each factor's with spreads of its own. What all assets teach about the spread
    :math:`\tau` of true alphas says how much of an estimate to believe: the noisier it is and the
    less alphas differ, the more it is shrunk to the mean of its group. That is the answer to having
    looked at many: the posterior of the best one needs no other correction for that. Without
    factors alpha is the mean excess return.

    Errors :math:`e` of assets are correlated: what they have in common beside the factors is found
    in the residuals, and so much of all alphas' errors is one and the same chance. Returns need not
    be normal: estimates are taken to be, and the covariance of their errors is one that holds where
    volatility changes and returns hang together in time (`puffin.models.hierarchical.estimates`).
    Months that an asset has none of are left out, and what the common factors did in its own months
    is taken out of its estimate.

    Parameters
    ----------
    engine : {"native", "pymc"}
    unit : {"return", "volatility"}
        What alphas that are alike are alike in. "volatility" divides an asset's returns by the
        volatility of its residuals first: alphas are then appraisal ratios (without factors
        Sharpe ratios), as suits assets that differ in how much they are levered.
    residual_factors : int, optional
        How many factors residuals have in common; found in their correlations by default.
    distribution : {"normal", "spike"}
        Of true alphas within a group. "spike": some are exactly zero, and the others normal about
        the group's mean (a spike and a slab); how many is found out. For funds that hardly ever
        have skill; zero has to be what none is, such as alpha before fees on the right factors.
    autocorrelation : {"counted", "ignore"}
        Whether residuals that hang together in time make alphas less certain, as they should.
    risk_free_rate : float, default 0
        Annual, taken off all returns; not off factors, which are excess returns.
    periods_per_year : float, optional
        Read off the dates by default; 252 where there are none.
    hdi_prob : float, default 0.94
    priors : HierarchicalPriors, optional

    Attributes
    ----------
    posterior : Posterior
        Variables `alpha` (dim `asset`), annual, `alpha_mean` (of all) and `alpha_spread` (dim
        `group`); with factors `beta`, `beta_mean` and `beta_spread` (dim `factor` last); with
        groups `alpha_group` and `beta_group`, the means of each, and `alpha_between` and
        `beta_between`, how far these are spread; with a spike `alpha_share`, the share of
        assets whose alpha is not zero, of which mean and spread then are.
    rejected : dict of str to str
        Assets left out, and why.
    copies : dict of str to str
        Near-copies, such as share classes, and the asset that each is one bet with.

    Notes
    -----
    The errors' covariance is an estimate, and counts as known: of assets with few returns and heavy
    tails intervals are a little too narrow. True alphas are taken to be constant. With
    ``distribution="normal"`` a few who are far better than the rest are shrunk too much, and where
    most have none at all too many are named (`skilled`); with "spike" an interval may be the point
    zero, which is too sure where alphas are small but not nothing. "False" is to have an alpha of
    zero or less. Funds that closed and are not in the table make all of it too rosy.

    References
    ----------
    Scott, J. G., & Berger, J. O. (2006). An exploration of aspects of Bayesian multiple testing.
    Journal of Statistical Planning and Inference, 136(7).
    Barras, L., Scaillet, O., & Wermers, R. (2010). False discoveries in mutual fund performance:
    Measuring luck in estimated alphas. Journal of Finance, 65(1).
    Jones, C. S., & Shanken, J. (2005). Mutual fund performance with learning across funds. Journal
    of Financial Economics, 78(3).
    Jensen, T. I., Kelly, B., & Pedersen, L. H. (2023). Is there a replication crisis in finance?
    Journal of Finance, 78(5).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from puffin.models.bayesian import BayesianHierarchical
    >>> rng = np.random.default_rng(1)
    >>> dates = pd.date_range("2015-01-31", periods=120, freq="ME")
    >>> market = pd.Series(rng.normal(0.006, 0.04, 120), dates, name="market")
    >>> alphas = rng.normal(0.0, 0.002, 40)
    >>> noise = rng.normal(0.0, 0.02, (120, 40))
    >>> funds = pd.DataFrame(alphas + market.to_numpy()[:, None] + noise, dates).add_prefix("fund")
    >>> model = BayesianHierarchical().fit(funds, market, random_seed=1)
    >>> bool(model.table["std"].mean() < model.table["std_error"].mean())
    True
    """

    def __init__(
        self,
        engine: str = "native",
        *,
        unit: str = "return",
        distribution: str = "normal",
        residual_factors: int | None = None,
        autocorrelation: str = "counted",
        risk_free_rate: float = 0.0,
        periods_per_year: float | None = None,
        hdi_prob: float = 0.94,
        priors: HierarchicalPriors | None = None,
    ) -> None:
        self.engine = check_engine(engine)
        self.unit = choice("unit", unit, UNITS)
        self.distribution = choice("distribution", distribution, DISTRIBUTIONS)
        self.residual_factors = (
            None
            if residual_factors is None
            else positive_integer("residual_factors", residual_factors, minimum=0)
        )
        self.autocorrelation = choice("autocorrelation", autocorrelation, AUTOCORRELATIONS)
        self.risk_free_rate = annual_risk_free_rate(risk_free_rate)
        self.periods_per_year = (
            None
            if periods_per_year is None
            else positive_number("periods_per_year", periods_per_year)
        )
        self.hdi_prob = probability("hdi_prob", hdi_prob)
        self.priors = check_priors(priors, HierarchicalPriors)
        self._fitted: FittedHierarchy | None = None

    def fit(
        self,
        returns: DataLike,
        factors: DataLike | None = None,
        groups: Mapping[str, object] | Sequence[object] | None = None,
        samples: int = 500,
        tune: int = 200,
        *,
        date: str | None = None,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
    ) -> Self:
        """Draw from the posterior given the returns of all assets.

        Parameters
        ----------
        returns : DataFrame, dict of str to Series, or array-like of shape (n_periods, n_assets)
            Simple returns of a period, a column for each asset; missing where an asset has none.
        factors : Series, DataFrame or array-like of shape (n_periods, n_factors), optional
            Excess returns of the same periods, a column for each factor, none missing.
        groups : dict or Series of asset to group, or a label for each column, optional
        samples : int, default 500
            Draws of each chain. They are nearly independent.
        tune : int, default 200
            Warm-up of each chain.
        date : str, optional
            The column of dates, in a frame that has one.

        Returns
        -------
        self

        Warns
        -----
        UserWarning
            Of assets left out: those with too few returns, or that never move. Of near-copies: two
            assets of a group whose residuals are correlated by more than 0.9 either way. What they
            say is counted once, by the one with the most returns; the other's alpha is what follows
            from that, and from how they differed in the months that both have.

        Raises
        ------
        ValueError, TypeError
            If data are invalid; the message says what was found, where, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        panel = as_asset_panel(
            returns, factors, groups, date=date, annual_rate=self.risk_free_rate,
            periods=self.periods_per_year,
        )  # fmt: skip
        self._fitted = fit_panel(panel, self._arguments(), settings)
        warn_unless_converged(self._fitted.checks, settings.chains * settings.draws)
        return self

    def _card(self) -> Card:
        terms = f"unit={self.unit!r}, distribution={self.distribution!r}"
        title = f"BayesianHierarchical(engine={self.engine!r}, {terms})"
        return hierarchical_card(title, self._fitted)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        from puffin.models.hierarchical.plots import funnel_figure

        return funnel_figure(self.fitted, ax)

    def _scalars(self) -> Mapping[str, Array]:
        return self.fitted.scalars

    @property
    def fitted(self) -> FittedHierarchy:
        """All that is known after `fit`."""
        if self._fitted is None:
            raise NotFittedError("This BayesianHierarchical is not fitted yet; call fit first.")
        return self._fitted

    @property
    def posterior(self) -> Posterior:
        """The draws."""
        return self.fitted.posterior

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    @property
    def rejected(self) -> dict[str, str]:
        """Assets left out, and why."""
        return self.fitted.rejected

    @property
    def copies(self) -> dict[str, str]:
        """Near-copies, such as share classes, and the asset that each is one bet with."""
        return self.fitted.copies

    @property
    def table(self) -> pd.DataFrame:
        """One row an asset, the most probably skilled first.

        Columns asset, group, n_observations; estimate and std_error of alpha by itself; mean, std,
        hdi_low and hdi_high of its posterior; shrinkage, how far its estimate is moved to the mean
        of its group, once the errors that all assets share are taken out; prob_positive; fdr, the
        expected share of false ones if it and all before it are named (`skilled`); and the
        posterior mean of each beta. Alphas are annual.
        """
        return self.fitted.table

    @property
    def groups(self) -> pd.DataFrame:
        """One row a group, and one of all assets.

        Columns group, n_assets; mean, std, hdi_low and hdi_high of the mean of these assets'
        alphas; spread, spread_low and spread_high of how far alphas are spread about it: tau, and
        of all assets what that and the gaps between groups' means make together; expected_skilled,
        how many are expected to have an alpha above zero. How far the means of such groups differ,
        omega, is `alpha_between` of `summary`.
        """
        return self.fitted.groups

    def summary(self, hdi_prob: float = 0.94) -> Summary:
        """Return mean, sd, hdi_low, hdi_high, ess_bulk, ess_tail and r_hat of means and spreads."""
        return summarise(self.fitted.scalars, probability("hdi_prob", hdi_prob))

    @property
    def diagnostics(self) -> Summary:
        """ess_bulk, ess_tail and r_hat of each asset's alpha."""
        return self.fitted.diagnostics

    def skilled(self, fdr: float = 0.1, threshold: float = 0.0) -> SkilledAssets:
        """Return as many assets as can be named with at most this share of false ones expected.

        Parameters
        ----------
        fdr : float, default 0.1
            The largest expected share of assets named whose alpha is at most the threshold.
        threshold : float, default 0
            The annual alpha that counts as skill, such as what it costs to find out.

        Notes
        -----
        False is to have an alpha of at most the threshold. The expectation is over what is not
        known given the data, and as good as the prior. In 40 simulated panels of 300 funds, of
        which 5% have an alpha of about 4% a year and the others exactly none, 63% of those named at
        10% with ``distribution="normal"`` had none (standard error 3%), and 13% (4%) with "spike",
        which named fewer: 2 of 300, not 13. Where the others differ by 0.3% a year about zero, 24%
        (2%) and 6% (3%) of those named were at zero or below. So name by "spike", or with `puffin
        skill` those that can be named either way, unless true alphas are known to be normal. Where
        true alphas are small against the luck that all share, an era that lifts all looks like
        skill: of 25 panels of 60 funds
        with alphas of Normal(0, 1%) a year and a common error of 1% a month, in 19 nobody was named
        at 10%, and in 6 nearly everybody, half of them falsely (the mean share of false ones in a
        panel was 11%). The prior of the mean alpha is the lever: with
        ``HierarchicalPriors(alpha_mean_sd=0.05)``, in annual Sharpe ratios of residuals, at most 6
        were named, and that share was 3.7%.
        """
        return self.fitted.skilled(probability("fdr", fdr), finite_number("threshold", threshold))

    def best(self) -> BestAsset:
        """Return what the estimate of the asset that looks best is made of: skill and luck."""
        return self.fitted.best

    @overload
    def plot_shrinkage(self) -> Figure: ...

    @overload
    def plot_shrinkage(self, *, ax: Axes) -> Axes: ...

    def plot_shrinkage(self, *, ax: Axes | None = None) -> Figure | Axes:
        """Plot each asset's estimate and, below it, its posterior mean, with a line between them.

        `plot` is the funnel: estimates against their standard errors, with those marked that
        `skilled` names.
        """
        from puffin.models.hierarchical.plots import shrinkage_figure

        return shrinkage_figure(self.fitted, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file, whole or not at all.

        Raises
        ------
        NotFittedError
        OSError
            If it cannot be written.
        """
        save(path, self._arguments(), self.fitted)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return a model that `save` wrote.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, or of something else.
        """
        arguments, fitted = load(path)
        model = cls(
            unit=arguments.unit,
            distribution=arguments.distribution,
            residual_factors=arguments.residual_factors,
            autocorrelation=arguments.autocorrelation,
            risk_free_rate=arguments.risk_free_rate,
            periods_per_year=arguments.periods_per_year,
            hdi_prob=arguments.hdi_prob,
            priors=arguments.priors,
        )
        # To read draws that PyMC made does not take PyMC.
        model.engine, model._fitted = arguments.engine, fitted
        return model

    def _arguments(self) -> HierarchicalArguments:
        return HierarchicalArguments(
            engine=self.engine,
            unit=self.unit,
            residual_factors=self.residual_factors,
            autocorrelation=self.autocorrelation,
            risk_free_rate=self.risk_free_rate,
            periods_per_year=self.periods_per_year,
            hdi_prob=self.hdi_prob,
            priors=self.priors,
            distribution=self.distribution,
        )
