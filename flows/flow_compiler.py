"""One flow compiled: its steps with their edges and texts, its triggers, and what is wrong with them.

What comes out depends on the file's text and on `Around` alone, so it is remembered: in a bot of many flows
only those that were edited are compiled again.
"""

import datetime as dt
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic import ValidationError

from flows import cel, kinds
from flows.action import Action, Known
from flows.bot import Read
from flows.compiled import DEFAULTED, END, STOP, CompiledFlow, CompiledStep, CompiledTrigger
from flows.custom import Custom
from flows.data_schema import fault_of
from flows.diagnostic import Diagnostic, did_you_mean, error
from flows.document import Source
from flows.duration import parse_duration
from flows.faults import diagnostics_of
from flows.form import Field, fields_of
from flows.inferred import NOTHING, Laid, Schema, merged, results_at
from flows.parts import Parts
from flows.place import Place, escape
from flows.scopes import scope_of
from flows.wording import worded, wording_of
from schemas.flow import Expiring, FlowDocument, StepDocument

_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Around:
    """What a flow can name outside of itself: the contact's fields, events, the flows with their results, snippets.

    `seen` are the events that its steps may see; `data` are the schemas of the flows that it calls.
    """

    contact_fields: Mapping[str, Mapping[str, Any]]
    events: Mapping[str, Mapping[str, Any]]
    results: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, type[Custom]]
    texts: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    data: Mapping[str, Schema] = field(default_factory=dict[str, Schema])

    def key(self) -> str:
        """Equal for surroundings that are equal, as far as they are the same for all flows."""
        declared = [kind.declared.key() for kind in self.actions.values()]
        parts = [self.contact_fields, self.events, self.results, declared, self.texts]
        return json.dumps(parts, default=str)

    def for_flow(self, flow: FlowDocument, seen: tuple[str, ...]) -> "Around":
        """These, with what only one flow sees: the events that reach it, and the data of the flows that it calls."""
        called = [str(step.with_.get("flow")) for step in flow.steps]
        return replace(self, seen=seen, data={name: self.data[name] for name in called if name in self.data})


@dataclass(frozen=True, slots=True)
class FlowBuilt:
    """A compiled flow with its triggers, and what is wrong with it."""

    flow: CompiledFlow
    triggers: tuple[CompiledTrigger, ...]
    found: tuple[Diagnostic, ...]


_built: "OrderedDict[tuple[str, str, str], FlowBuilt]" = OrderedDict()


def build_flow(read: Read[FlowDocument], around: Around, key: str) -> FlowBuilt:
    """The flow compiled; the same value again for the same text and `key` (`Around.key()`)."""
    own = f"{read.source.overlay}{key}{around.seen}{json.dumps(around.data, default=str)}"
    name = (read.source.path, read.source.text, own)
    built = _built.pop(name, None) or _FlowBuild(read.document, read.source, around).built()
    _built[name] = built
    if len(_built) > _KEPT:
        _built.popitem(last=False)
    return built


@dataclass(slots=True)
class _FlowBuild:
    """A flow being compiled, and the diagnostics that grow with it."""

    document: FlowDocument
    source: Source
    around: Around
    ids: frozenset[str] = frozenset()
    fields: Mapping[str, Field] = field(default_factory=dict[str, Field])
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    scopes: dict[str, cel.Scope] = field(default_factory=dict[str, cel.Scope])

    def built(self) -> FlowBuilt:
        document, source = self.document, self.source
        names = [step.id for step in document.steps]
        self.ids = frozenset(names)
        self.fields = self._fields()
        for name, target in document.defaults.items():
            self._knows_step(target, source.place(f"/defaults/{name}"))
        laid: dict[str, tuple[int, StepDocument, Laid]] = {}
        for index, step in enumerate(document.steps):
            at = source.place(f"/steps/{index}/id")
            if step.id == STOP:
                self.found.append(
                    error("F011", worded("a step may not be called stop"), at, worded("choose another id"))
                )
            elif step.id in laid:
                self.found.append(
                    error(
                        "F011",
                        worded("there are two steps {step!r}", step=step.id),
                        at,
                        worded("choose another id"),
                    )
                )
            else:
                action = self._action(step, f"/steps/{index}")
                if action is not None:
                    laid[step.id] = index, step, self._laid(index, step, action)
        broken = _end(document.defaults.get("failed", STOP))
        results = results_at({name: one for name, (_, _, one) in laid.items()}, names[0], broken)
        steps = {
            name: self._step(index, step, one, results.get(name, NOTHING))
            for name, (index, step, one) in laid.items()
        }
        flow = CompiledFlow(
            id=document.id,
            document=document,
            source=source,
            steps=steps,
            first=names[0],
            defaults={name: _end(target) for name, target in document.defaults.items()},
            fields=self.fields,
        )
        triggers = tuple(self._triggers())
        if any(one.code == "F019" for one in self.found):  # no fields are known, so none is missed
            self.found = [one for one in self.found if one.code not in ("F017", "E002")]
        return FlowBuilt(flow, triggers, tuple(self.found))

    def _laid(self, index: int, step: StepDocument, action: Action) -> Laid:
        """The step with its edges, before anything in it is compiled."""
        pointer = f"/steps/{index}"
        for below, name in action.reaches():
            if name not in self.around.results:
                place = self.source.place(f"{pointer}/with{below}")
                hint = did_you_mean(name, self.around.results)
                self.found.append(error("F012", worded("no flow {name!r}", name=name), place, hint))
        rest = self.document.steps[index + 1 : index + 2]
        after = rest[0].id if rest else END
        if step.next is not None:
            self._knows_step(step.next, self.source.place(f"{pointer}/next"))
            after = _end(step.next)
        called = [result for _, name in action.reaches() for result in self.around.results.get(name, ())]
        outcomes = outcomes_of(action, called)
        edges = self._edges(pointer, step, action, outcomes)
        gives = action.result_schema(Known(self.around.events, self.around.data))
        return Laid(step.id, action, tuple(outcomes), edges, after, step.disabled, gives)

    def _step(self, index: int, step: StepDocument, laid: Laid, result: Schema) -> CompiledStep:
        """The step whose `result` is of this schema when it begins."""
        pointer, action = f"/steps/{index}", laid.action
        own = result if laid.gives is None else laid.gives
        parts = Parts(
            self._scope(action, result),
            self.source,
            f"{pointer}/with",
            self.fields,
            self.around.contact_fields,
            self._scope(action, own),
        )
        parts.read(action)
        self.found.extend(parts.found)
        timeout = step.timeout
        expiring = timeout if isinstance(timeout, Expiring) else None
        written = expiring.after if expiring else cast("str | None", timeout)
        span = duration_of(written, self.source.place(f"{pointer}/timeout"), self.found)
        if span is not None and not action.waits:
            message = worded(
                "the action {action} never waits, so a timeout means nothing", action=action.name
            )
            self.found.append(
                error("F013", message, self.source.key_place(f"{pointer}/timeout"), worded("remove it"))
            )
        return CompiledStep(
            id=step.id,
            flow=self.document.id,
            index=index,
            action=action,
            document=step,
            outcomes=laid.outcomes,
            edges=laid.edges,
            next=laid.next,
            timeout=span if span is not None else action.patience,
            resets=bool(expiring and expiring.resets),
            disabled=step.disabled,
            scope=parts.scope,
            expressions=parts.expressions,
            of_result=parts.of_result,
            templates=parts.templates,
            trees=parts.trees,
            fields=self.fields,
            result=result,
            gives=laid.gives,
            own=parts.own,
            marked=parts.marked,
        )

    def _edges(
        self, pointer: str, step: StepDocument, action: Action, outcomes: list[str]
    ) -> dict[str, str | None]:
        edges: dict[str, str | None] = {}
        for outcome, target in step.then.items():
            place = f"{pointer}/then/{escape(outcome)}"
            if outcome not in outcomes:
                message = worded(
                    "the action {action} has no outcome {outcome!r}", action=action.name, outcome=outcome
                )
                hint = did_you_mean(outcome, outcomes) or worded(
                    "it has {outcomes}", outcomes=", ".join(outcomes) or worded("none")
                )
                self.found.append(error("F014", message, self.source.key_place(place), hint))
            if self._knows_step(target, self.source.place(place)):
                edges[outcome] = _end(target)
        defaults = cast("Mapping[str, str]", self.document.defaults)
        for outcome in DEFAULTED:
            if outcome in outcomes and outcome not in step.then:
                edges[outcome] = _end(defaults[outcome]) if outcome in defaults else None
        return edges

    def _action(self, step: StepDocument, pointer: str) -> Action | None:
        there: dict[str, type[Action]] = {**self.around.actions, **kinds.actions()}
        known = there.get(step.action)
        if known is None:
            hint = did_you_mean(step.action, there) or worded("there are {names}", names=", ".join(there))
            place = self.source.place(f"{pointer}/action")
            self.found.append(
                error("F015", worded("there is no action {action!r}", action=step.action), place, hint)
            )
            return None
        if issubclass(known, Custom):
            self.found.extend(known.faults(step.with_, self.source, f"{pointer}/with"))
        try:
            return known.model_validate(step.with_)
        except ValidationError as fault:
            self.found.extend(diagnostics_of(fault, self.source, f"{pointer}/with", known))
            return None

    def _triggers(self) -> list[CompiledTrigger]:
        compiled: list[CompiledTrigger] = []
        for index, document in enumerate(self.document.triggers):
            pointer = f"/triggers/{index}"
            named = document.model_extra or {}
            if len(named) != 1:
                message = worded("a trigger names one kind, for example `message: {words: [hello]}`")
                self.found.append(error("F016", message, self.source.place(pointer)))
                continue
            kind, parameters = next(iter(named.items()))
            known = kinds.triggers().get(kind)
            if known is None:
                hint = did_you_mean(kind, kinds.triggers()) or worded(
                    "there are {names}", names=", ".join(kinds.triggers())
                )
                place = self.source.key_place(f"{pointer}/{escape(kind)}")
                self.found.append(
                    error("F016", worded("there is no trigger {kind!r}", kind=kind), place, hint)
                )
                continue
            try:
                trigger = known.model_validate(parameters)
            except ValidationError as fault:
                self.found.extend(diagnostics_of(fault, self.source, f"{pointer}/{kind}", known))
                continue
            event = self.around.events.get(getattr(trigger, "name_", ""))
            scope = scope_of(None, self.around.contact_fields, event=event, texts=self.around.texts)
            parts = Parts(scope, self.source, f"{pointer}/{kind}", {}, self.around.contact_fields)
            parts.read(trigger)
            self.found.extend(parts.found)
            compiled.append(
                CompiledTrigger(self.document.id, index, trigger, document.interrupt, parts.expressions)
            )
        return compiled

    def _scope(self, action: Action, result: Schema) -> cel.Scope:
        data = self.document.data.schema_
        names = action.names(data)
        key = json.dumps([result, names], default=str)
        if key not in self.scopes:
            self.scopes[key] = scope_of(
                data, self.around.contact_fields, result, self._event(), names, self.around.texts
            )
        return self.scopes[key]

    def _event(self) -> Schema | None:
        """The schema of what is posted, as far as every event that can reach this flow is known."""
        known = [self.around.events[name] for name in self.around.seen if name in self.around.events]
        return merged(known) if known and len(known) == len(self.around.seen) else None

    def _fields(self) -> dict[str, Field]:
        """The flow's fields; what is wrong with its data schema is said at the schema."""
        schema = self.document.data.schema_
        problem = fault_of(schema)
        if problem is not None:
            at, message = problem
            self.found.append(error("F019", message, self.source.place("/data/schema" + at)))
            return {}
        if schema and schema.get("type", "object") != "object":
            message = worded("what a flow collects is an object: write `type: object`")
            self.found.append(error("F019", message, self.source.place("/data/schema")))
            return {}
        return fields_of(schema, self.document.data.ui_schema)

    def _knows_step(self, name: str, place: Place) -> bool:
        if name == STOP or name in self.ids:
            return True
        self.found.append(
            error("F021", worded("no step {name!r}", name=name), place, did_you_mean(name, self.ids))
        )
        return False


def outcomes_of(action: Action, called: list[str]) -> list[str]:
    """Every outcome that a step of this action can leave by."""
    outcomes = [*action.outcomes(), *called]
    if action.sends:
        outcomes.append("undelivered")
    if action.waits:
        outcomes.append("timeout")
    return list(dict.fromkeys(outcomes))


def results_of(flow: FlowDocument) -> tuple[str, ...]:
    """The named results with which a flow stops."""
    return tuple(
        str(step.with_.get("result", "done"))
        for step in flow.steps
        if step.action == "stop" and not step.disabled
    )


def duration_of(written: str | None, place: Place, found: list[Diagnostic]) -> dt.timedelta | None:
    """A written duration; what is wrong with it is added to `found`."""
    if written is None:
        return None
    try:
        return parse_duration(written)
    except ValueError as fault:
        found.append(error("F022", wording_of(fault), place))
        return None


def _end(target: str) -> str:
    return END if target == STOP else target
