"""The API's own description, built once a process: it takes more than a second."""

from functools import cache
from typing import Any

from admin_api.app import api


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document. Who reads it changes nothing in it."""
    return api().openapi()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    return [
        (method.upper(), path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
