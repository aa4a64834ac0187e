"""From a read bot to an immutable compiled one: names resolved, expressions typed, edges laid.

`build` gives the compiled bot and everything that is wrong with it; `compile` refuses a bot with errors.
What only concerns people (texts too long for a channel, steps that nothing reaches) is in `flows/rules/`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from flows import cel, kinds, template
from flows.action import Action, Mark, marked
from flows.bot import Bot, Read
from flows.diagnostic import Diagnostic, did_you_mean, error
from flows.document import Source
from flows.duration import parse_duration
from flows.faults import diagnostics_of
from flows.form import Field, fields_of
from flows.place import Place, escape
from flows.scopes import CONTACT_FIELDS, scope_of
from flows.sentences import SENTENCES
from flows.texts import sources
from flows.trigger import Trigger
from flows.world import World
from schemas.flow import BotDocument, Expiring, FlowDocument, GlobalWords, StepDocument
from schemas.problems import Refused

END = ""  # the target of an edge that ends the flow
STOP = "stop"
DEFAULTED = ("timeout", "cancelled", "failed", "undelivered")
WORDS: dict[str, tuple[str, ...]] = {
    "opt_out": ("stop", "unsubscribe", "cancellami", "disiscrivimi"),
    "start": ("start", "inizia"),
    "restart": ("restart", "start again", "ricomincia", "da capo"),
    "person": ("human", "agent", "operator", "operatore", "persona"),
}


class FlowNotValid(Refused):
    """The bot has errors, so it can be neither compiled nor published."""

    code = "flow.not_valid"
    status = 422
    title = "The bot has errors"
    sentence = "{count} to mend before this bot can run. The first: {first}"

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        count = f"{len(diagnostics)} error{'s' if len(diagnostics) != 1 else ''}"
        super().__init__(count=count, first=str(diagnostics[0]))


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """One step: its action, and every edge that leaves it.

    `edges` maps an outcome to a step id, or to `END`; None where the outcome ends the run visibly. An
    outcome that is not in it falls through to `next`.
    """

    id: str
    flow: str
    index: int
    action: Action
    document: StepDocument
    edges: Mapping[str, str | None]
    next: str
    timeout: dt.timedelta | None
    resets: bool
    disabled: bool
    scope: cel.Scope
    expressions: Mapping[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled], repr=False)
    templates: Mapping[str, template.Template] = field(
        default_factory=dict[str, template.Template], repr=False
    )
    trees: Mapping[str, template.Tree] = field(default_factory=dict[str, template.Tree], repr=False)
    fields: Mapping[str, Field] = field(default_factory=dict[str, Field], repr=False)

    @property
    def name(self) -> str:
        """`flow.step`, as transcripts name it."""
        return f"{self.flow}.{self.id}"

    def target(self, outcome: str) -> str | None:
        """Where an outcome leads: a step id, `END`, or None when it ends the run visibly."""
        return self.edges.get(outcome, self.next)


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """One flow: its steps in order, by id."""

    id: str
    document: FlowDocument
    source: Source
    steps: Mapping[str, CompiledStep]
    first: str
    defaults: Mapping[str, str]
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A trigger of a flow, in the order in which it is tried."""

    flow: str
    trigger: Trigger
    interrupt: bool
    expressions: Mapping[str, cel.Compiled]


@dataclass(frozen=True, slots=True)
class CompiledAdmission:
    """Who is served, and which flow the others get."""

    when: cel.Compiled
    flow: str


@dataclass(frozen=True, slots=True)
class CompiledWords:
    """The global words of all languages."""

    opt_out: tuple[str, ...]
    start: tuple[str, ...]
    restart: tuple[str, ...]
    person: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bot that can run. Immutable, shared by all conversations."""

    version: int
    document: BotDocument
    languages: tuple[str, ...]
    flows: Mapping[str, CompiledFlow]
    order: tuple[str, ...]
    triggers: tuple[CompiledTrigger, ...]
    words: CompiledWords
    admit: CompiledAdmission | None
    burst: dt.timedelta | None
    expire_after: dt.timedelta | None


def compile(bot: Bot, world: World | None = None, version: int = 0) -> Compiled:
    """The compiled bot. Raises `FlowNotValid` when it has errors."""
    compiled, found = build(bot, world or World(), version)
    errors = [one for one in found if one.severity == "error"]
    if compiled is None or errors:
        raise FlowNotValid(errors)
    return compiled


def build(bot: Bot, world: World, version: int = 0) -> tuple[Compiled | None, list[Diagnostic]]:
    """The compiled bot (None without a `bot.yaml`), and what is wrong with it so far as compiling shows."""
    found = list(bot.diagnostics)
    if bot.document is None:
        return None, found
    build = _Build(bot, bot.document, world, found)
    return build.compiled(version), found


@dataclass(slots=True)
class _Build:
    """A bot being compiled, and the diagnostics that grow with it."""

    bot: Bot
    main: Read[BotDocument]
    world: World
    found: list[Diagnostic]
    contact_fields: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def compiled(self, version: int) -> Compiled:
        document = self.main.document
        self.contact_fields = {**(self.world.contact_fields or {}), **document.contact.fields}
        order = [
            name for place, name in enumerate(document.flows) if self._knows_flow(name, f"/flows/{place}")
        ]
        for name, flow in self.bot.flows.items():
            if name not in document.flows:
                message = f"the flow {name!r} is not in the list of flows of bot.yaml, so it never runs"
                self.found.append(error("F010", message, flow.source.place("/id"), f"add {name} to flows"))
        self._sentences_exist()
        results = {name: _stops(self.bot.flows[name].document) for name in order}
        flows = {name: self._flow(self.bot.flows[name], results) for name in order}
        triggers = [one for name in order for one in self._triggers(self.bot.flows[name])]
        for key, name in (("fallback", document.fallback), ("on_expire", document.on_expire)):
            if name is not None:
                self._knows_flow(name, f"/{key}")
        return Compiled(
            version=version,
            document=document,
            languages=tuple(document.languages),
            flows=flows,
            order=tuple(order),
            triggers=tuple(triggers),
            words=_words(document.words, bool(document.team)),
            admit=self._admission(),
            burst=self._span(document.burst, self.main.source, "/burst"),
            expire_after=self._span(document.expire_after, self.main.source, "/expire_after"),
        )

    def _flow(self, read: Read[FlowDocument], results: Mapping[str, list[str]]) -> CompiledFlow:
        document, source = read.document, read.source
        ids = [step.id for step in document.steps]
        fields = self._fields(document, source)
        for name, target in document.defaults.items():
            self._knows_step(target, ids, source.place(f"/defaults/{name}"))
        steps: dict[str, CompiledStep] = {}
        for index, step in enumerate(document.steps):
            pointer = f"/steps/{index}"
            if step.id in steps or step.id == STOP:
                hint = "choose another id"
                message = (
                    "a step may not be called stop" if step.id == STOP else f"there are two steps {step.id!r}"
                )
                self.found.append(error("F011", message, source.place(f"{pointer}/id"), hint))
                continue
            action = self._action(step, source, pointer)
            if action is None:
                continue
            steps[step.id] = self._step(document, source, index, step, action, ids, fields, results)
        return CompiledFlow(
            id=document.id,
            document=document,
            source=source,
            steps=steps,
            first=ids[0],
            defaults={name: END if target == STOP else target for name, target in document.defaults.items()},
            fields=fields,
        )

    def _step(
        self,
        flow: FlowDocument,
        source: Source,
        index: int,
        step: StepDocument,
        action: Action,
        ids: list[str],
        fields: Mapping[str, Field],
        results: Mapping[str, list[str]],
    ) -> CompiledStep:
        pointer = f"/steps/{index}"
        scope = scope_of(flow.data.schema_, self.contact_fields, result=action.result_schema())
        parts = self._parts(action, scope, source, f"{pointer}/with", fields)
        for below, name in action.reaches():
            if name not in self.main.document.flows:
                place = source.place(f"{pointer}/with{below}")
                self.found.append(
                    error("F012", f"no flow {name!r}", place, did_you_mean(name, self.bot.flows))
                )
        timeout = step.timeout
        expiring = timeout if isinstance(timeout, Expiring) else None
        written = expiring.after if expiring else timeout
        span = self._span(cast("str | None", written), source, f"{pointer}/timeout")
        if span is not None and not action.waits:
            message = f"the action {action.name} never waits, so a timeout means nothing"
            self.found.append(error("F013", message, source.key_place(f"{pointer}/timeout"), "remove it"))
        after = ids[index + 1] if index + 1 < len(ids) else END
        if step.next is not None:
            self._knows_step(step.next, ids, source.place(f"{pointer}/next"))
            after = END if step.next == STOP else step.next
        called = [result for _, name in action.reaches() for result in results.get(name, [])]
        return CompiledStep(
            id=step.id,
            flow=flow.id,
            index=index,
            action=action,
            document=step,
            edges=self._edges(flow, source, pointer, step, action, ids, called),
            next=after,
            timeout=span,
            resets=bool(expiring and expiring.resets),
            disabled=step.disabled,
            scope=scope,
            expressions=parts.expressions,
            templates=parts.templates,
            trees=parts.trees,
            fields=fields,
        )

    def _edges(
        self,
        flow: FlowDocument,
        source: Source,
        pointer: str,
        step: StepDocument,
        action: Action,
        ids: list[str],
        called: list[str],
    ) -> dict[str, str | None]:
        outcomes = outcomes_of(action, called)
        edges: dict[str, str | None] = {}
        for outcome, target in step.then.items():
            place = f"{pointer}/then/{escape(outcome)}"
            if outcome not in outcomes:
                message = f"the action {action.name} has no outcome {outcome!r}"
                hint = did_you_mean(outcome, outcomes) or f"it has {', '.join(outcomes) or 'none'}"
                self.found.append(error("F014", message, source.key_place(place), hint))
            if self._knows_step(target, ids, source.place(place)):
                edges[outcome] = END if target == STOP else target
        for outcome in DEFAULTED:
            if outcome in outcomes and outcome not in step.then:
                target = flow.defaults.get(outcome)  # pyright: ignore[reportArgumentType]
                edges[outcome] = None if target is None else END if target == STOP else target
        return edges

    def _action(self, step: StepDocument, source: Source, pointer: str) -> Action | None:
        known = kinds.actions().get(step.action)
        if known is None:
            hint = did_you_mean(step.action, kinds.actions()) or f"there are {', '.join(kinds.actions())}"
            place = source.place(f"{pointer}/action")
            self.found.append(error("F015", f"there is no action {step.action!r}", place, hint))
            return None
        try:
            return known.model_validate(step.with_)
        except ValidationError as fault:
            self.found.extend(diagnostics_of(fault, source, f"{pointer}/with", known))
            return None

    def _triggers(self, read: Read[FlowDocument]) -> list[CompiledTrigger]:
        compiled: list[CompiledTrigger] = []
        for index, document in enumerate(read.document.triggers):
            pointer = f"/triggers/{index}"
            named = document.model_extra or {}
            if len(named) != 1:
                message = "a trigger names one kind, for example `message: {words: [hello]}`"
                self.found.append(error("F016", message, read.source.place(pointer)))
                continue
            kind, parameters = next(iter(named.items()))
            known = kinds.triggers().get(kind)
            if known is None:
                hint = did_you_mean(kind, kinds.triggers()) or f"there are {', '.join(kinds.triggers())}"
                place = read.source.key_place(f"{pointer}/{escape(kind)}")
                self.found.append(error("F016", f"there is no trigger {kind!r}", place, hint))
                continue
            try:
                trigger = known.model_validate(parameters)
            except ValidationError as fault:
                self.found.extend(diagnostics_of(fault, read.source, f"{pointer}/{kind}", known))
                continue
            event = self.world.events.get(getattr(trigger, "name_", ""))
            scope = scope_of(None, self.contact_fields, event=event)
            parts = self._parts(trigger, scope, read.source, f"{pointer}/{kind}", {})
            compiled.append(CompiledTrigger(read.document.id, trigger, document.interrupt, parts.expressions))
        return compiled

    def _parts(
        self, model: BaseModel, scope: cel.Scope, source: Source, pointer: str, fields: Mapping[str, Field]
    ) -> "_Parts":
        """Compile every marked value of an action or a trigger, and check the names that it holds."""
        parts = _Parts()
        for below, mark, value in marked(model):
            at = pointer + below
            _READERS[mark.reading](self, parts, scope, source, at, below, mark, value, fields)
        self._collected_texts(model, parts, scope, source, fields)
        return parts

    def _collected_texts(
        self, model: BaseModel, parts: "_Parts", scope: cel.Scope, source: Source, fields: Mapping[str, Field]
    ) -> None:
        """The prompts of the fields that a collect step asks for may hold expressions."""
        for name in cast("list[str]", getattr(model, "fields", None) or []):
            if name in fields and fields[name].prompt:
                pointer = f"/data/ui_schema/{escape(name)}/ui:prompt"
                self._text(parts, scope, source, pointer, "", Mark("text"), fields[name].prompt, fields)

    def _expression(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        compiled = cel.compile(value, scope, source.place(at), secrets=mark.secrets)
        if isinstance(compiled, Diagnostic):
            self.found.append(compiled)
        else:
            parts.expressions[value] = compiled

    def _template(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        if "{{" not in value or value in parts.templates:
            return
        compiled = template.compile_template(value, scope, source.place(at), secrets=mark.secrets)
        if isinstance(compiled, list):
            self.found.extend(compiled)
        else:
            parts.templates[value] = compiled

    def _text(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        for further, _, text in sources(value):
            self._template(parts, scope, source, at + further, below, mark, text, fields)

    def _tree(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        tree, faults = template.compile_tree(
            value, scope, lambda pointer: source.place(at + pointer), secrets=mark.secrets
        )
        self.found.extend(faults)
        parts.trees[below] = tree

    def _flow_name(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        """Checked by `_step`, through `Action.reaches`."""

    def _data_field(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        if value not in fields:
            hint = did_you_mean(value, fields) or "declare it under data.schema.properties"
            self.found.append(
                error("F017", f"this flow's data has no field {value!r}", source.key_place(at), hint)
            )

    def _contact_field(
        self,
        parts: "_Parts",
        scope: cel.Scope,
        source: Source,
        at: str,
        below: str,
        mark: Mark,
        value: Any,
        fields: Any,
    ) -> None:
        writable = {
            **self.contact_fields,
            **{name: {} for name in CONTACT_FIELDS if name not in ("id", "phone")},
        }
        if value not in writable:
            hint = did_you_mean(value, writable) or "declare it under contact.fields in bot.yaml"
            self.found.append(error("F018", f"a contact has no field {value!r}", source.key_place(at), hint))

    def _fields(self, document: FlowDocument, source: Source) -> dict[str, Field]:
        """The flow's fields; what is wrong with its data schema is said at the schema."""
        schema = document.data.schema_
        place = source.place("/data/schema")
        problem = _schema_fault(schema)
        if problem is not None:
            at, message = problem
            self.found.append(error("F019", message, source.place("/data/schema" + at)))
            return {}
        if schema and schema.get("type", "object") != "object":
            self.found.append(error("F019", "what a flow collects is an object: write `type: object`", place))
            return {}
        return fields_of(schema, document.data.ui_schema)

    def _admission(self) -> CompiledAdmission | None:
        admit = self.main.document.admit
        if admit is None:
            return None
        scope = scope_of(None, self.contact_fields)
        compiled = cel.compile(admit.when, scope, self.main.source.place("/admit/when"))
        if isinstance(compiled, Diagnostic):
            self.found.append(compiled)
        known = self._knows_flow(admit.else_, "/admit/else")
        return (
            CompiledAdmission(compiled, admit.else_)
            if known and not isinstance(compiled, Diagnostic)
            else None
        )

    def _sentences_exist(self) -> None:
        for key in self.main.document.sentences:
            if key not in SENTENCES:
                place = self.main.source.key_place(f"/sentences/{escape(key)}")
                message = f"the engine has no sentence {key!r}"
                self.found.append(error("F020", message, place, did_you_mean(key, SENTENCES)))

    def _knows_flow(self, name: str, pointer: str) -> bool:
        if name in self.bot.flows:
            return True
        hint = did_you_mean(name, self.bot.flows) or f"write flows/{name}.yaml"
        broken = any(one.file.startswith(f"flows/{name}.") for one in self.found)
        if not broken:
            self.found.append(error("F012", f"no flow {name!r}", self.main.source.place(pointer), hint))
        return False

    def _knows_step(self, name: str, ids: list[str], place: Place) -> bool:
        if name == STOP or name in ids:
            return True
        self.found.append(error("F021", f"no step {name!r}", place, did_you_mean(name, ids)))
        return False

    def _span(self, written: str | None, source: Source, pointer: str) -> dt.timedelta | None:
        if written is None:
            return None
        try:
            return parse_duration(written)
        except ValueError as fault:
            self.found.append(error("F022", str(fault), source.place(pointer)))
            return None


@dataclass(slots=True)
class _Parts:
    """The compiled texts of one step, by what the author wrote (trees by pointer below `with`)."""

    expressions: dict[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled])
    templates: dict[str, template.Template] = field(default_factory=dict[str, template.Template])
    trees: dict[str, template.Tree] = field(default_factory=dict[str, template.Tree])


_READERS: dict[str, Callable[..., None]] = {
    "expression": _Build._expression,
    "template": _Build._template,
    "text": _Build._text,
    "tree": _Build._tree,
    "flow": _Build._flow_name,
    "data_field": _Build._data_field,
    "contact_field": _Build._contact_field,
}


def outcomes_of(action: Action, called: list[str]) -> list[str]:
    """Every outcome that a step of this action can leave by."""
    outcomes = [*action.outcomes(), *called]
    if action.sends:
        outcomes.append("undelivered")
    if action.waits:
        outcomes.append("timeout")
    return list(dict.fromkeys(outcomes))


def _stops(flow: FlowDocument) -> list[str]:
    """The named results with which a flow stops."""
    return [
        str(step.with_.get("result", "done"))
        for step in flow.steps
        if step.action == "stop" and not step.disabled
    ]


def _words(own: GlobalWords, has_team: bool) -> CompiledWords:
    def of(key: str, given: list[str] | dict[str, list[str]] | None) -> tuple[str, ...]:
        if given is None:
            return WORDS[key] if key != "person" or has_team else ()
        return (
            tuple(given) if isinstance(given, list) else tuple(w for words in given.values() for w in words)
        )

    return CompiledWords(
        opt_out=of("opt_out", own.opt_out),
        start=of("start", own.start) or WORDS["start"],
        restart=of("restart", own.restart),
        person=of("person", own.person),
    )


def _schema_fault(schema: dict[str, Any]) -> tuple[str, str] | None:
    """Where and why a JSON Schema is none, titles by language apart."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    from flows.texts import plain_schema

    try:
        Draft202012Validator.check_schema(plain_schema(schema, "en", ["en"]))
    except SchemaError as fault:
        path = "".join(f"/{escape(str(part))}" for part in fault.absolute_path)
        return path, f"this is not JSON Schema: {fault.message}"
    return None
