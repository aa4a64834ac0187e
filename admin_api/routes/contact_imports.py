"""Contacts from elsewhere: whom a workspace knows before he writes, such as its verified members."""

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Editor
from admin_api.contact_name import identity
from admin_api.database import Seals, WriteDb
from admin_api.field_types import FieldUndeclared, FieldUnfit, fits
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from schemas.messages import Identity
from schemas.problems import Problem, Refused
from schemas.tables.contact_fields import ContactField
from store.admin import contact_fields, contacts

MOST = 1_000  # rows of one import

router = APIRouter(prefix="/contacts/import", tags=["contacts"], responses=problems(*CALLING, InputUnfit))


class ImportUnfit(Refused):
    """A row is not fit. Nothing was imported; `faults` names the lines."""

    code = "contacts.import_unfit"
    status = 422
    title = "The file cannot be imported"
    sentence = "Nothing was imported. {count} lines are not fit; the first, line {line}: {why}"


class ImportIn(Input):
    """`csv`: a line of names first: `phone` (with country code) or `identity` (kind:value), then `name`, `language`,
    `tags` (with spaces between them) and declared fields; an empty cell says nothing. `fields` holds for all of them.
    `dry_run`: only count.
    """

    csv: Annotated[str, Field(max_length=4_000_000)]
    fields: Annotated[dict[str, Any], Field(max_length=100)] = {}
    dry_run: bool = False

    model_config = {
        "json_schema_extra": {
            "examples": [{"csv": "phone,name,city\n+393331234567,Ana,Rome\n", "fields": {"verified": True}}]
        }
    }


class ImportOut(BaseModel):
    """How many contacts are new, and how many were known."""

    made: int
    changed: int


@router.post("", summary="Import contacts", responses=problems(ImportUnfit, FieldUndeclared, FieldUnfit))
async def import_contacts(body: ImportIn, db: WriteDb, seals: Seals, who: Editor) -> ImportOut:
    """Each line finds the contact by his name at a channel, or makes him; what it says of him is written.

    All lines, or none. So a bot's `admit` knows whom a list calls verified before he first writes. 1,000 lines at most.
    """
    declared = await contact_fields.every(db)
    fits(body.fields, declared)
    rows = _read(body, declared)
    made = 0
    for name, fields, tags in rows:
        key = await contacts.of_identity(db, seals, name)
        made += key is None
        if body.dry_run:
            continue
        if key is None:
            key = await contacts.make(db, seals, name)
        row = await contacts.shown(db, seals, key, change=True)
        news = {each: value for each, value in fields.items() if row.profile.get(each) != value}
        kept = sorted({*row.tags, *tags})
        if news or kept != row.tags:
            await contacts.change(db, seals, row, news, kept)
    changes = {"made": made, "known": len(rows) - made, "dry_run": body.dry_run}
    await audit(db, who, "contact.import", changes=changes)
    return ImportOut(made=made, changed=len(rows) - made)


def _read(
    body: ImportIn, declared: dict[str, ContactField]
) -> list[tuple[Identity, dict[str, Any], list[str]]]:
    """Whom each line names, and what it says. Raises `ImportUnfit`."""
    lines = csv.DictReader(io.StringIO(body.csv.lstrip("\ufeff"), newline=""), strict=True)
    found: dict[Identity, tuple[Identity, dict[str, Any], list[str]]] = {}
    faults: list[dict[str, Any]] = []
    try:
        for line in lines:
            try:
                one = _line(line, declared)
                found[one[0]] = (one[0], {**body.fields, **one[1]}, one[2])
            except (ValueError, Problem) as error:
                faults.append({"line": lines.line_num, "why": str(error)})
            if len(found) > MOST:
                raise ValueError(f"there are more than {MOST} lines; import them in parts")
    except (csv.Error, ValueError) as error:
        faults.append({"line": lines.line_num, "why": str(error)})
    if faults:
        raise ImportUnfit(
            count=len(faults), line=faults[0]["line"], why=faults[0]["why"], faults=faults[:100]
        )
    return list(found.values())


def _line(
    line: dict[str | Any, Any], declared: dict[str, ContactField]
) -> tuple[Identity, dict[str, Any], list[str]]:
    if None in line or None in line.values():
        raise ValueError("it has more or fewer cells than the first line")
    said = {str(name).strip(): value.strip() for name, value in line.items() if value.strip()}
    phone, other = said.pop("phone", ""), said.pop("identity", "")
    if bool(phone) == bool(other):
        raise ValueError("say either phone or identity")
    kind, colon, value = ("phone", ":", phone) if phone else other.partition(":")
    name = identity(kind, value)
    if not colon or not name.value or (kind == "phone" and not 5 <= len(name.value) <= 15):
        raise ValueError("that names nobody: a phone has 5 to 15 digits, an identity is kind:value")
    tags = said.pop("tags", "").split()
    fields = {each: _value(text, declared.get(each)) for each, text in said.items()}
    fits(fields, declared)
    return name, fields, tags


def _value(text: str, field: ContactField | None) -> Any:
    """A cell as its field holds it. One that cannot be is left as it is, for `fits` to refuse."""
    match field.type if field else "string":
        case "boolean":
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
                text.lower(), text
            )
        case "integer" | "number" as kind:
            try:
                return int(text) if kind == "integer" else float(text)
            except ValueError:
                return text
        case _:
            return text
