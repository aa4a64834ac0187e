"""The API keeps to its own description, whatever is sent: no fault of ours, no status and no shape undeclared.

Cases are built when the tests run, not when they are collected: each worker would build all of them.
"""

from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from store import migrate
from tests.api.described import document, operations
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
STREAM = "/api/v1/live"  # has no end: test_live_stream.py listens to it
CONFIG: dict[str, Any] = {
    "generation": {"with-security-parameters": False},  # who calls is said by us
    "phases": {"coverage": {"unexpected-methods": []}},  # test_border.py sends them
}
OPERATIONS = pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, _ in operations() if path != STREAM]
)
Check = Callable[[str, str, Iterator[tuple[str, ...]], settings], None]


@pytest.fixture(scope="module")
def server(worker_id: str) -> Iterator[Live]:
    """One of its own: what is sent is kept, and others count what there is."""
    url = create_database(embedded_server(), f"schema_{worker_id}")
    migrate.upgrade(url)
    with live(url, rate_limit=0) as running:
        yield running


@pytest.fixture(scope="module")
def turns(server: Live) -> Iterator[tuple[str, ...]]:
    """The operator and somebody of each role by turns: together they see an operation's dozens of cases."""
    with server.client() as api:
        emails = [add(api, role) for role in ROLES]
    tokens = [sign_in(server, email).json()["access_token"] for email in emails]
    return cycle([(key,) for token in tokens for key in (KEY, token)])


@pytest.fixture(scope="module")
def keys(server: Live) -> Iterator[tuple[str, ...]]:
    """Each case is sent twice, by a program of each role in turn: access tokens live for ten minutes only."""
    with server.client() as api:
        made = [api.post("/api/v1/api-keys", json={"name": role, "role": role}) for role in ROLES]
    return cycle([(KEY, each.json()["key"]) for each in made])


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    load_all_checks()
    return schemathesis.openapi.from_dict(document(), config=schemathesis.Config.from_dict(CONFIG))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Keeps the connection, but no cookie, and takes no proxy from the environment."""
    with requests.Session() as kept:
        kept.trust_env = False
        kept.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield kept


@pytest.fixture
def keeps_to_it(schema: BaseSchema, server: Live, session: requests.Session) -> Check:
    """Builds and sends an operation's cases: examples, what covers its shapes, and random ones."""

    def check(method: str, path: str, callers: Iterator[tuple[str, ...]], how: settings) -> None:
        def sent(case: Any) -> None:
            for key in next(callers):
                headers = {"Authorization": f"Bearer {key}"}
                case.call_and_validate(
                    base_url=server.url, headers=headers, checks=CHECKS, timeout=30, session=session
                )

        build_operation_test(
            config=schema.config,
            operation=schema[path][method],
            test_func=sent,
            given_kwargs={},
            feedback=FeedbackSources(),
            explicit_settings=how,
        )()

    return check


@OPERATIONS
def test_the_api_keeps_to_its_description(
    keeps_to_it: Check, turns: Iterator[tuple[str, ...]], method: str, path: str
) -> None:
    # The random ones were the same each time: the drill sends many.
    keeps_to_it(method, path, turns, settings(max_examples=1, derandomize=True, **COMMON))


@pytest.mark.drill
@OPERATIONS
def test_the_api_keeps_to_its_description_for_long(
    keeps_to_it: Check, keys: Iterator[tuple[str, ...]], method: str, path: str
) -> None:
    keeps_to_it(method, path, keys, settings(max_examples=60, **COMMON))
