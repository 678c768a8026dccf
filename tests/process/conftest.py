"""The strategies that the commands' own tests have."""

from tests.cli.conftest import returns

__all__ = ["returns"]
