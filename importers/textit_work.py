"""What the import of a TextIt export has at hand, and what its texts read of a run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.assembly import Draft
from importers.expression import inserted, literal, quoted, value_of
from importers.imported import Notes, slug
from importers.textit_shapes import Export, Flow

TEXT: Mapping[str, Any] = {"type": "string"}
ROOTS = "contact|fields|results|input|urns|child|parent|run|webhook|trigger|globals|resume|node|legacy_extra|ticket|locals"
REFERENCE = re.compile(rf"@@|@\(|@((?:{ROOTS})(?:\.[A-Za-z_]\w*)*)")


@dataclass(slots=True)
class Shared:
    """What the flows of a file have in common."""

    export: Export
    notes: Notes
    flows: dict[str, str]  # name by uuid
    languages: list[str]
    contact: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


@dataclass(slots=True)
class Import:
    """The import of one flow."""

    shared: Shared
    flow: Flow
    draft: Draft
    categories: set[str]  # results whose category somebody reads
    called: dict[str, str] = field(default_factory=dict[str, str])  # node to label of a failed call

    @property
    def notes(self) -> Notes:
        return self.shared.notes

    def place(self, what: str) -> str:
        return f"{self.flow.name}, {what}"

    def keep(self, name: str) -> str:
        """The field of a result."""
        made = slug(name)[:40] or "result"
        self.draft.fields.setdefault(made, dict(TEXT))
        return made


def _reference(work: Import, written: str, at: str) -> str | None:
    """What is read of a run, as an expression; None for what has no equivalent."""
    root, *rest = written.split(".")
    first = rest[0].lower() if rest else ""
    match root:
        case "input" if first in ("", "text"):
            return 'message.?text.orValue("")'
        case "contact" if first in ("", "name", "first_name", "id", "language"):
            known = {"": "name", "first_name": "name"}.get(first, first)
            return f'contact.?{known}.orValue("")'
        case "contact" if first == "fields" and len(rest) > 1:
            return _contact_field(work, rest[1])
        case "contact" | "urns" if first in ("urn", "tel", "whatsapp"):
            return 'contact.?phone.orValue("")'
        case "fields" if first:
            return _contact_field(work, first)
        case "results" if first:
            is_category = len(rest) > 1 and rest[1].startswith("category")
            name = work.keep(f"{first[:40]}_category" if is_category else first)
            return value_of(name, TEXT)
        case "child" if first == "results" and len(rest) > 1:
            return value_of(work.keep(f"child_{rest[1].lower()}"), TEXT)
        case "child" if first in ("status", "run"):
            return '"completed"'
        case _:
            work.notes.add(at, f"“@{written}” has no equivalent: nothing is put in its place")
            return None


def _contact_field(work: Import, key: str) -> str:
    name = slug(key) or "field"
    work.shared.contact.setdefault(name, dict(TEXT))
    return value_of(name, TEXT, "contact")


def _parts(work: Import, written: str, at: str) -> list[tuple[str, str | None]]:
    """Text and expressions in turn."""
    parts: list[tuple[str, str | None]] = []
    end = 0
    while (match := REFERENCE.search(written, end)) is not None:
        parts.append((written[end : match.start()], None))
        end = match.end()
        if match[0] == "@@":
            parts.append(("@", None))
        elif match[1]:
            parts.append(("", _reference(work, match[1], at)))
        else:
            inner, end = _bracketed(written, end)
            simple = re.fullmatch(
                rf"\s*(?:(?:title|upper|lower|proper|text|default)\()?\s*((?:{ROOTS})(?:\.\w+)+)\s*(?:,[^()]*)?\)?\s*",
                inner,
                re.IGNORECASE,
            )
            if simple:
                parts.append(("", _reference(work, simple[1], at)))
                if "(" in inner:
                    work.notes.add(at, f"of “@({inner})” the function is left out")
            else:
                work.notes.add(at, f"“@({inner})” has no equivalent: nothing is put in its place")
    return [*parts, (written[end:], None)]


def _bracketed(written: str, start: int) -> tuple[str, int]:
    """What stands up to the bracket that closes, and where it ends."""
    depth = 1
    for place in range(start, len(written)):
        depth += {"(": 1, ")": -1}.get(written[place], 0)
        if depth == 0:
            return written[start:place], place + 1
    return written[start:], len(written)


def template(work: Import, written: str, at: str) -> str:
    """A text with its expressions, as a template."""
    return "".join(inserted(value) if value else literal(text) for text, value in _parts(work, written, at))


def text(work: Import, written: str, at: str) -> str:
    """The same as an expression."""
    made = [value or quoted(text) for text, value in _parts(work, written, at) if value or text]
    return " + ".join(made) or '""'
