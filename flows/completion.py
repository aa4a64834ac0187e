"""Completion for editors: what can be written at a place of a bot's files.

Keys and plain values follow from the JSON Schemas of the documents and of the actions; steps, outcomes, flows,
fields, teams and the like from the bot and its world; inside an expression the names that its step sees, with types.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from flows import compiler, kinds
from flows.action import Mark, marked
from flows.bot import Bot
from flows.cel import Scope
from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.cursor import MARK, Cursor, cursor_at
from flows.custom import SAVE, Custom, CustomAction, declared_by, step_class
from flows.flow_compiler import outcomes_of, results_of
from flows.names import Item, Kind, names
from flows.place import segments
from flows.rules.hints import HONOURED
from flows.scopes import scope_of
from flows.world import World
from schemas.flow import BotDocument, FlowDocument

MOST: Final = 200

_TYPES: Final = ("string", "integer", "number", "boolean", "array", "object")
_FORMATS: Final = ("date", "date-time", "document", "email", "file", "location", "phone", "photo", "time", "uri", "video", "voice")  # fmt: skip
_KEYWORDS: Final = (
    *("type", "title", "description", "format", "enum", "oneOf", "const", "default", "minLength", "maxLength"),
    *("pattern", "minimum", "maximum", "multipleOf", "items", "minItems", "maxItems", "properties", "required"),
    *("readOnly", "pii", "if", "then", "else", "dependentRequired", "allOf", "$ref"),
)  # fmt: skip

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Completion:
    """What can stand at a place. `part` is what was written of it, up to the cursor: an item takes its place."""

    part: str = ""
    items: tuple[Item, ...] = ()


def complete(bot: Bot, file: str, line: int, column: int, world: World | None = None) -> Completion:
    """What can be written in a file at a line and a column, both from 1; nothing where nothing is known."""
    cursor = cursor_at(file, bot.files.get(file, ""), line, column)
    if cursor is None:
        return Completion()
    completing = _Completing(bot, file, cursor, world or World())
    part, items = completing.found()
    wanted = part.casefold()
    fitting = [one for one in items if one.label.casefold().startswith(wanted)]
    return Completion(part, tuple({one.label: one for one in fitting}.values())[:MOST])


class _Completing:
    """One place being completed."""

    def __init__(self, bot: Bot, file: str, cursor: Cursor, world: World) -> None:
        self.bot, self.file, self.cursor, self.world = bot, file, cursor, world
        self.compiled: Compiled | None = compiler.build(bot, world)[0]
        self.path = segments(cursor.pointer)
        self.before = cursor.before

    def found(self) -> tuple[str, Iterable[Item]]:
        if self.file.startswith("bot."):
            return self._in_bot()
        return self._in_flow() if self.file.startswith("flows/") else ("", ())

    # bot.yaml

    def _in_bot(self) -> tuple[str, Iterable[Item]]:
        match self.path:
            case ["flows", _] | ["fallback"] | ["on_expire"] | ["admit", "else"]:
                return self.before, _items(self.bot.flows, "flow")
            case ["admit", "when"]:
                return self._expression(self.before, self._plain_scope())
            case ["texts", *_] | ["frames", _, _, *_] if not self.cursor.is_key:
                return self._template(self.before, self._plain_scope())
            case _:
                return self._by_schema(_schema(BotDocument), self.path)

    # flows/*.yaml

    def _in_flow(self) -> tuple[str, Iterable[Item]]:
        keyed = self.cursor.is_key
        match self.path:
            case ["steps", _, "action"]:
                known: Mapping[str, type[BaseModel]] = {**self._custom(), **kinds.actions()}
                return self.before, [Item(name, "action", says=_said(model)) for name, model in known.items()]
            case ["steps", _, "next"] | ["steps", _, "then", _] | ["defaults", _] if not keyed:
                return self.before, _items([*self._ids(), "stop"], "step")
            case ["steps", index, "then"] if keyed:
                return self.before, _items(self._outcomes(int(index)), "outcome")
            case ["steps", index, "with", *below]:
                return self._in_action(int(index), below)
            case ["triggers", _] if keyed:
                return self.before, _items([*kinds.triggers(), "interrupt"], "key")
            case ["triggers", _, "event", "name"]:
                return self.before, _items(self.world.events, "value")
            case ["triggers", _, kind, *below] if kind in kinds.triggers():
                return self._in_model(kinds.triggers()[kind], self.path[:3], below, self._plain_scope(), None)
            case ["data", "schema", *below]:
                return self.before, self._in_schema(below)
            case ["data", "ui_schema", *below]:
                return self.before, self._in_hints(below)
            case _:
                return self._by_schema(_schema(FlowDocument), self.path)

    def _in_action(self, index: int, below: list[str]) -> tuple[str, Iterable[Item]]:
        known: Mapping[str, type[BaseModel]] = {**self._custom(), **kinds.actions()}
        model = known.get(str(self._at(["steps", index, "action"])))
        if model is None:
            return "", ()
        step = self._step(index)
        scope = step.scope if step is not None else self._raw_scope()
        own = step.own if step is not None else scope
        return self._in_model(model, ["steps", str(index), "with"], below, scope, own)

    def _in_model(
        self, model: type[BaseModel], at: list[str], below: list[str], scope: Scope, own: Scope | None
    ) -> tuple[str, Iterable[Item]]:
        mark = self._mark(model, at, below)
        match mark:
            case Mark("expression") if not self.cursor.is_key:
                return self._expression(self.before, own if mark.own and own is not None else scope)
            case Mark("template" | "text" | "tree") if "{{" in self.before:
                return self._template(self.before, scope, mark.secrets)
            case Mark("flow"):
                return self.before, _items(self.bot.flows, "flow")
            case Mark("data_field"):
                return self.before, _items(self._properties(), "field")
            case Mark("contact_field"):
                return self.before, _items(self._contact_fields(), "field")
            case _:
                pass
        schema = _schema(model)
        if issubclass(model, Custom):
            properties = {
                **model.declared.input_schema.get("properties", {}),
                SAVE: schema["properties"][SAVE],
            }
            schema = {**schema, "properties": properties}
        widget = str(_walked(schema, schema, below).get("ui_schema", {}).get("ui:widget"))
        named = self._named(widget)
        return (self.before, _items(named, "value")) if named else self._by_schema(schema, below)

    def _mark(self, model: type[BaseModel], at: list[str], below: list[str]) -> Mark | None:
        """How the text at the cursor is read; None where no mark says so, or the model is not complete yet."""
        given: Any = self._at(at)
        try:
            made = model.model_validate(given)
        except ValidationError:
            values = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
            fields = {info.alias or name for name, info in model.model_fields.items()}
            made = model.model_construct(
                **{**dict.fromkeys(fields), **{k: v for k, v in values.items() if k in fields}}
            )
        here = "".join(f"/{part}" for part in below)
        for pointer, mark, value in marked(made):
            if self.cursor.is_key:
                if isinstance(value, str) and MARK in value and pointer == f"{here}/{value}":
                    return mark
            elif (pointer == here and not (isinstance(value, str) and MARK not in value)) or (
                mark.reading in ("text", "tree") and here.startswith(f"{pointer}/")
            ):
                return mark
        return None

    # Expressions and texts.

    def _expression(self, before: str, scope: Scope, secrets: bool = False) -> tuple[str, list[Item]]:
        return names(before, scope, self.world.secrets if secrets else None)

    def _template(self, before: str, scope: Scope, secrets: bool = True) -> tuple[str, list[Item]]:
        _, opened, inside = before.rpartition("{{")
        if not opened or "}}" in inside:
            return "", []
        return self._expression(inside, scope, secrets)

    def _plain_scope(self) -> Scope:
        main = self.bot.document
        return scope_of(None, self._contact_fields(), texts=main.document.texts if main else ())

    def _raw_scope(self) -> Scope:
        """What a step sees in a file that is not valid as it stands: its data, and what is the same everywhere."""
        schema: Any = self._at(["data", "schema"])
        main = self.bot.document
        texts = main.document.texts if main else ()
        known = cast("Schema", schema) if isinstance(schema, dict) else None
        return scope_of(known, self._contact_fields(), texts=texts)

    # What the bot holds.

    def _flow(self) -> CompiledFlow | None:
        flows = self.compiled.flows.values() if self.compiled is not None else ()
        return next((flow for flow in flows if flow.source.path == self.file), None)

    def _step(self, index: int) -> CompiledStep | None:
        flow = self._flow()
        steps = flow.steps.values() if flow is not None else ()
        return next((step for step in steps if step.index == index), None)

    def _custom(self) -> dict[str, type[Custom]]:
        declared: Iterable[CustomAction] = (
            self.world.actions
            if self.world.actions is not None
            else [declared_by(read.document) for read in self.bot.actions.values()]
        )
        return {one.name: step_class(one) for one in declared}

    def _contact_fields(self) -> Mapping[str, Schema]:
        main = self.bot.document
        return main.document.contact.fields if main else self.world.contact_fields or {}

    def _properties(self) -> list[str]:
        found: Any = self._at(["data", "schema", "properties"])
        return list(cast("dict[str, Any]", found)) if isinstance(found, dict) else []

    def _ids(self) -> list[str]:
        steps: Any = self._at(["steps"])
        listed = cast("list[Any]", steps) if isinstance(steps, list) else []
        found = [str(cast("dict[str, Any]", one).get("id")) for one in listed if isinstance(one, dict)]
        return [name for name in found if MARK not in name]

    def _outcomes(self, index: int) -> list[str]:
        step = self._step(index)
        if step is not None:
            return list(step.outcomes)
        known: Mapping[str, Any] = {**self._custom(), **kinds.actions()}
        model = known.get(str(self._at(["steps", index, "action"])))
        if model is None:
            return []
        try:
            action = model.model_validate(self._at(["steps", index, "with"]) or {})
        except ValidationError:
            return [
                *model.leaves_by,
                *(["timeout"] if model.waits else []),
                *(["undelivered"] if model.sends else []),
            ]
        reached = [name for _, name in action.reaches() if name in self.bot.flows]
        return outcomes_of(
            action, [one for name in reached for one in results_of(self.bot.flows[name].document)]
        )

    def _named(self, widget: str) -> Iterable[str]:
        main = self.bot.document
        known: Mapping[str, Iterable[str]] = {
            "team": self.world.teams or (),
            "person": self.world.people or (),
            "template": self.world.templates or (),
            "flow": self.bot.flows,
            "frame": main.document.frames if main else (),
            "event": self.world.events,
        }
        return sorted(known.get(widget, ()))

    # Schemas.

    def _by_schema(self, schema: Schema, path: list[str]) -> tuple[str, list[Item]]:
        here = _walked(schema, schema, path)
        if self.cursor.is_key:
            required = here.get("required", [])
            return self.before, [
                Item(
                    name,
                    "key",
                    "needed" if name in required else _title(name, one),
                    str(one.get("description") or (one.get("title") if name in required else "") or ""),
                    f"{name}: ",
                )
                for name, one in cast("dict[str, Any]", here.get("properties", {})).items()
            ]
        return self.before, [Item(str(value), "value") for value in here.get("enum", [])]

    def _in_schema(self, below: list[str]) -> Iterable[Item]:
        if self.cursor.is_key:
            named = bool(below) and below[-1] in ("properties", "$defs")
            return () if named else _items(_KEYWORDS, "key")
        match below:
            case [*_, "type"]:
                return _items(_TYPES, "value")
            case [*_, "format"]:
                return _items(_FORMATS, "value")
            case [*owner, "required", _]:
                found: Any = self._at(["data", "schema", *owner, "properties"])
                return _items(cast("dict[str, Any]", found) if isinstance(found, dict) else (), "field")
            case _:
                return ()

    def _in_hints(self, below: list[str]) -> Iterable[Item]:
        if self.cursor.is_key:
            return [
                *_items(self._properties() if not below else (), "field"),
                *_items([f"ui:{one}" for one in sorted(HONOURED)], "key"),
            ]
        return _items([*self._properties(), "*"], "field") if below[:1] == ["ui:order"] else ()

    def _at(self, path: Iterable[str | int]) -> Any:
        found: Any = self.cursor.source.value
        for key in path:
            if isinstance(found, list):
                items = cast("list[Any]", found)
                found = items[int(key)] if str(key).isdecimal() and int(key) < len(items) else None
            else:
                found = cast("dict[str, Any]", found).get(str(key)) if isinstance(found, dict) else None
        return found


@cache
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _items(given: Iterable[str], kind: Kind) -> list[Item]:
    return [Item(name, kind) for name in given]


def _title(name: str, schema: Schema) -> str:
    """What a key is called; nothing where pydantic has made the title of the name."""
    title = str(schema.get("title") or "")
    return "" if title == name.replace("_", " ").title() else title


def _said(model: type[BaseModel]) -> str:
    """What an action is for; nothing of one that a bot or a workspace declares."""
    return "" if issubclass(model, Custom) else (model.__doc__ or "").split("\n", 1)[0]


def _walked(root: Schema, schema: Schema, path: list[str]) -> dict[str, Any]:
    """What a schema says of the value at a path: its properties and values, of all that it may be."""
    options = list(_options(root, schema))
    if not path:
        merged: dict[str, Any] = {"properties": {}, "enum": [], "required": []}
        for one in options:
            merged["properties"].update({key: {} for key in one.get("propertyNames", {}).get("enum", ())})
            merged["properties"].update(one.get("properties", {}))
            merged["required"].extend(one.get("required", []))
            values: list[Any] = one.get("enum", [one["const"]] if "const" in one else [])
            merged["enum"].extend(["true", "false"] if one.get("type") == "boolean" else values)
            merged.setdefault("ui_schema", one.get("ui_schema", {}))
        return merged
    key, *rest = path
    for one in options:
        patterned: Any = next(iter(one.get("patternProperties", {}).values()), None)
        inner = (
            one.get("properties", {}).get(key)
            or patterned
            or one.get("additionalProperties")
            or one.get("items")
        )
        if isinstance(inner, dict):
            return _walked(root, cast("Schema", inner), rest)
    return _walked(root, {}, [])


def _options(root: Schema, schema: Schema) -> Iterable[Schema]:
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        for one in _options(root, root["$defs"][name]):
            yield {**one, **rest}
        return
    yield schema
    for word in ("anyOf", "oneOf", "allOf"):
        for one in cast("list[Schema]", schema.get(word, [])):
            yield from _options(root, one)
