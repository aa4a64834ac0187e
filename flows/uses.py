"""Where a bot names its fields, flows, steps and choices: in its flows, `bot.yaml`, tests, stubs, translations, layout.

`references` finds them all. Each tells the scalar in which a name stands and at which characters of its value, so that
an editor can rename it there and leave everything else as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from flows import graph
from flows.action import Mark
from flows.bot import Bot
from flows.compiled import STOP, Compiled, CompiledFlow, CompiledStep
from flows.document import Source, parse
from flows.place import Place, escape, segments
from flows.template import spans_in

Kind = Literal["field", "flow", "step", "choice", "contact"]
How = Literal["declares", "reads", "writes", "leads", "shows", "tests", "translates", "places"]
Span = tuple[int, int]

_QUOTED: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
_ROOTED: Final = r"(?<![\w.?])%s\s*\.\s*\??\s*([A-Za-z_]\w*)"
_DATA: Final = re.compile(_ROOTED % "data")
_CONTACT: Final = re.compile(_ROOTED % "contact")
_RESULT: Final = re.compile(_ROOTED % "result")
_CHOSEN: Final = re.compile(r"\bmessage\s*\.\s*\??\s*choice\b")
_WITHIN: Final = ("if", "then", "else", "not")
_ANY_OF: Final = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Named:
    """What has a name: a field or a step of a flow, a choice of `flow.step`; a flow, a contact's field (`of` is empty)."""

    kind: Kind
    of: str
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that names something: the key or the value at `place.pointer`, which reads `text`, there in `spans`.

    What is not `sure` may mean something else of that name.
    """

    named: Named
    place: Place
    key: bool
    text: str
    spans: tuple[Span, ...]
    how: How
    step: str = ""
    sure: bool = True


def references(bot: Bot, compiled: Compiled) -> list[Reference]:
    """All references of a bot, by file."""
    found: list[Reference] = []
    for flow in compiled.flows.values():
        found.extend(_InFlow(bot, compiled, flow).found())
    others = _Others(bot, compiled)
    for path in sorted(bot.files):
        found.extend(others.found(path))
    return found


def unread(bot: Bot, compiled: Compiled) -> list[str]:
    """The files that cannot be read as they stand, or not whole: what they name is not known."""
    whole = {
        flow.source.path: len(flow.steps) == len(flow.document.steps) for flow in compiled.flows.values()
    }
    return [
        path
        for path, text in sorted(bot.files.items())
        if path.endswith((".yaml", ".yml", ".json"))
        and not (whole.get(path, False) if path.startswith("flows/") else _source(path, text) is not None)
    ]


class _In:
    """One file whose references are being found."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def at(self, *path: str | int) -> Any:
        value: Any = self.source.value
        for part in path:
            value = _child(value, str(part))
        return value

    def value(
        self, named: Named, path: Iterable[str | int], how: How, step: str = "", sure: bool = True
    ) -> Iterator[Reference]:
        """The value at a path, if that is the name."""
        text = self.at(*path)
        if text == named.name:
            yield self.part(named, path, text, ((0, len(text)),), how, step=step, sure=sure)

    def key(self, named: Named, path: Iterable[str | int], how: How, step: str = "") -> Reference:
        """The key at a path, which is the name."""
        return self.part(named, path, named.name, ((0, len(named.name)),), how, key=True, step=step)

    def part(
        self,
        named: Named,
        path: Iterable[str | int],
        text: str,
        spans: tuple[Span, ...],
        how: How,
        *,
        key: bool = False,
        step: str = "",
        sure: bool = True,
    ) -> Reference:
        pointer = "".join(f"/{escape(str(part))}" for part in path)
        place = self.source.key_place(pointer) if key else self.source.place(pointer)
        return Reference(named, place, key, text, spans, how, step, sure)


class _InFlow(_In):
    """A flow's own file."""

    def __init__(self, bot: Bot, compiled: Compiled, flow: CompiledFlow) -> None:
        path = flow.source.path
        super().__init__(_source(path, bot.files[path]) or flow.source)
        self.flow, self.compiled = flow, compiled
        self.callees = [
            compiled.flows[name] for name in graph.calls(compiled)[flow.id] if name in compiled.flows
        ]

    def found(self) -> Iterator[Reference]:
        flow = self.flow.id
        yield from self.value(Named("flow", "", flow), ["id"], "declares")
        yield from self._schema(["data", "schema"])
        yield from self._hints()
        for outcome in _keys(self.at("defaults")):
            yield from self._target(["defaults", outcome], "")
        for step in self.flow.steps.values():
            yield from self._step(step)

    def _field(self, name: str) -> Named:
        return Named("field", self.flow.id, name)

    def _schema(self, path: list[str | int]) -> Iterator[Reference]:
        """The fields that a schema of the data names, at the level of the data itself."""
        here = self.at(*path)
        for word in ("properties", "dependentRequired", "dependentSchemas"):
            for name in _keys(_child(here, word)):
                yield self.key(self._field(name), [*path, word, name], "declares")
        lists = [
            ["required"],
            *(["dependentRequired", name] for name in _keys(_child(here, "dependentRequired"))),
        ]
        for below in lists:
            for place, name in enumerate(_list(self.at(*path, *below))):
                yield from self.value(self._field(str(name)), [*path, *below, place], "declares")
        for word in _WITHIN:
            if isinstance(_child(here, word), dict):
                yield from self._schema([*path, word])
        for word in _ANY_OF:
            for place, _ in enumerate(_list(_child(here, word))):
                yield from self._schema([*path, word, place])
        for name in _keys(_child(here, "dependentSchemas")):
            yield from self._schema([*path, "dependentSchemas", name])

    def _hints(self) -> Iterator[Reference]:
        path: list[str | int] = ["data", "ui_schema"]
        for name in _keys(self.at(*path)):
            if not name.startswith("ui:"):
                yield self.key(self._field(name), [*path, name], "shows")
        for place, name in enumerate(_list(self.at(*path, "ui:order"))):
            yield from self.value(self._field(str(name)), [*path, "ui:order", place], "shows")
        for below, text in _strings(self.at(*path)):
            if "ui:prompt" in below:
                yield from self._texts([*path, *below], text, "", [])

    def _step(self, step: CompiledStep) -> Iterator[Reference]:
        flow, at = self.flow.id, ["steps", step.index]
        yield from self.value(Named("step", flow, step.id), [*at, "id"], "declares", step.id)
        yield from self._target([*at, "next"], step.id)
        choices = step.action.leaves_by_each
        own = set(_keys(self.at(*at, "with", choices))) if choices else set[str]()
        for name in own:
            yield self.key(
                Named("choice", step.name, name), [*at, "with", choices, name], "declares", step.id
            )
        for outcome in _keys(self.at(*at, "then")):
            yield from self._target([*at, "then", outcome], step.id)
            if outcome in own:
                yield self.key(Named("choice", step.name, outcome), [*at, "then", outcome], "leads", step.id)
        called = str(getattr(step.action, "flow", ""))
        if called in self.compiled.flows:
            for name in _keys(self.at(*at, "with", "inputs")):
                yield self.key(Named("field", called, name), [*at, "with", "inputs", name], "writes", step.id)
        for below, mark, value in step.marked:
            yield from self._marked(step, [*at, "with", *segments(below)], mark, value)

    def _target(self, path: list[str | int], step: str) -> Iterator[Reference]:
        target = self.at(*path)
        if isinstance(target, str) and target != STOP:
            yield from self.value(Named("step", self.flow.id, target), path, "leads", step)

    def _marked(
        self, step: CompiledStep, path: list[str | int], mark: Mark, value: Any
    ) -> Iterator[Reference]:
        results = self._results(step, mark)
        match mark.reading:
            case "data_field":
                if isinstance(self.at(*path[:-1]), list):
                    yield from self.value(self._field(value), path, "writes", step.id)
                else:
                    yield self.key(self._field(value), path, "writes", step.id)
            case "flow":
                yield from self.value(Named("flow", "", value), path, "leads", step.id)
            case "contact_field":
                yield self.key(Named("contact", "", value), path, "writes", step.id)
            case "expression":
                yield from self._texts(path, value, step.id, results, whole=True)
            case "template":
                yield from self._texts(path, value, step.id, results)
            case "text":
                for below, text in _strings(self.at(*path)):
                    yield from self._texts([*path, *below], text, step.id, results)
            case _:  # a tree
                for below, text in _strings(value):
                    yield from self._texts([*path, *below], text, step.id, results)

    def _results(self, step: CompiledStep, mark: Mark) -> list[tuple[str, Mapping[str, Any]]]:
        """The flows whose data `result` is, with its schema."""
        schema = (step.gives if mark.own else step.result) or {}
        properties: Any = schema.get("properties")
        known = cast("dict[str, Any]", properties) if isinstance(properties, dict) else {}
        return [(flow.id, known) for flow in self.callees]

    def _texts(
        self,
        path: list[str | int],
        text: Any,
        step: str,
        results: list[tuple[str, Mapping[str, Any]]],
        whole: bool = False,
    ) -> Iterator[Reference]:
        """What the expressions of a text name; of one that is an expression as a `whole`."""
        if isinstance(text, str) and self.at(*path) == text:
            within = [(0, len(text))] if whole else spans_in(text)
            yield from self._expressions(path, text, within, step, results)

    def _expressions(
        self,
        path: list[str | int],
        text: str,
        within: list[Span],
        step: str,
        results: list[tuple[str, Mapping[str, Any]]],
    ) -> Iterator[Reference]:
        for name, spans in named_in(text, within, _DATA).items():
            yield self.part(self._field(name), path, text, spans, "reads", step=step)
        for name, spans in named_in(text, within, _CONTACT).items():
            yield self.part(Named("contact", "", name), path, text, spans, "reads", step=step)
        if results:
            for name, spans in named_in(text, within, _RESULT).items():
                for flow, schema in results:
                    declared = self.compiled.flows[flow].fields.get(name)
                    if declared is not None and name in schema and schema[name] == declared.schema:
                        yield self.part(Named("field", flow, name), path, text, spans, "reads", step=step)
        if any(_CHOSEN.search(text, *span) for span in within):
            for other in self.flow.steps.values():
                each = other.action.leaves_by_each
                for choice in _keys(self.at("steps", other.index, "with", each)) if each else ():
                    spans = _literals(text, within, choice)
                    if spans:
                        named = Named("choice", other.name, choice)
                        yield self.part(named, path, text, spans, "reads", step=step, sure=False)


class _Others:
    """The files beside the flows."""

    def __init__(self, bot: Bot, compiled: Compiled) -> None:
        self.bot, self.compiled = bot, compiled
        self.by_stem = {flow.source.path.rpartition(".")[0]: flow for flow in compiled.flows.values()}

    def found(self, path: str) -> Iterator[Reference]:
        stem, folder = path.rpartition(".")[0], path.partition("/")[0]
        known: dict[str, Callable[[_In], Iterator[Reference]]] = {
            "bot": self._bot,
            "stubs": self._stubs,
            "layout": self._layout,
            "tests": self._test,
            "texts": self._translations,
        }
        read = known.get(folder if "/" in path else stem)
        source = _source(path, self.bot.files[path]) if read is not None else None
        if read is not None and source is not None:
            yield from read(_In(source))

    def _bot(self, file: _In) -> Iterator[Reference]:
        paths: list[list[str | int]] = [["fallback"], ["on_expire"], ["admit", "else"]]
        paths += [["flows", place] for place, _ in enumerate(_list(file.at("flows")))]
        for path in paths:
            name = file.at(*path)
            if name in self.compiled.flows:
                yield from file.value(Named("flow", "", name), path, "leads")
        for name in _keys(file.at("contact", "fields")):
            yield file.key(Named("contact", "", name), ["contact", "fields", name], "declares")
        when = file.at("admit", "when")
        if isinstance(when, str):
            yield from self._contact(file, ["admit", "when"], when, [(0, len(when))])
        for part in ("texts", "frames", "sentences"):
            for below, text in _strings(file.at(part)):
                yield from self._contact(file, [part, *below], text, spans_in(text))

    def _contact(
        self, file: _In, path: list[str | int], text: str, within: list[Span]
    ) -> Iterator[Reference]:
        for name, spans in named_in(text, within, _CONTACT).items():
            yield file.part(Named("contact", "", name), path, text, spans, "reads")

    def _layout(self, file: _In) -> Iterator[Reference]:
        for flow in _keys(file.source.value):
            if flow in self.compiled.flows:
                yield file.key(Named("flow", "", flow), [flow], "places")
                for step in _keys(file.at(flow)):
                    yield file.key(Named("step", flow, step), [flow, step], "places")

    def _test(self, file: _In) -> Iterator[Reference]:
        ended, at = file.at("expect", "ended"), str(file.at("expect", "at") or "")
        if ended in self.compiled.flows:
            yield from file.value(Named("flow", "", ended), ["expect", "ended"], "tests")
        yield from self._step_name(file, ["expect", "at"])
        over = str(ended or at.partition(".")[0])
        for name in _keys(file.at("expect", "data")):
            flows = [one.id for one in self.compiled.flows.values() if name in one.fields]
            owner = over if over in self.compiled.flows else flows[0] if len(flows) == 1 else ""
            if owner:
                yield file.key(Named("field", owner, name), ["expect", "data", name], "tests")
        flow = file.at("begin", "flow")
        if flow in self.compiled.flows:
            yield from file.value(Named("flow", "", flow), ["begin", "flow"], "tests")
            step = str(file.at("begin", "step"))
            yield from file.value(Named("step", flow, step), ["begin", "step"], "tests")
            for name in _keys(file.at("begin", "data")):
                yield file.key(Named("field", flow, name), ["begin", "data", name], "tests")
        for place, line in enumerate(_list(file.at("talk"))):
            for kind in ("webhook", "action"):
                below = ["step"] if isinstance(_child(line, kind), dict) else []
                yield from self._step_name(file, ["talk", place, kind, *below])
            if isinstance(_child(line, "user"), dict):
                yield from self._tapped(file, ["talk", place, "user", "tap"])
            flow = file.at("talk", place, "restarted", "flow")
            if flow in self.compiled.flows:
                yield from file.value(Named("flow", "", flow), ["talk", place, "restarted", "flow"], "tests")
                step = str(file.at("talk", place, "restarted", "step"))
                yield from file.value(
                    Named("step", flow, step), ["talk", place, "restarted", "step"], "tests"
                )
        yield from self._stubs(file)

    def _stubs(self, file: _In) -> Iterator[Reference]:
        for name in _keys(file.at("stubs")):
            yield from self._step_name(file, ["stubs", name], key=True)

    def _step_name(self, file: _In, path: list[str | int], key: bool = False) -> Iterator[Reference]:
        """A step as tests name it: `step`, or `flow.step`."""
        text = path[-1] if key else file.at(*path)
        if not isinstance(text, str):
            return
        flow, dot, step = text.partition(".")
        if dot and flow in self.compiled.flows:
            yield file.part(Named("flow", "", flow), path, text, ((0, len(flow)),), "tests", key=key)
            spans = ((len(flow) + 1, len(text)),)
            yield file.part(Named("step", flow, step), path, text, spans, "tests", key=key)
            return
        flows = [one.id for one in self.compiled.flows.values() if text in one.steps]
        for flow in flows:
            spans = ((0, len(text)),)
            yield file.part(
                Named("step", flow, text), path, text, spans, "tests", key=key, sure=len(flows) == 1
            )

    def _tapped(self, file: _In, path: list[str | int]) -> Iterator[Reference]:
        """What a contact taps: `flow.step.choice`."""
        text = file.at(*path)
        parts = text.split(".") if isinstance(text, str) else []
        if len(parts) != 3 or parts[0] not in self.compiled.flows:
            return
        flow, step, choice = parts
        ends = (len(flow), len(flow) + 1 + len(step), len(text))
        yield file.part(Named("flow", "", flow), path, text, ((0, ends[0]),), "tests")
        yield file.part(Named("step", flow, step), path, text, ((ends[0] + 1, ends[1]),), "tests")
        yield file.part(
            Named("choice", f"{flow}.{step}", choice), path, text, ((ends[1] + 1, ends[2]),), "tests"
        )

    def _translations(self, file: _In) -> Iterator[Reference]:
        for key in _keys(file.at("texts")):
            stem = "/".join(key.split("/")[:2])
            flow = self.by_stem.get(stem)
            if flow is None:
                continue
            path: list[str | int] = ["texts", key]
            for named, spans in _in_key(key, flow):
                yield file.part(named, path, key, spans, "translates", key=True)
            for below, text in _strings(file.at(*path)):
                for name, spans in named_in(text, spans_in(text), _DATA).items():
                    yield file.part(Named("field", flow.id, name), [*path, *below], text, spans, "translates")


def _in_key(key: str, flow: CompiledFlow) -> Iterator[tuple[Named, tuple[Span, ...]]]:
    """What the key of a translation names, and where in it."""
    parts = key.split("/")
    begins = [len("/".join(parts[:place])) + (place > 0) for place in range(len(parts))]

    def span(place: int) -> tuple[Span, ...]:
        return ((begins[place], begins[place] + len(parts[place])),)

    if parts[1] == flow.id:
        yield Named("flow", "", flow.id), span(1)
    match parts[2:]:
        case ["steps", step, "with", each, choice, *_] if (
            step in flow.steps and flow.steps[step].action.leaves_by_each == each
        ):
            yield Named("step", flow.id, step), span(3)
            yield Named("choice", f"{flow.id}.{step}", choice), span(6)
        case ["steps", step, *_]:
            yield Named("step", flow.id, step), span(3)
        case ["data", "schema", "properties", name, *_]:
            yield Named("field", flow.id, name), span(5)
        case ["data", "ui_schema", name, *_] if not name.startswith("ui:"):
            yield Named("field", flow.id, name), span(4)
        case _:
            pass


def named_in(text: str, within: list[Span], pattern: re.Pattern[str]) -> dict[str, tuple[Span, ...]]:
    """The names that a pattern finds in the expressions of a text, outside of what they quote, and where."""
    found: dict[str, tuple[Span, ...]] = {}
    for start, end in within:
        bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text[start:end])
        for one in pattern.finditer(bare):
            found[one[1]] = (*found.get(one[1], ()), (start + one.start(1), start + one.end(1)))
    return found


def _literals(text: str, within: list[Span], word: str) -> tuple[Span, ...]:
    """Where expressions quote a word."""
    return tuple(
        (start + one.start() + 1, start + one.end() - 1)
        for start, end in within
        for one in _QUOTED.finditer(text[start:end])
        if one[0][1:-1] == word
    )


def _source(path: str, text: str) -> Source | None:
    """A file as it is written, without what stands apart."""
    read = parse(path, text)
    return read if isinstance(read, Source) else None


def _child(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).get(part)
    if isinstance(value, list) and part.isdecimal():
        items = cast("list[Any]", value)
        return items[int(part)] if int(part) < len(items) else None
    return None


def _keys(value: Any) -> list[str]:
    return list(cast("dict[str, Any]", value)) if isinstance(value, dict) else []


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _strings(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every string in a JSON value, with the way to it."""
    if isinstance(value, str):
        yield above, value
    for name in _keys(value):
        yield from _strings(cast("dict[str, Any]", value)[name], (*above, name))
    for place, one in enumerate(_list(value)):
        yield from _strings(one, (*above, place))
