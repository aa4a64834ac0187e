"""The API keeps to its own description, whatever is sent: no fault of ours, no status and no shape undeclared."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from admin_api.app import api as build
from store import migrate
from tests.api.people import ROLES, add, sign_in
from tests.live import KEY, Live, live
from tests.servers import create_database, embedded_server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
COMMON: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}


@pytest.fixture(scope="module")
def server(worker_id: str) -> Iterator[Live]:
    """One of its own: what is sent is kept, and others count what there is."""
    url = create_database(embedded_server(), f"schema_{worker_id}")
    migrate.upgrade(url)
    with live(url, rate_limit=0) as running:
        yield running


@pytest.fixture(scope="module")
def tokens(server: Live) -> Iterator[str]:
    """Of somebody of each role in turn, so that each sees about one of an operation's first four cases."""
    with server.client() as api:
        emails = [add(api, role) for role in ROLES]
    return cycle([sign_in(server, email).json()["access_token"] for email in emails])


@pytest.fixture(scope="module")
def keys(server: Live) -> Iterator[str]:
    """The same for programs: access tokens live for ten minutes only."""
    with server.client() as api:
        made = [api.post("/api/v1/api-keys", json={"name": role, "role": role}) for role in ROLES]
    return cycle([each.json()["key"] for each in made])


STREAM = "/api/v1/live"  # has no end: test_live_stream.py listens to it
schema = schemathesis.openapi.from_dict(build().openapi()).exclude(path=STREAM)


def keeps_to_it(case: Any, server: Live, tokens: Iterator[str]) -> None:
    for key in (KEY, next(tokens)):
        case.call_and_validate(
            base_url=server.url, headers={"Authorization": f"Bearer {key}"}, checks=CHECKS, timeout=30
        )


@schema.parametrize()
@settings(max_examples=4, derandomize=True, **COMMON)
def test_the_api_keeps_to_its_description(case: Any, server: Live, tokens: Iterator[str]) -> None:
    keeps_to_it(case, server, tokens)


@pytest.mark.drill
@schema.parametrize()
@settings(max_examples=60, **COMMON)
def test_the_api_keeps_to_its_description_for_long(case: Any, server: Live, keys: Iterator[str]) -> None:
    keeps_to_it(case, server, keys)
