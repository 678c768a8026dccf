"""All settings that were tried at once, each a line coloured by what is left of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from puffin.extras import require
from puffin.tuning.proposals import NUMBER, SEARCH, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["parallel_coordinates"]

_LABEL = "posterior mean"
_INCHES = (9.0, 5.0)


def parallel_coordinates(study: Any, search: str, means: Mapping[int, float]) -> Axes:
    """Return Optuna's plot of parallel coordinates, with posterior means in place of its values.

    A study's own values are what its sampler was told when the trial was new: the posterior mean
    were that trial the only one.

    Parameters
    ----------
    study : optuna.Study
    search : str
        Whose trials are drawn, of those that the study has.
    means : mapping of int to float
        By number of the trial; the others are left out.
    """
    plots = require("optuna.visualization.matplotlib", "tune", "Plotting trials")
    require("matplotlib", "plot", "Plotting")
    optuna = require("optuna", "tune", "Plotting trials")
    with quiet(optuna):
        told = optuna.create_study(direction="maximize")
    for one in study.get_trials(deepcopy=False):
        mean = means.get(one.user_attrs.get(NUMBER, -1))
        if mean is not None and one.user_attrs.get(SEARCH) == search:
            told.add_trial(
                optuna.trial.create_trial(
                    value=mean, params=one.params, distributions=one.distributions
                )
            )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        axes: Axes = plots.plot_parallel_coordinate(told, target_name=_LABEL)
    axes.set_title("Settings of all trials, by what is left of them", y=1.03)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(_INCHES)
    figure.tight_layout()
    return axes
