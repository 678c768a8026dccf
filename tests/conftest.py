from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

from puffin import datasets

settings.register_profile(
    "puffin",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("puffin")


@pytest.fixture(scope="session")
def sp500_returns():
    return datasets.load_sp500().pct_change().dropna()


@pytest.fixture(scope="session")
def equity_returns():
    return datasets.load_equities().pct_change().dropna()


@pytest.fixture
def interruptible():
    """Signals are heard, as they are not where a shell runs the tests in the background."""
    before = {
        number: signal.signal(number, handler)
        for number, handler in (
            (signal.SIGINT, signal.default_int_handler),
            (getattr(signal, "SIGHUP", signal.SIGINT), signal.default_int_handler),
        )
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def save(tmp_path):
    def to_file(content, name="returns.csv"):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.to_csv(path)
        return str(path)

    return to_file
