"""A Typebot's import under way, and its texts: variables in them become expressions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from importers.assembly import Draft
from importers.expression import inserted, literal, quoted, text_of
from importers.imported import Names, Notes
from importers.typebot_shapes import Block, Export
from importers.typebot_types import VARIABLE


@dataclass(slots=True)
class Import:
    """An import under way."""

    export: Export
    draft: Draft
    notes: Notes
    names: Names = field(default_factory=Names)  # of fields, by variable id
    schemas: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    own: set[str] = field(default_factory=set[str])  # variables that one input alone writes
    edges: dict[str, str] = field(default_factory=dict[str, str])  # edge to label
    asked: str | None = None  # a text that may become a question
    group: str = ""

    def place(self, block: Block) -> str:
        return f"{self.group or 'a group'}, {block.type}"

    def target(self, edge: str | None) -> str | None:
        return self.edges.get(edge) if edge else None


def plain(block: Block) -> str:
    rich = block.content.get("richText")
    if isinstance(rich, list):
        return "\n".join(_rich(node) for node in cast("list[Any]", rich))
    return str(block.content.get("plainText") or "")


def _rich(node: Any, depth: int = 0) -> str:
    """A paragraph, a list, or what is in one."""
    if not isinstance(node, dict) or depth > 20:
        return ""
    given = cast("dict[str, Any]", node)
    children = cast("list[Any]", given.get("children") if isinstance(given.get("children"), list) else [])
    inner = [_rich(child, depth + 1) for child in children]
    match given.get("type"):
        case "ul" | "ol":
            return "\n".join(f"- {line.strip()}" for line in inner)
        case "a":
            said, url = "".join(inner), str(given.get("url") or "")
            return said if url in ("", said) else f"{said} ({url})"
        case _:
            said = "".join(inner) or str(given.get("text") or "")
            for mark, sign in (("bold", "*"), ("italic", "_")):
                if given.get(mark) and said.strip() == said and said:
                    said = f"{sign}{said}{sign}"
            return said


def variable_id(work: Import, name: str) -> str | None:
    return next((one.id for one in work.export.variables if one.name == name.strip()), None)


def template(work: Import, written: str, at: str) -> str:
    """Text with variables, as a template."""
    parts = VARIABLE.split(written)
    made = [
        literal(part) if place % 2 == 0 else _inserted(work, part, at) for place, part in enumerate(parts)
    ]
    return "".join(made)


def _inserted(work: Import, name: str, at: str) -> str:
    key = variable_id(work, name)
    if key is None:
        work.notes.add(at, f"there is no variable “{name}”: nothing is put in its place")
        return ""
    return inserted(text_of(work.names.of(key, ""), work.schemas[key]))


def text_expression(work: Import, written: str, at: str) -> str:
    """Text with variables, as an expression."""
    parts: list[str] = []
    for place, part in enumerate(VARIABLE.split(written)):
        if place % 2 == 0:
            parts.extend([quoted(part)] if part else [])
            continue
        key = variable_id(work, part)
        if key is None:
            work.notes.add(at, f"there is no variable “{part}”: nothing is put in its place")
        else:
            parts.append(text_of(work.names.of(key, ""), work.schemas[key]))
    return " + ".join(parts) or '""'
