"""One server for the tests of the API, on the worker's database."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from store import migrate
from tests.api.people import Enter, signed_in
from tests.live import Live, live


@pytest.fixture(scope="session")
def migrated_url(database_url: str) -> str:
    """The worker's database, migrated."""
    migrate.upgrade(database_url)
    return database_url


@pytest.fixture(scope="session")
def server(migrated_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("home")
    folders = {"media": home / "media", "exports": home / "exports"}
    with live(migrated_url, redis_url=redis_url, rate_limit=0, **folders) as running:
        yield running


@pytest.fixture
def enter(server: Live) -> Iterator[Enter]:
    """Signs somebody in; his client is closed at the end."""
    with ExitStack() as clients:
        yield lambda email: signed_in(clients.enter_context(server.client(None)), email)


@pytest.fixture
def api(server: Live) -> Iterator[httpx.Client]:
    """The operator's client."""
    with server.client() as client:
        yield client
