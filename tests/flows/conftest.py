"""`--update` writes what the cases give now, instead of comparing it."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write `gives` of the cases anew")
