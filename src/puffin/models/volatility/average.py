r"""Several volatility models of the same returns, averaged by how probable each is.

Bayesian model averaging (Hoeting, Madigan, Raftery & Volinsky 1999, "Bayesian model averaging: a
tutorial", Statistical Science 14): with model k as probable as any other before there are returns,

.. math::

    P(M_k \mid y) = \frac{p(y \mid M_k)}{\sum_j p(y \mid M_j)}, \qquad
    p(y \mid M_k) = \int p(y \mid \theta, M_k) \, p(\theta \mid M_k) \, d\theta

The integral over parameters and log-variances is the model's *evidence*, or marginal likelihood.
It is the product of the densities that the model gave each return before it came, given those
before it, and so it rewards forecasts, and not fit: a parameter too many costs by itself, since its
prior spreads over what does not come. The ratio of two evidences is their Bayes factor: 3 is hardly
worth a mention, 20 is strong (Kass & Raftery 1995, "Bayes factors", JASA 90).

What the evidence depends on, more than a posterior does, is the priors: of a parameter that only
one of two models has, a prior ten times as wide costs that model up to :math:`\log 10 = 2.3` of log
evidence. The default ones say what such parameters usually are.
"""

from __future__ import annotations

import copy
import math
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.inference.stochastic_volatility import SAMPLED_LAWS
from puffin.models.settings import checked_seed
from puffin.models.volatility import average_storage
from puffin.models.volatility.average_results import AverageResults, evidence_of
from puffin.models.volatility.member import VolatilityModel, as_models, check_same_returns
from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.models.volatility.results import Estimate
from puffin.posterior import FallbackWarning
from puffin.validation import append_returns

__all__ = ["AveragedVolatilityModel"]


class AveragedVolatilityModel(AverageResults):
    """Volatility models of the same returns as one forecaster, each weighed by its evidence.

    Nobody has to choose: where the returns tell models apart, the average is the best of them, and
    where they do not, what these say differently is part of what is not known. Its distribution of
    the next return is the mixture of theirs, exactly; `puffin.risk` and `puffin.portfolio` take it
    like any one of them. An `update` brings the weights up to date too: a model's evidence grows by
    the density that it had for the return that came.

    All models are as probable as the other before there are returns. As returns come, nearly all
    weight goes to the one nearest to the truth, even if none is the truth and a fixed mixture would
    forecast better. (Weights that maximise past log scores, "stacking", would find that mixture:
    Yao, Vehtari, Simpson & Gelman 2018, Bayesian Analysis 13. They take a run of forecasts through
    time to find, and hundreds of them to be better.)

    Parameters
    ----------
    models : mapping of str to model, or sequence of models, optional
        Not fitted, themselves left alone; a sequence has names by their `label`. By default every
        law of errors, without and with leverage. What they are to have beside returns they are
        `given`.

    Attributes
    ----------
    models : dict of str to model
        By name, fitted once this is.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.AveragedVolatilityModel().fit(returns[-1000:], random_seed=1)
    >>> model.weights  # doctest: +SKIP
    >>> pf.risk.tail_risk(model).table  # doctest: +SKIP
    """

    def __init__(
        self, models: Mapping[str, VolatilityModel] | Sequence[VolatilityModel] | None = None
    ) -> None:
        chosen = as_models(_all_models() if models is None else models)
        self.models = {name: model.unfitted() for name, model in chosen.items()}
        self._evidences = {}

    @classmethod
    def of_fitted(
        cls, models: Mapping[str, VolatilityModel] | Sequence[VolatilityModel]
    ) -> AveragedVolatilityModel:
        """Return the average of models that are fitted to the same returns, themselves left alone.

        Raises
        ------
        ValueError
            If they are not of the same returns, since evidences of different ones do not compare;
            or none has an evidence.
        NotFittedError
        """
        chosen = as_models(models)
        check_same_returns(chosen)
        evidences = {name: evidence_of(model) for name, model in chosen.items()}
        fitted = {name: copy.copy(model) for name, model in chosen.items()}
        return cls.__new__(cls)._keep(fitted, evidences)

    def unfitted(self) -> Self:
        """Return an average of the same models, without their fits."""
        return type(self)(self.models)

    def given(self, **tables: Any) -> Self:
        """Return this average with each model given these: see `StochasticVolatilityModel.given`.

        Models that are to have different regressors, or some of them none, are given theirs
        themselves. Measures are the same for all: evidences of other data do not compare.
        """
        average = copy.copy(self)
        average.models = {name: model.given(**tables) for name, model in self.models.items()}
        return average

    def given_as(self, other: AveragedVolatilityModel) -> Self:
        """Return this average, each model given what that of its name in another one was."""
        average = copy.copy(self)
        average.models = {
            name: model.given_as(other.models[name]) for name, model in self.models.items()
        }
        return average

    def fit(
        self,
        returns: Any,
        samples: int = 2000,
        tune: int = 1000,
        *,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
        missing: str = "raise",
        keep_states: str | int = "auto",
        date: str | None = None,
    ) -> Self:
        """Fit each model to returns, with the same seed, and weigh them.

        Parameters are those of `StochasticVolatilityModel.fit`, and so are warnings and errors.

        Warns
        -----
        FallbackWarning
            Also if a model has no evidence, because sampling failed: its weight is then zero.

        Raises
        ------
        ValueError
            Also if no model has an evidence, as with ``engine="pymc"``; or if they were `given`
            different measures.
        """
        seed = fixed_seed(checked_seed(random_seed))

        def fitted(model: VolatilityModel) -> VolatilityModel:
            return model.unfitted().fit(
                returns, samples, tune, chains=chains, cores=cores, random_seed=seed,
                progressbar=progressbar, missing=missing, keep_states=keep_states, date=date,
            )  # fmt: skip

        models = _each(fitted, self.models)
        check_same_returns(models)
        return self._keep(models, {name: evidence_of(model) for name, model in models.items()})

    def update(self, new_returns: Any, *, date: str | None = None) -> Self:
        """Add returns that came since to each model, and weigh them again.

        All of them are updated, or none is: see `StochasticVolatilityModel.update`. Where one is
        refitted and has no evidence then, the one that it had goes on by the density that it
        gave the return before it came.

        Raises
        ------
        ValueError
            Also if not all models are `given` the measures of the new returns.
        """
        self._check_fitted()
        fitted, after = self._first.fitted, copy.copy(self)
        series = append_returns(fitted.series, new_returns, fitted.missing, date=date)
        for t in range(fitted.series.values.size, series.values.size):
            row = series.values[t:][:1] if series.index is None else series.pandas.iloc[t : t + 1]
            after._add_return(row, float(series.values[t]))
        self.models, self._evidences = after.models, after._evidences
        return self

    def _add_return(self, row: Any, value: float) -> None:
        models = _each(lambda model: copy.copy(model).update(row), self.models)
        check_same_returns(models)
        evidences = {
            name: evidence_of(model)
            if model.has_evidence
            else _continued(self._evidences[name], self.models[name], value)
            for name, model in models.items()
        }
        self._keep(models, evidences)

    def _keep(self, models: dict[str, VolatilityModel], evidences: dict[str, Estimate]) -> Self:
        without = [
            f"{name} ({models[name].method})"
            for name, evidence in evidences.items()
            if np.isnan(evidence.value)
        ]
        if len(without) == len(models):
            raise ValueError(
                "no model has an evidence to be weighed by; that takes the native engine, and "
                f"sampling that did not fail. Methods: {', '.join(without)}."
            )
        if without:
            warnings.warn(
                f"Without an evidence, and so left out of the average: {', '.join(without)}.",
                FallbackWarning,
                stacklevel=3,
            )
        self.models, self._evidences = models, evidences
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted models to one file: see `StochasticVolatilityModel.save`.

        Raises
        ------
        TypeError
            If one of the models is of a kind that `load` does not know.
        OSError
        """
        self._check_fitted()
        average_storage.save(path, self.models, self._evidences)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> AveragedVolatilityModel:
        """Read what `save` wrote; no code is run that the file could bring.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, changed by a single bit, or of something else.
        """
        models, evidences = average_storage.load(path)
        check_same_returns(models)
        return cls.__new__(cls)._keep(models, evidences)


def _all_models() -> list[VolatilityModel]:
    """Return every law of errors, without leverage and with it."""
    return [
        StochasticVolatilityModel(law, leverage)
        for leverage in (False, True)
        for law in SAMPLED_LAWS
    ]


def _continued(known: Estimate, before: VolatilityModel, value: float) -> Estimate:
    """Return the evidence with one more return, from the model as it was before.

    There is none with measures, whose density it does not say.
    """
    if before.fitted.measures.names:
        return Estimate(np.nan, np.nan)
    if np.isnan(value):
        return known
    predictive = before.predictive()
    gain = float(predictive.log_density(value))
    error = predictive.error(np.exp(predictive.conditional_log_density(value) - gain))
    return Estimate(known.value + gain, math.hypot(known.error, error))


def _each(
    change: Callable[[VolatilityModel], VolatilityModel], models: Mapping[str, VolatilityModel]
) -> dict[str, VolatilityModel]:
    """Return each model changed; what several warn of is said once, by name if not by all."""
    changed, said = {}, dict[tuple[type[Warning], str], list[str]]()
    for name, model in models.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            changed[name] = change(model)
        for one in caught:
            names = said.setdefault((one.category, str(one.message)), [])
            names += [name] if name not in names else []
    for (category, message), names in said.items():
        by_all = len(names) == len(models)
        warnings.warn(
            message if by_all else f"{'; '.join(names)}: {message}", category, stacklevel=3
        )
    return changed
