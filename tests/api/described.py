"""The API's own description, as it is committed: `tests/schemas/test_exported.py` says that the code still says so.

To build it takes more than a second, which each worker would spend on collecting tests.
"""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from cli.export_schemas import FOLDER


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document. Who reads it changes nothing in it."""
    return json.loads((FOLDER / "openapi.json").read_bytes())


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    return [
        (method.upper(), path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def check_event(path: str, name: str, data: Any) -> None:
    """What a stream of server-sent events says is as it is described."""
    _validator(path).validate({"event": name, "data": data})


@cache
def _validator(path: str) -> Draft202012Validator:
    """Of a stream's events, with the data read: a validator takes what is in a string on trust."""
    ((_, operation),) = document()["paths"][path].items()
    described = operation["responses"]["200"]["content"]["text/event-stream"]["itemSchema"]["oneOf"]
    events = [
        {**one, "properties": {**one["properties"], "data": one["properties"]["data"]["contentSchema"]}}
        for one in described
    ]
    return Draft202012Validator({"oneOf": events, "components": document()["components"]})
