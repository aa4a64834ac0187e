"""Listening to the API's stream of changes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.described import check_event


@dataclass(frozen=True)
class Said:
    """One event of the stream. `id`: the place after it; empty where it names none."""

    name: str
    id: str
    data: dict[str, Any]


@contextmanager
def listening(client: httpx.Client, topics: str = "", after: str = "") -> Iterator[Iterator[Said]]:
    """What the stream says, from `ready` or `reset` on."""
    headers = {"Last-Event-ID": after} if after else {}
    with client.stream("GET", "/api/v1/live", params={"topics": topics}, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        yield _read(answer.iter_lines())


def until(said: Iterator[Said], name: str, **facts: Any) -> Said:
    """The next event of that name with these facts."""
    return next(one for one in said if one.name == name and facts.items() <= one.data.items())


def _read(lines: Iterator[str]) -> Iterator[Said]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            said = Said(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
            check_event("/api/v1/live", said.name, said.data)
            yield said
            fields = {}
        else:
            fields = {}
