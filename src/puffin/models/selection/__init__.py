"""What is left of the best of many: the true Sharpe ratio of a trial that was selected."""

from puffin.models.selection.best_of_trials import best_of_trials
from puffin.models.selection.priors import SelectionPriors
from puffin.models.selection.result import BestOfTrials

__all__ = ["BestOfTrials", "SelectionPriors", "best_of_trials"]
