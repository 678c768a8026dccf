"""Which question a model is."""

from __future__ import annotations

from typing import Any

from puffin.models.pairs import BayesianPairsTrading
from puffin.models.regimes import BayesianRegimeSwitching
from puffin.models.regression import BayesianLinearRegression
from puffin.models.sharpe import bayesian_sharpe
from puffin.models.volatility import RealizedVolatilityBayes, StochasticVolatilityModel
from puffin.panel.questions.pairs import PairsQuestion
from puffin.panel.questions.question import Question
from puffin.panel.questions.regimes import RegimesQuestion
from puffin.panel.questions.regression import RegressionQuestion
from puffin.panel.questions.sharpe import SharpeQuestion
from puffin.panel.questions.volatility import RealizedQuestion, VolatilityQuestion

__all__ = ["kind_of_question"]

_QUESTIONS: tuple[tuple[type, type[Question]], ...] = (
    (RealizedVolatilityBayes, RealizedQuestion),
    (StochasticVolatilityModel, VolatilityQuestion),
    (BayesianRegimeSwitching, RegimesQuestion),
    (BayesianLinearRegression, RegressionQuestion),
    (BayesianPairsTrading, PairsQuestion),
)
"""Models, a class before those that it is derived from, and what asks them."""


def kind_of_question(model: Any) -> type[Question]:
    """Return what asks a model of each asset; raise TypeError if it is none of Puffin's."""
    if model is bayesian_sharpe:
        return SharpeQuestion
    for kind, question in _QUESTIONS:
        if isinstance(model, kind):
            return question
    names = ", ".join(f"{kind.__name__}()" for kind, _ in _QUESTIONS)
    found = f"the class {model.__name__}; call it" if isinstance(model, type) else repr(model)
    raise TypeError(f"model must be bayesian_sharpe, or one of {names}; found {found}.")
