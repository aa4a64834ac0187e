"""Write `schemas/json/` anew from the code: `python -m cli.export_schemas`; `--check` only says what is old.

JSON Schema 2020-12, one file a shape: the documents of a bot folder, every action and trigger (each with its
`ui_schema` under a key of its own, actions with their `outcomes`), messages, events, effects and capabilities. And `openapi.json`, which
describes the API. `editor/` holds the documents once more, as editors want them (`cli/editor_schemas.py`).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from admin_api.app import api as _api
from cli.editor_schemas import editor_schemas
from flows import kinds
from flows.action import Action, Mark
from schemas import effects, events
from schemas.capabilities import Capabilities
from schemas.flow import ActionDocument, BotDocument, ConversationTest, FlowDocument, TextsDocument
from schemas.messages import Inbound, Outgoing

FOLDER = Path(__file__).parent.parent / "schemas" / "json"
BASE = "https://chatloom.dev/schemas/"
HINTS = "ui_schema"


def exported() -> dict[str, bytes]:
    """Every file of `schemas/json/`, by its path there."""
    documents: dict[str, type[BaseModel]] = {
        "bot": BotDocument,
        "flow": FlowDocument,
        "test": ConversationTest,
        "action": ActionDocument,
        "texts": TextsDocument,
        **{f"actions/{name}": kind for name, kind in kinds.actions().items()},
        **{f"triggers/{name}": kind for name, kind in kinds.triggers().items()},
    }
    values: dict[str, Any] = {
        "inbound_message": Inbound,
        "outgoing_message": Outgoing,
        "event": events.Event,
        "effect": effects.Effect,
        "capabilities": Capabilities,
    }
    made = {name: model.model_json_schema(mode="validation") for name, model in documents.items()}
    for name, kind in values.items():
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        made[name] = adapter.json_schema(mode="serialization")
    for name, kind in kinds.actions().items():
        made[f"actions/{name}"]["outcomes"] = outcomes_of(kind)
    return {
        **{f"{name}.json": _written(name, schema) for name, schema in sorted(made.items())},
        **{f"editor/{name}.json": _bytes(schema) for name, schema in editor_schemas().items()},
        "openapi.json": _bytes(_api().openapi()),
    }


def outdated() -> list[str]:
    """The files of `schemas/json/` that are not what the code says, or that it does not know."""
    wanted = exported()
    present = {str(path.relative_to(FOLDER)): path.read_bytes() for path in FOLDER.rglob("*.json")}
    return sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))


def write() -> None:
    """Bring `schemas/json/` up to date; files that nothing exports any more go."""
    wanted = exported()
    for path in FOLDER.rglob("*.json"):
        if str(path.relative_to(FOLDER)) not in wanted:
            path.unlink()
    for name, data in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def outcomes_of(kind: type[Action]) -> dict[str, Any]:
    """What steps of this kind leave by: `names`; the keys of the parameter `keys_of`; what the flow that the
    parameter `results_of` names stops with; `must_map`: of `names`, those that a step has to send somewhere."""
    names = [
        *kind.leaves_by,
        *(["undelivered"] if kind.sends else []),
        *(["timeout"] if kind.waits else []),
    ]
    enters = next((name for name, info in kind.model_fields.items() if Mark("flow") in info.metadata), "")
    return {
        "names": names,
        "keys_of": kind.leaves_by_each,
        "results_of": enters,
        "must_map": list(kind.must_map),
        "ends": kind.ends,
    }


def _written(name: str, schema: Mapping[str, Any]) -> bytes:
    document = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"{BASE}{name}.json", **schema}
    hints = _without_hints(document)
    if hints:
        document[HINTS] = hints
    return _bytes(document)


def _bytes(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _without_hints(schema: dict[str, Any]) -> dict[str, Any]:
    """Take the hints out of a schema's properties: a `ui_schema` stands beside a schema, not in it."""
    found: dict[str, Any] = {"ui:order": list(schema["properties"])} if schema.get("properties") else {}
    for name, inner in _mappings(schema.get("properties")):
        hints = cast("dict[str, Any]", inner.pop(HINTS, {}))
        if hints:
            found[name] = hints
    for _, inner in _mappings(schema.get("$defs")):
        hints = _without_hints(inner)
        if len(hints) > 1:
            inner[HINTS] = hints
    return found


def _mappings(value: Any) -> list[tuple[str, dict[str, Any]]]:
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return [(name, cast("dict[str, Any]", inner)) for name, inner in given.items() if isinstance(inner, dict)]


def main() -> None:
    """Write, or with `--check` exit with 1 and name what is old."""
    if "--check" not in sys.argv[1:]:
        write()
        return
    old = outdated()
    if old:
        sys.exit(f"schemas/json/ is not up to date ({', '.join(old)}): run `make schemas`")


if __name__ == "__main__":
    main()
