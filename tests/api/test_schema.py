"""The API keeps to its own description, whatever is sent: no fault of ours, no status and no shape undeclared."""

from collections.abc import Iterator
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


schema = schemathesis.openapi.from_dict(build().openapi())


def keeps_to_it(case: Any, server: Live) -> None:
    case.call_and_validate(
        base_url=server.url, headers={"Authorization": f"Bearer {KEY}"}, checks=CHECKS, timeout=30
    )


@schema.parametrize()
@settings(max_examples=4, derandomize=True, **COMMON)
def test_the_api_keeps_to_its_description(case: Any, server: Live) -> None:
    keeps_to_it(case, server)


@pytest.mark.drill
@schema.parametrize()
@settings(max_examples=300, **COMMON)
def test_the_api_keeps_to_its_description_for_long(case: Any, server: Live) -> None:
    keeps_to_it(case, server)
