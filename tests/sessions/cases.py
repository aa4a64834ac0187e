"""The data files of a driver, and what it means that a case's `gives` holds."""

import re
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent.parent / "data" / "drivers"


class _Loader(yaml.CSafeLoader):
    """YAML in which only `true` and `false` are booleans and times stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, how) for tag, how in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false$"), "tf")


def cases(driver: str, *names: str) -> list[Any]:
    """The cases of some files of a driver's folder, each with `it`."""
    found: list[Any] = []
    for name in names:
        raw = (_DATA / driver / f"{name}.yaml").read_bytes()
        found += yaml.load(raw, _Loader)
    return found


def assert_gives(given: Any, expected: Any, where: str = "") -> None:
    """`given` has what `expected` names: its keys, null for an absent one, and whole lists."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if value is None and isinstance(given, dict) and key not in given:
                continue
            assert isinstance(given, dict), where
            assert key in given, f"{where}.{key} is missing"
            assert_gives(given[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(given) == len(expected), f"{where}: {given}"
        for index, value in enumerate(expected):
            assert_gives(given[index], value, f"{where}[{index}]")
    else:
        assert given == expected, where
