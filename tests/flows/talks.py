"""Conversation tests as data: `conversations/*.yaml`, each a small bot and what is said to it.

A file is `given` (the bot of its cases: `bot` and `flows`, without what every bot has) and `cases`: `it`, then
`talk` and `expect` as in a bot's own tests. A case may bring a `bot` and `flows` of its own.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows import bot, compiler, document
from flows.compiled import Compiled
from schemas.capabilities import Capabilities
from schemas.flow import ConversationTest
from sessions.whatsapp import BUSINESS

FOLDER = Path(__file__).parent / "conversations"
CHANNELS = {"cloud_api": BUSINESS, "plain": Capabilities("plain", text=200)}


@dataclass(frozen=True)
class Talk:
    """One case. `files` is its bot's folder."""

    name: str
    files: dict[str, bytes | str]
    test: ConversationTest


def talks() -> list[Talk]:
    """Every case of every file."""
    found: list[Talk] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        source = document.parse(path.name, path.read_bytes())
        assert isinstance(source, document.Source), source
        given = source.value.get("given", {})
        for case in source.value["cases"]:
            own = {**given, **{key: case.pop(key) for key in ("bot", "flows") if key in case}}
            name = f"{path.stem}: {case['it']}"
            test = ConversationTest.model_validate({"test": case.pop("it"), **case})
            found.append(Talk(name, files_of(**own), test))
    return found


def files_of(flows: dict[str, Any], bot: dict[str, Any] | None = None) -> dict[str, bytes | str]:
    """A bot folder from its flows by id, with what every document begins with."""
    main = {"chatloom": "bot/v1", "id": "test", "flows": list(flows), **(bot or {})}
    files: dict[str, bytes | str] = {"bot.yaml": json.dumps(main)}
    for name, flow in flows.items():
        files[f"flows/{name}.yaml"] = json.dumps({"chatloom": "flow/v1", "id": name, **flow})
    return files


def compiled_of(files: dict[str, bytes | str]) -> Compiled:
    """The bot, compiled once a run of the tests."""
    return _compiled(json.dumps(files))


@functools.cache
def _compiled(files: str) -> Compiled:
    return compiler.compile(bot.load(json.loads(files)))
