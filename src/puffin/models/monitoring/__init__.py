"""Whether a live strategy is still the one that was backtested."""

from puffin.models.monitoring.change_result import SharpeChange
from puffin.models.monitoring.sharpe_change import sharpe_change

__all__ = ["SharpeChange", "sharpe_change"]
