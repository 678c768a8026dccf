"""What a fit of a volatility model leaves."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Settings
from puffin.posterior import Posterior
from puffin.validation import ReturnSeries

__all__ = ["FittedVolatility"]


@dataclass(frozen=True)
class FittedVolatility:
    """What a fit leaves: the returns, how it was made, and the draws.

    Attributes
    ----------
    series : ReturnSeries
    settings : Settings
    missing : str
    keep_states : str or int
    posterior : Posterior
        Parameters, `h_last` and `h_next`; `h` too, where it is kept of every draw.
    states : ndarray of float32 of shape (n_chains, n_kept, n_times)
        Log-variances of every `thin` draws.
    start : Start or None
        Where the next fit starts.
    """

    series: ReturnSeries
    settings: Settings
    missing: str
    keep_states: str | int
    posterior: Posterior
    states: Array
    thin: int
    start: Start | None

    @property
    def flat_states(self) -> Array:
        """Kept log-variances, chains in a row: shape (n_chains * n_kept, n_times)."""
        return self.states.reshape(-1, self.states.shape[-1])
