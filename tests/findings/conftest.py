"""Four strategies, and what is found in them."""

from __future__ import annotations

import pytest

from tests.findings import examples


@pytest.fixture(scope="session")
def returns():
    return examples.strategies()


@pytest.fixture(scope="session")
def findings():
    return examples.found()


@pytest.fixture(scope="session")
def late():
    return examples.late()
