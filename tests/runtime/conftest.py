"""A database at head for each worker, and a number of its own for each test."""

from pathlib import Path

import pytest

from store.migrate import upgrade
from tests.runtime.house import House, furnish
from tests.servers import create_database, embedded_server


@pytest.fixture(scope="session")
def runtime_url(worker_id: str) -> str:
    url = create_database(embedded_server(), f"runtime_{worker_id}")
    upgrade(url, log_in=True)
    return url


@pytest.fixture(scope="module")
def any_migrated_url(any_database_url: str) -> str:
    """On each PostgreSQL that there is."""
    upgrade(any_database_url, log_in=True)
    return any_database_url


@pytest.fixture
def any_house(any_migrated_url: str, tmp_path: Path) -> House:
    """A number on each PostgreSQL that there is."""
    return furnish(any_migrated_url, tmp_path)


@pytest.fixture
def house(runtime_url: str, tmp_path: Path) -> House:
    return furnish(runtime_url, tmp_path)
