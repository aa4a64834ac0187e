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


@pytest.fixture
def house(runtime_url: str, tmp_path: Path) -> House:
    return furnish(runtime_url, tmp_path)
