"""What a person types: `puffin sharpe`, `compare`, `vol`, `watch`, `report` and so on."""

from puffin.cli.app import app, main

__all__ = ["app", "main"]
