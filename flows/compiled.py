"""A compiled bot: immutable values that all of its conversations share, and that the rules look at.

Each is equal only to itself: what is worked out from one is remembered by it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows import cel
from flows.action import Action, Mark
from flows.document import Source
from flows.form import Field
from flows.opening import Opening
from flows.template import Template, Tree
from flows.trigger import Trigger
from flows.triggers.schedule import Schedule
from schemas.flow import BotDocument, FlowDocument, StepDocument

END = ""  # the target of an edge that ends the flow
STOP = "stop"
DEFAULTED = ("timeout", "cancelled", "failed", "undelivered")


@dataclass(frozen=True, slots=True, eq=False)
class CompiledStep:
    """One step: its action, and every edge that leaves it.

    `outcomes` are those it can leave by, `""` apart. `edges` maps an outcome to a step id, or to `END`; None
    where the outcome ends the run visibly. An outcome that is not in it falls through to `next`. `marked` is
    what `flows.action.marked` finds in the action; `of_result` are the expressions that read what it brought.
    """

    id: str
    flow: str
    index: int
    action: Action
    document: StepDocument
    outcomes: tuple[str, ...]
    edges: Mapping[str, str | None]
    next: str
    timeout: dt.timedelta | None
    resets: bool
    disabled: bool
    scope: cel.Scope
    expressions: Mapping[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled], repr=False)
    of_result: Mapping[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled], repr=False)
    templates: Mapping[str, Template] = field(default_factory=dict[str, Template], repr=False)
    trees: Mapping[str, Tree] = field(default_factory=dict[str, Tree], repr=False)
    fields: Mapping[str, Field] = field(default_factory=dict[str, Field], repr=False)
    result: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The schema of `result` when the step begins."""
    gives: Mapping[str, Any] | None = field(default=None, repr=False)
    """That of the result which its action brings."""
    own: cel.Scope | None = field(default=None, repr=False)
    """The scope in which `result` is what its action brought."""
    marked: tuple[tuple[str, Mark, Any], ...] = field(default=(), repr=False)
    made: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)
    """What is the same in every conversation of a language, made when first needed."""

    @property
    def name(self) -> str:
        """`flow.step`, as transcripts name it."""
        return f"{self.flow}.{self.id}"

    def target(self, outcome: str) -> str | None:
        """Where an outcome leads: a step id, `END`, or None when it ends the run visibly."""
        return self.edges.get(outcome, self.next)


@dataclass(frozen=True, slots=True, eq=False)
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
    index: int
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


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A bot that can run. Immutable, shared by all conversations. `contact_fields` are those that it may use."""

    version: int
    document: BotDocument
    source: Source
    languages: tuple[str, ...]
    flows: Mapping[str, CompiledFlow]
    order: tuple[str, ...]
    triggers: tuple[CompiledTrigger, ...]
    words: CompiledWords
    admit: CompiledAdmission | None
    burst: dt.timedelta | None
    expire_after: dt.timedelta | None
    contact_fields: Mapping[str, Mapping[str, Any]]
    opening: Opening | None = None
    schedules: tuple[Schedule, ...] = ()
    schedule_key: str = ""
    snippets: Mapping[str, Template] = field(default_factory=dict[str, Template], repr=False)
