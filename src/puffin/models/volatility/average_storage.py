"""Several fitted volatility models in one file: each as the file that it writes itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from puffin.models.volatility.member import VolatilityModel
from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.models.volatility.realized import RealizedVolatilityBayes
from puffin.models.volatility.results import Estimate
from puffin.models.volatility.with_jumps import SVWithJumps
from puffin.posterior.saving import legible, read_file, write_file
from puffin.records import as_record

__all__ = ["load", "save"]

_KIND, _GROUP = "AveragedVolatilityModel", "models"
_CLASSES = {
    each.__name__: each
    for each in (StochasticVolatilityModel, SVWithJumps, RealizedVolatilityBayes)
}
"""What may be in a file: a name there is looked up here, and brings no code."""


@dataclass(frozen=True)
class _Facts:
    """Names and classes of the models, in order, and their evidences with errors."""

    names: list[str]
    classes: list[str]
    log_evidences: list[float]
    errors: list[float]


def save(
    path: str | os.PathLike[str],
    models: Mapping[str, VolatilityModel],
    evidences: Mapping[str, Estimate],
) -> None:
    """Write fitted models, and their evidences, to one file.

    Raises
    ------
    TypeError
        If one is of a class that cannot be read again.
    OSError
    """
    classes = [type(model).__name__ for model in models.values()]
    for name, kind in zip(models, classes, strict=True):
        if kind not in _CLASSES:
            raise TypeError(f"models[{name!r}] is {kind}, which cannot be saved in an average.")
    with TemporaryDirectory() as directory:
        files = {str(place): Path(directory) / f"{place}.npz" for place in range(len(models))}
        for file, model in zip(files.values(), models.values(), strict=True):
            model.save(file)
        contents = {place: np.fromfile(file, np.uint8) for place, file in files.items()}
    values, errors = zip(*(evidences[name] for name in models), strict=True)
    facts = _Facts(list(models), classes, list(values), list(errors))
    write_file(path, _KIND, {_GROUP: contents}, asdict(facts))


def load(
    path: str | os.PathLike[str],
) -> tuple[dict[str, VolatilityModel], dict[str, Estimate]]:
    """Return the models of a file that `save` wrote, and their evidences, by name.

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    """
    groups, found = read_file(path, _KIND)
    models: dict[str, VolatilityModel] = {}
    with legible(os.fspath(path)), TemporaryDirectory() as directory:
        facts = as_record(_Facts, found)
        for place, (name, kind) in enumerate(zip(facts.names, facts.classes, strict=True)):
            file = Path(directory) / f"{place}.npz"
            groups[_GROUP][str(place)].tofile(file)
            models[name] = _CLASSES[kind].load(file)
        estimates = zip(facts.log_evidences, facts.errors, strict=True)
        evidences = dict(zip(facts.names, map(Estimate._make, estimates), strict=True))
    return models, evidences
