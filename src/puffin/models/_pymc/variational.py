"""Approximations of the posterior of any PyMC model, each with importance weights.

ADVI and Pathfinder end with a distribution q of the parameters, transformed so that they may be any
real numbers. The ratio of the posterior to q at draws from q says how good q is (Yao, Vehtari,
Simpson & Gelman 2018, "Yes, but did it work? Evaluating variational inference"), and, where it is
good enough, draws are taken by it, so that they are the posterior's.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from puffin.arrays import Array
from puffin.extras import require
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.proposal import weight_report
from puffin.inference.resampling import systematic
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import integer_seed

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["APPROXIMATIONS", "Approximate", "draws_at_random", "parameter_names"]

Approximate: TypeAlias = "Callable[[pm.Model, Settings], Draws]"

_STEPS = 20_000
_PATHS = 4


def parameter_names(model: pm.Model) -> list[str]:
    """Return the names of a model's parameters, and of what it computes of them."""
    return [variable.name for variable in (*model.free_RVs, *model.deterministics)]


def draws_at_random(model: pm.Model) -> bool:
    """Return whether the density is another each time it is asked for, as of minibatches."""
    from pytensor.graph.traversal import graph_inputs
    from pytensor.tensor.random.type import RandomType

    inputs = graph_inputs([model.logp()])
    return any(isinstance(one.type, RandomType) for one in inputs)


def _by_advi(model: pm.Model, settings: Settings) -> Draws:
    return _by_gaussian(model, settings, "advi", "ADVI")


def _by_full_rank_advi(model: pm.Model, settings: Settings) -> Draws:
    return _by_gaussian(model, settings, "fullrank_advi", "full-rank ADVI")


def _by_gaussian(model: pm.Model, settings: Settings, method: str, name: str) -> Draws:
    """Fit a Gaussian (Kucukelbir, Tran, Ranganath, Gelman & Blei 2017), and weigh its draws."""
    import pymc as pm

    with _quietly():
        fitted = pm.fit(
            _STEPS,
            method=method,
            model=model,
            random_seed=integer_seed(settings),
            progressbar=settings.progressbar,
        )
        mean, factor = fitted.mean.eval(), np.linalg.cholesky(fitted.cov.eval())
        log_density = model.compile_logp()
        natural = model.compile_fn(model.unobserved_value_vars, inputs=model.value_vars)
    [stream] = streams(settings.seed, 1, purpose=Purpose.VARIATIONAL)
    normals = stream.standard_normal((settings.chains * settings.draws, mean.size))
    points = [
        {value: point[part].reshape(shape) for value, part, shape, _ in fitted.ordering.values()}
        for point in mean + normals @ factor.T
    ]
    log_q = -0.5 * (normals**2 + math.log(2.0 * math.pi)).sum(axis=1)
    log_q -= np.log(np.diag(factor)).sum()
    log_weights = np.array([float(log_density(point)) for point in points]) - log_q
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    taken = stream.permutation(systematic(log_weights, len(points), stream))
    values = [natural(points[number]) for number in taken]
    columns = {variable.name: i for i, variable in enumerate(model.unobserved_value_vars)}
    variables = {
        one: np.array([value[columns[one]] for value in values]) for one in parameter_names(model)
    }
    return _draws(variables, name, weight_report(log_weights), settings)


def _by_pathfinder(model: pm.Model, settings: Settings) -> Draws:
    """Run Pathfinder (Zhang, Carpenter, Gelman & Vehtari 2022) from four starts."""
    extras = require("pymc_extras", "pathfinder", 'method="pathfinder"')
    count = settings.chains * settings.draws
    with _quietly():
        found = extras.fit_pathfinder(
            model=model,
            num_paths=_PATHS,
            num_draws=count,
            num_draws_per_path=-(-count // _PATHS),
            importance_sampling="psir",
            random_seed=integer_seed(settings),
            progressbar=settings.progressbar,
            concurrent=None,
            display_summary=False,
            store_diagnostics=True,
        )
    statistics = found["sample_stats"]
    log_weights = (statistics["diagnostics_logP_full"] - statistics["diagnostics_logQ_full"]).values
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf).ravel()
    variables = {
        name: np.asarray(found["posterior"][name].values[0], np.float64)
        for name in parameter_names(model)
    }
    return _draws(variables, "Pathfinder", weight_report(log_weights), settings)


def _draws(
    variables: Mapping[str, Array], name: str, report: Mapping[str, float], settings: Settings
) -> Draws:
    shape = (settings.chains, settings.draws)
    return Draws(
        {one: values.reshape(*shape, *values.shape[1:]) for one, values in variables.items()},
        f"{name}, importance weights",
        report=report,
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Turn what PyMC raises into one kind of error, and leave out what it says of compilers."""
    loggers = [logging.getLogger(name) for name in ("pymc", "pytensor")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        except ImportError:
            raise
        except Exception as error:
            raise SamplingError(f"PyMC could not approximate this model: {error}") from error
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


APPROXIMATIONS: Mapping[str, Approximate] = {
    "advi": _by_advi,
    "fullrank_advi": _by_full_rank_advi,
    "pathfinder": _by_pathfinder,
}
"""Ways of approximating a posterior, by name."""
