"""One model for each of many assets: on all cores or a cluster, to disk as it comes."""

from puffin.panel.fitting import fit_each
from puffin.panel.result import FittedPanel, Panel, PanelInterrupted, read
from puffin.panel.store import StoreError

__all__ = ["FittedPanel", "Panel", "PanelInterrupted", "StoreError", "fit_each", "read"]
