"""What a person types: `puffin sharpe`, `compare`, `vol`, `watch`, `report` and so on."""

from puffin.__main__ import main
from puffin.cli.app import app

__all__ = ["app", "main"]
