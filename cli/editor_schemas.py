"""JSON Schemas for editors: one for each document of a bot folder, whole in itself.

`schemas/json/flow.json` says what any step looks like, and each action's own file what it takes. An editor wants
both at once: here the parameters hang on the action's name, so that it completes and checks `with`, and names the
outcomes under `then`. What an editor cannot see (does that step exist, does an expression fit) is `chatloom check`'s.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from flows import kinds
from flows.talk import LINES
from schemas.flow import (
    NAME,
    ActionDocument,
    BotDocument,
    ConversationTest,
    FlowDocument,
    StubsDocument,
)

BASE = "https://chatloom.dev/schemas/editor/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
CUSTOM = "What an integration declared, or a misspelt name: `chatloom check` tells which."


def editor_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name: `bot`, `flow`, `test`, `action`, `stubs`."""
    made = {
        "bot": BotDocument.model_json_schema(mode="validation"),
        "flow": _flow(),
        "test": _test(),
        "action": ActionDocument.model_json_schema(mode="validation"),
        "stubs": StubsDocument.model_json_schema(mode="validation"),
    }
    return {
        name: {"$schema": DIALECT, "$id": f"{BASE}{name}.json", **_without_hints(schema)}
        for name, schema in made.items()
    }


def _flow() -> dict[str, Any]:
    schema = FlowDocument.model_json_schema(mode="validation")
    known: dict[str, Any] = schema["$defs"]
    step, trigger = known["StepDocument"], known["TriggerDocument"]
    step["properties"]["action"] = {
        "title": "Action",
        "anyOf": [
            {"enum": list(kinds.actions())},
            {"type": "string", "pattern": NAME, "description": CUSTOM},
        ],
    }
    step["allOf"] = []
    for name, action in kinds.actions().items():
        own = _embedded(f"action.{name}", action, known)
        leaves = [
            *action.leaves_by,
            *(["timeout"] if action.waits else []),
            *(["undelivered"] if action.sends else []),
        ]
        fits: dict[str, Any] = {"with": own}
        if leaves:
            fits["then"] = {"properties": {outcome: {"type": "string"} for outcome in leaves}}
        needs = {"required": ["with"]} if action.model_json_schema().get("required") else {}
        step["allOf"].append(
            {
                "if": {"properties": {"action": {"const": name}}, "required": ["action"]},
                "then": {"properties": fits, **needs},
            }
        )
    for name, kind in kinds.triggers().items():
        trigger["properties"][name] = _embedded(f"trigger.{name}", kind, known)
    trigger["additionalProperties"] = False
    trigger["oneOf"] = [{"required": [name]} for name in kinds.triggers()]
    return schema


def _test() -> dict[str, Any]:
    schema = ConversationTest.model_json_schema(mode="validation")
    line: dict[str, Any] = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {name: _said(play.__doc__) for name, play in LINES.items()},
    }
    schema["properties"]["talk"]["items"] = line
    return schema


def _embedded(name: str, model: type[BaseModel], known: dict[str, Any]) -> dict[str, str]:
    """A reference to a model's schema, which is put among the known ones with what it refers to itself."""
    own = model.model_json_schema(mode="validation")
    inner = own.pop("$defs", {})
    text = json.dumps({name: own, **{f"{name}.{part}": schema for part, schema in inner.items()}})
    known.update(json.loads(text.replace('"#/$defs/', f'"#/$defs/{name}.')))
    return {"$ref": f"#/$defs/{name}"}


def _said(docstring: str | None) -> dict[str, str]:
    return {"description": docstring} if docstring else {}


def _without_hints(schema: Any) -> Any:
    """Without what only a form needs."""
    if isinstance(schema, Mapping):
        given = cast("Mapping[str, Any]", schema)
        return {key: _without_hints(inner) for key, inner in given.items() if not _is_hint(key, inner)}
    if isinstance(schema, list):
        return [_without_hints(inner) for inner in cast("list[Any]", schema)]
    return schema


def _is_hint(key: str, inner: Any) -> bool:
    """`ui_schema` beside a property holds hints; the property of that name holds a schema."""
    return key == "ui_schema" and isinstance(inner, Mapping) and "type" not in inner
