"""What a person types: `puffin sharpe`, `compare`, `vol`, `report` and `demo`."""

from puffin.cli.app import app, main

__all__ = ["app", "main"]
