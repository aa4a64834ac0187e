"""What an action is: a pydantic model of its parameters, its outcomes, and what it does with an event.

One file an action under `flows/actions/`, found by folder. A field's type says how its text is read:
`Template` is rendered, `LocalText` is chosen by language and then rendered, `Expression` is CEL, `Tree` is
JSON whose strings are templates. The compiler, the lint and the editor find them by these marks.
"""

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from flows.context import Context
from flows.duration import parse_duration
from schemas.effects import Effect
from schemas.events import Event
from schemas.flow import TextDocument

Reading = Literal["template", "text", "expression", "tree", "flow", "data_field", "contact_field"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a field's text is read; `secrets` allows `secret("…")` in it.

    With `own`, its `result` is what this step's action brought, else what the last one before it did.
    """

    reading: Reading
    secrets: bool = False
    own: bool = False


Template = Annotated[str, Mark("template")]
SecretTemplate = Annotated[str, Mark("template", secrets=True)]
LocalText = Annotated[TextDocument, Mark("text")]
Expression = Annotated[str, Mark("expression")]
OfResult = Annotated[str, Mark("expression", own=True)]
Tree = Annotated[Any, Mark("tree", secrets=True)]
FlowName = Annotated[str, Mark("flow")]
DataField = Annotated[str, Mark("data_field")]
ContactField = Annotated[str, Mark("contact_field")]
Duration = Annotated[
    dt.timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=str),
    PlainSerializer(lambda span: f"{span.total_seconds():g}s", return_type=str),
]


def ui(
    title: str,
    *,
    default: Any = ...,
    help: str = "",
    widget: str = "",
    names: Mapping[str, str] | None = None,
    **more: Any,
) -> Any:
    """A parameter with what a form needs to draw it: its title, a help text, a widget, what its values are called."""
    hints: dict[str, Any] = {"ui:widget": widget} if widget else {}
    if names:
        hints["ui:enumNames"] = dict(names)
    extra: dict[str, Any] = {"ui_schema": hints} if hints else {}
    options: dict[str, Any] = {
        "title": title,
        "description": help or None,
        "json_schema_extra": extra or None,
    }
    if callable(default):
        return Field(default_factory=default, **options, **more)
    return Field(default, **options, **more)


@dataclass(frozen=True, slots=True)
class Move:
    """What one action does with one event.

    It waits, or leaves by an outcome, or enters another flow (`calls`), or ends its own (`stops`).
    `weak` marks an answer to something that the step does not take: a trigger that interrupts goes first.
    `data` and `contact` are fields to write; `memory` is kept while it waits; `awaits_call` says that one of
    `effects` brings a result; `takes` is the posted event that it used up; `silences` names the team that
    has the floor from now on.
    """

    effects: Sequence[Effect] = ()
    waits: bool = False
    leaves: str | None = None
    calls: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    stops: str | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    contact: dict[str, Any] = field(default_factory=dict[str, Any])
    memory: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    timers: tuple[tuple[str, dt.timedelta], ...] = ()
    awaits_call: bool = False
    takes: UUID | None = None
    silences: str | None = None
    weak: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the results of actions are made of: the schemas of events, and of the data of flows, by name."""

    events: Mapping[str, Mapping[str, Any]]
    data: Mapping[str, Mapping[str, Any]]


class Action(BaseModel):
    """The base of all actions. Frozen; `name` is the file's name and the wire name."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: ClassVar[str] = ""
    sends: ClassVar[bool] = False  # has the outcome `undelivered`
    waits: ClassVar[bool] = False  # has the outcome `timeout`
    patience: ClassVar[dt.timedelta | None] = None  # the timeout of a step that has none of its own
    ends: ClassVar[bool] = False  # ends its flow: no step comes after
    leaves_by: ClassVar[tuple[str, ...]] = ()  # the outcomes that any such step may have
    leaves_by_each: ClassVar[str] = ""  # the parameter whose keys are outcomes too
    must_map: ClassVar[
        tuple[str, ...]
    ] = ()  # of those that any may have, the ones that an author has to send somewhere

    def outcomes(self) -> list[str]:
        """The outcomes beside `timeout` and `undelivered`, in the order that the canvas shows them."""
        own: Iterable[str] = getattr(self, self.leaves_by_each) if self.leaves_by_each else ()
        return [*own, *self.leaves_by]

    def result_schema(self, known: Known) -> Mapping[str, Any] | None:
        """The JSON Schema of the `result` that this action brings, None when it brings none."""
        return None

    def brings(self, outcome: str) -> bool:
        """Whether there is a new `result` when it is left by `outcome`."""
        return outcome not in ("timeout", "undelivered")

    def names(self, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Names that its expressions see beside those of every step, with their JSON Schemas.

        `data` is the schema of the flow's data.
        """
        return {}

    def writes(self) -> list[tuple[str, str]]:
        """The data fields that it writes, as (pointer below `with`, field)."""
        return []

    def reaches(self) -> list[tuple[str, str]]:
        """The flows that it enters, as (pointer below `with`, flow)."""
        return []

    def takes_over(self, before: "Action") -> bool:
        """Whether a wait that `before`, which is of the same kind, began in another version may end in this one."""
        return self == before

    @abstractmethod
    def enter(self, ctx: Context) -> Move:
        """What it does when the step is reached."""

    def resume(self, ctx: Context, event: Event) -> Move | None:
        """What it does with an event while it waits; None when the event is not for it."""
        return None

    def again(self, ctx: Context) -> Move:
        """What it does when an interruption is over and it waits again: by default, it asks anew."""
        return self.enter(ctx)


A = TypeVar("A", bound=Action)
_found: dict[str, type[Action]] = {}


def action(cls: type[A]) -> type[A]:
    """Register an action under its module's name. A double name fails loudly."""
    name = cls.__module__.rpartition(".")[2]
    if name in _found:
        raise RuntimeError(f"two actions are called {name!r}")
    cls.name = name
    _found[name] = cls
    return cls


def marked(model: BaseModel) -> Iterator[tuple[str, Mark, Any]]:
    """Every value in `model` whose type carries a mark, as (pointer, mark, value)."""
    for name, info in type(model).model_fields.items():
        pointer = f"/{info.alias or name}"
        yield from _walk(info.annotation, info.metadata, getattr(model, name), pointer)


def _walk(
    annotation: Any, metadata: list[Any] | tuple[Any, ...], value: Any, pointer: str
) -> Iterator[tuple[str, Mark, Any]]:
    if value is None:
        return
    mark = next((item for item in metadata if isinstance(item, Mark)), None)
    if mark is not None:
        yield pointer, mark, value
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        yield from _walk(inner, marks, value, pointer)
    elif isinstance(value, BaseModel):
        for child, found, sub in marked(value):
            yield pointer + child, found, sub
    elif origin in (Union, UnionType):
        fitting = [option for option in get_args(annotation) if _fits(option, value)]
        for option in fitting[:1]:
            yield from _walk(option, (), value, pointer)
    elif isinstance(value, Mapping):
        arguments = get_args(annotation)
        for key, sub in value.items():  # pyright: ignore[reportUnknownVariableType]
            if len(arguments) == 2:
                yield from _walk(arguments[0], (), key, f"{pointer}/{key}")
                yield from _walk(arguments[1], (), sub, f"{pointer}/{key}")
    elif isinstance(value, list | tuple):
        arguments = get_args(annotation)
        for place, sub in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _walk(arguments[0] if arguments else Any, (), sub, f"{pointer}/{place}")


def _fits(option: Any, value: Any) -> bool:
    bare = get_args(option)[0] if get_origin(option) is Annotated else option
    if bare is Any:
        return True
    kind = get_origin(bare) or bare
    if kind in (Union, UnionType):
        return any(_fits(part, value) for part in get_args(bare))
    return isinstance(kind, type) and isinstance(value, kind)


def found() -> dict[str, type[Action]]:
    """The actions registered so far."""
    return _found
