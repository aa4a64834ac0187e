"""A flow laid out: labels, steps and jumps in the order of the export, then steps with their targets.

Exports are graphs, in which everything is joined by identifiers; a Chatloom flow is a list that runs from top to
bottom. So a vendor's file tells what comes in which order and where it jumps, and here it is settled which step each
label means. What leads to nothing leads to `stop`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import yaml

from flows.graph import circles
from importers.imported import Imported, Names, Notes, clean

STOP = "stop"
LONGEST_EXPRESSION = 9_000  # characters; flows/cel.py takes 10,000
NUMBER_LIKE = re.compile(r"[-+.]?[0-9.]")
WAITING = ("menu", "collect", "wait", "handoff", "webhook", "call")


@dataclass(frozen=True, slots=True)
class Label:
    """What follows is meant by this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at a label; None ends the flow."""

    to: str | None


@dataclass(slots=True)
class Step:
    """A step whose targets are labels."""

    id: str
    action: str
    given: dict[str, Any]
    then: dict[str, str | None]
    timeout: str | None = None
    note: str = ""
    disabled: bool = False


@dataclass(slots=True)
class Draft:
    """A flow under way."""

    id: str
    title: str
    notes: Notes
    names: Names = field(default_factory=Names)
    fields: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    prompts: dict[str, Any] = field(default_factory=dict[str, Any])
    triggers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    entries: list[Label | Jump | Step] = field(default_factory=list[Label | Jump | Step])
    count: int = 0
    known: tuple[int, dict[str, int]] = (-1, {})

    def label(self, name: str) -> None:
        self.entries.append(Label(name))

    def jump(self, to: str | None) -> None:
        self.entries.append(Jump(to))

    def step(
        self,
        name: str,
        action: str,
        given: dict[str, Any],
        then: Mapping[str, str | None] | None = None,
        timeout: str | None = None,
    ) -> None:
        """A step. An outcome that `then` does not name goes on with what follows."""
        self.count += 1
        made = self.names.of(f"step {self.count}", name, action)
        for key, nothing in (("cases", "false"), ("data", '""'), ("contact", '""')):
            for each, expression in given.get(key, {}).items():
                if len(expression) > LONGEST_EXPRESSION:
                    given[key][each] = nothing
                    self.notes.add(made, "an expression is too long, and left out")
        self.entries.append(Step(made, action, given, dict(then or {}), timeout))

    def missing(self, name: str, at: str, what: str) -> None:
        """What has no equivalent: its place is kept by a step that does nothing, and it is told."""
        self.notes.add(at, what)
        self.step(name, "send", {"text": "…"})
        step = cast("Step", self.entries[-1])
        step.disabled, step.note = True, clean(f"Not imported: {what}")

    def document(self) -> dict[str, Any]:
        """The flow as it stands in its file."""
        if not any(isinstance(entry, Step) for entry in self.entries):
            self.step("end", "stop", {})
        first = next(place for place, entry in enumerate(self.entries) if isinstance(entry, Step))
        if (begins := self._resolved(0)) != cast("Step", self.entries[first]).id:
            self.step("begin", "branch", {"cases": {"never": "false"}})
            begin = cast("Step", self.entries.pop())
            self.entries.insert(0, begin)
            return self._written({begin.id: begins})
        return self._written({})

    def _written(self, begins: Mapping[str, str]) -> dict[str, Any]:
        steps = [place for place, entry in enumerate(self.entries) if isinstance(entry, Step)]
        labels = self._labels()
        written: list[dict[str, Any]] = []
        for place, after in zip(steps, [*steps[1:], None], strict=True):
            step = cast("Step", self.entries[place])
            follows = cast("Step", self.entries[after]).id if after is not None else STOP
            goes_on = begins.get(step.id) or self._resolved(place + 1)
            then = {
                outcome: self._resolved(labels.get(to)) if to is not None else STOP
                for outcome, to in step.then.items()
            }
            written.append(
                {
                    "id": step.id,
                    "action": step.action,
                    **({"with": step.given} if step.given else {}),
                    **({"timeout": step.timeout} if step.timeout else {}),
                    **({"then": then} if then else {}),
                    **({"next": goes_on} if goes_on != follows and step.action != "stop" else {}),
                    **({"disabled": True, "note": step.note} if step.disabled else {}),
                }
            )
        self._open_circles(written)
        return {
            "chatloom": "flow/v1",
            "id": self.id,
            **({"title": self.title} if self.title else {}),
            **({"triggers": self.triggers} if self.triggers else {}),
            **self._data(),
            "defaults": {"timeout": STOP, "cancelled": STOP, "failed": STOP, "undelivered": STOP},
            "steps": written,
        }

    def _open_circles(self, steps: list[dict[str, Any]]) -> None:
        """Lead out of steps that lead to one another for ever and wait for nothing: their maker stops such a run."""
        follows = {step["id"]: after["id"] for step, after in pairwise([*steps, {"id": STOP}])}
        ways = {
            step["id"]: {step.get("next", follows[step["id"]]), *step.get("then", {}).values()}
            for step in steps
            if step["action"] not in WAITING and step["action"] != "stop"
        }
        for circle in circles({name: [to for to in leads if to in ways] for name, leads in ways.items()}):
            if all(ways[name] <= set(circle) for name in circle):
                last = next(step for step in reversed(steps) if step["id"] in circle)
                last["next"] = STOP
                self.notes.add(
                    f"{self.title or self.id}, {last['id']}",
                    "it went round for ever without waiting: it ends",
                )

    def _labels(self) -> dict[str, int]:
        """Where each label stands; kept as long as nothing is added."""
        if self.known[0] != len(self.entries):
            found = {entry.name: at for at, entry in enumerate(self.entries) if isinstance(entry, Label)}
            self.known = (len(self.entries), found)
        return self.known[1]

    def _resolved(self, place: int | None) -> str:
        """The step that one comes to from an entry; `stop` after the last, for no entry, and in a circle of jumps."""
        labels, seen = self._labels(), set[int]()
        while place is not None and place < len(self.entries) and place not in seen:
            seen.add(place)
            match self.entries[place]:
                case Step() as step:
                    return step.id
                case Label():
                    place += 1
                case Jump(to):
                    place = labels.get(to) if to is not None else None
        return STOP

    def _data(self) -> dict[str, Any]:
        if not self.fields:
            return {}
        asked = {
            name
            for entry in self.entries
            if isinstance(entry, Step) and entry.action == "collect"
            for name in cast("list[str]", entry.given["fields"])
        }
        properties = {
            name: schema if name in asked else {**schema, "readOnly": True}
            for name, schema in self.fields.items()
        }
        required = [name for name in self.fields if name in asked]
        schema = {
            "type": "object",
            **({"required": required} if required else {}),
            "properties": properties,
        }
        hints = {name: {"ui:prompt": prompt} for name, prompt in self.prompts.items() if name in asked}
        return {"data": {"schema": schema, **({"ui_schema": hints} if hints else {})}}


def folder(bot: Mapping[str, Any], flows: Sequence[Draft], vendor: str, notes: Notes) -> Imported:
    """The files of the bot, and `IMPORT.md`, which lists what is left to do."""
    documents = [flow.document() for flow in flows]
    files = {"bot.yaml": _yaml({"chatloom": "bot/v1", **bot, "flows": [flow.id for flow in flows]})}
    files |= {f"flows/{flow['id']}.yaml": _yaml(flow) for flow in documents}
    findings = tuple(notes.found)
    if findings:
        told = "\n".join(f"- {one.at}: {one.what}" for one in findings)
        files["IMPORT.md"] = (
            f"# What was not translated from {vendor}\n\n"
            f"The steps named here are disabled in the flows, each with a note, or do a little less.\n\n{told}\n"
        )
    return Imported(files, findings)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Quote what YAML 1.2 takes for a number and YAML 1.1, which is written here, does not: 1e9, 0o17."""
    style = "'" if NUMBER_LIKE.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
