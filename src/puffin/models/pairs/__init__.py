"""Whether one asset hedges another, and whether what is left returns to its mean."""

from puffin.models.pairs.autocorrelation import AutocorrelationWarning
from puffin.models.pairs.mean_reversion import MeanReversion, mean_reversion
from puffin.models.pairs.priors import PairsPriors
from puffin.models.pairs.trading import BayesianPairsTrading

__all__ = [
    "AutocorrelationWarning",
    "BayesianPairsTrading",
    "MeanReversion",
    "PairsPriors",
    "mean_reversion",
]
