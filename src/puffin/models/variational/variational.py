"""A posterior approximated, corrected by weights, and sampled where that does not do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from puffin.extras import require
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.settings import Seed, Settings
from puffin.models._pymc.sampling import sample_model
from puffin.models._pymc.variational import APPROXIMATIONS, draws_at_random, parameter_names
from puffin.models.settings import sampling_settings
from puffin.models.variational.result import VariationalPosterior
from puffin.posterior import Posterior
from puffin.validation import choice

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["VariationalInference"]

Buildable: TypeAlias = "pm.Model | Callable[[object], pm.Model]"

_WORST_K_HAT = 0.7


class VariationalInference:
    r"""Approximate the posterior of your own PyMC model, and say how good that is.

    A Gaussian, or Pathfinder's mixture of them, q, is fitted to the posterior of the parameters
    :math:`\theta`, transformed to the whole real line. Its draws have the importance weights

    .. math:: w(\theta) = p(y, \theta) / q(\theta),

    whose tail has the shape k-hat (Yao et al. 2018). Below 0.7 draws are taken in proportion to
    their weights, and are the posterior's as far as q reaches, but for Monte Carlo error. Otherwise
    the approximation is not used: NUTS samples the model, as `pymc.sample` would. `exact` says
    which of the two it is.

    **What k-hat cannot see** is a part of the posterior where q never is: of two modes far apart a
    Gaussian takes one, and its weights there are even (:math:`y \sim N(\theta^2, 1)` has two,
    and a k-hat of -1.6 at one of them). Where there may be several modes, sample.

    An approximation may be cheaper where the posterior is costly to sample: measure it on your
    model. **Puffin's own models have none.** Their samplers draw *independently* from a
    transported Gaussian and correct it by weights, so that an approximation with as many draws
    would have the same cost: at a fifth of it, ends of intervals are known to 0.1 posterior
    standard deviations only (`benchmarks/approximation.py`). Fit them, with fewer `samples` where
    that error does not matter.

    Parameters
    ----------
    model : pymc.Model, or function from data to one
        Of continuous parameters.
    method : {"advi", "fullrank_advi", "pathfinder"}
        Gaussians with independent parameters, with correlated ones, and Pathfinder, which needs
        pymc-extras.

    Raises
    ------
    TypeError
        If the model is none of PyMC's.

    References
    ----------
    Kucukelbir et al. (2017), "Automatic differentiation variational inference", JMLR 18.
    Yao, Vehtari, Simpson & Gelman (2018), "Yes, but did it work? Evaluating variational
    inference", ICML. Zhang et al. (2022), "Pathfinder", JMLR 23.

    Examples
    --------
    >>> import pymc as pm, puffin as pf
    >>> def model(returns):
    ...     with pm.Model() as built:
    ...         pm.Normal("r", pm.Normal("mean", 0, 1), pm.HalfNormal("sd", 1), observed=returns)
    ...     return built
    >>> inference = pf.VariationalInference(model)
    >>> inference.fit(returns)  # doctest: +SKIP
    """

    def __init__(self, model: Buildable, method: str = "fullrank_advi") -> None:
        self.method = choice("method", method, tuple(APPROXIMATIONS))
        pymc = require("pymc", "pymc", "VariationalInference")
        if hasattr(model, "fit"):
            raise TypeError(
                f"model is a {type(model).__name__}: Puffin's own models have no approximation "
                "that is five times faster than their exact samplers. Call its fit."
            )
        if not (isinstance(model, pymc.Model) or callable(model)):
            raise TypeError(
                "model must be a pymc.Model, or a function that returns one; found "
                f"{type(model).__name__}."
            )
        self.model = model

    def fit(
        self,
        data: object = None,
        samples: int = 1000,
        tune: int = 1000,
        *,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
    ) -> VariationalPosterior:
        """Approximate the posterior, and sample it if the approximation is not good enough.

        Parameters
        ----------
        data : object, optional
            What the model is built of, where it is a function.
        samples, chains : int
            Of an approximation there are `samples` times `chains` draws.
        tune, cores : int
            For NUTS, should it be needed.

        Raises
        ------
        ValueError
            If the model has discrete parameters, none, or draws cannot be made.
        SamplingError
            If NUTS fails too.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        model = self._built(data)
        try:
            draws = APPROXIMATIONS[self.method](model, settings)
        except SamplingError:
            return _exact(model, settings, math.inf, 0.0)
        k_hat, efficiency = draws.report["pareto_k_hat"], draws.report["efficiency"]
        if not k_hat < _WORST_K_HAT:
            return _exact(model, settings, k_hat, efficiency)
        return VariationalPosterior(_posterior(model, draws), k_hat, efficiency, exact=False)

    def _built(self, data: object) -> pm.Model:
        import pymc as pm

        if isinstance(self.model, pm.Model):
            if data is not None:
                raise ValueError(
                    "data were given, but model is a pymc.Model with data of its own: leave data "
                    "out, or give a function that builds the model of them."
                )
            model = self.model
        else:
            model = self.model(data)
        if not isinstance(model, pm.Model):
            raise TypeError(
                f"model must return a pymc.Model; it returned {type(model).__name__}. Does the "
                "function end with `return`?"
            )
        if model.discrete_value_vars:
            raise ValueError(
                f"model has discrete parameters ({_named(model.discrete_value_vars)}), which no "
                "Gaussian approximates: sum over them, or use pymc.sample."
            )
        if draws_at_random(model):
            raise ValueError(
                "model draws its data at random, as pm.Minibatch does: weights, and NUTS, need all "
                "of them. Build it of all observations."
            )
        if not model.free_RVs:
            raise ValueError("model has no parameters: there is nothing to approximate.")
        return model


def _named(variables: Sequence[object]) -> str:
    return ", ".join(str(variable) for variable in variables)


def _exact(
    model: pm.Model, settings: Settings, k_hat: float, efficiency: float
) -> VariationalPosterior:
    draws = sample_model(model, parameter_names(model), settings)
    return VariationalPosterior(_posterior(model, draws), k_hat, efficiency, exact=True)


def _posterior(model: pm.Model, draws: Draws) -> Posterior:
    names = {name: list(model.named_vars_to_dims.get(name) or ()) for name in draws.variables}
    labelled = {name: dims for name, dims in names.items() if dims and None not in dims}
    used = {dim for dims in labelled.values() for dim in dims}
    coords = {dim: list(labels) for dim in used if (labels := model.coords.get(dim)) is not None}
    return Posterior(
        draws.variables, draws.method, "pymc", labelled, coords,
        statistics=draws.statistics, report=draws.report,
    )  # fmt: skip
