"""JSON Schemas for editors: what a flow's file may hold, and what each kind of step takes.

They are made from the classes that the engine reads documents with, and are committed under `schemas/json/`.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

import schemas
from admin_api.callers import CALLING, Viewer
from admin_api.database import ReadDb
from admin_api.language import HEARS, spoken
from admin_api.problems import InputUnfit, problems
from flows.wording import schema_in_language
from schemas.tables.custom_actions import CustomAction
from store.admin import custom_actions

router = APIRouter(prefix="/schemas", tags=["schemas"], responses=problems(*CALLING))

FOLDER = Path(schemas.__path__[0]) / "json"


class OutcomesOut(BaseModel):
    """What steps of a kind leave by.

    `names` are those that any may have; the keys of the parameter `keys_of` are outcomes too, and so is what the flow
    that the parameter `results_of` names stops with. `must_map`: of `names`, those that a step has to send somewhere.
    `ends`: no step comes after.
    """

    names: list[str]
    keys_of: str
    results_of: str
    must_map: list[str]
    ends: bool


class ActionOut(BaseModel):
    """A kind of step: the JSON Schema (2020-12) of its `with`, hints for a form, and its outcomes."""

    name: str
    title: str
    description: str
    custom: bool = Field(default=False, description="Whether an integration declared it.")
    with_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of `with`.")
    ui_schema: dict[str, Any]
    outcomes: OutcomesOut

    @classmethod
    def of(cls, name: str, document: dict[str, Any]) -> "ActionOut":
        apart = ("ui_schema", "outcomes")
        return cls(
            name=name,
            title=document.get("title", name),
            description=document.get("description", ""),
            with_schema={key: value for key, value in document.items() if key not in apart},
            ui_schema=document.get("ui_schema", {}),
            outcomes=OutcomesOut(**document["outcomes"]),
        )


class ActionsOut(BaseModel):
    """All kinds of steps, by name."""

    items: list[ActionOut]


class TriggerKindOut(BaseModel):
    """A kind of trigger: the JSON Schema (2020-12) of what a flow writes below its name, and hints for a form."""

    name: str
    title: str
    description: str
    with_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of its parameters.")
    ui_schema: dict[str, Any]

    @classmethod
    def of(cls, name: str, document: dict[str, Any]) -> "TriggerKindOut":
        return cls(
            name=name,
            title=document.get("title", name),
            description=document.get("description", ""),
            with_schema={key: value for key, value in document.items() if key != "ui_schema"},
            ui_schema=document.get("ui_schema", {}),
        )


class TriggerKindsOut(BaseModel):
    """All kinds of triggers, by name."""

    items: list[TriggerKindOut]


@router.get("/flow", summary="The schema of flows")
async def flow(who: Viewer) -> dict[str, Any]:
    """JSON Schema 2020-12 of a file in `flows/`, with its `ui_schema`. What a step's `with` holds: `/schemas/actions`."""
    return _read("flow")


@router.get(
    "/actions", summary="The schemas of actions", dependencies=[HEARS], responses=problems(InputUnfit)
)
async def actions(db: ReadDb, who: Viewer) -> ActionsOut:
    """Every kind of step that a flow may have: those that are built in, then the custom ones, whose words are their integration's."""
    return ActionsOut(items=[*_built_in(spoken()), *map(_custom, await custom_actions.every(db))])


@router.get(
    "/triggers", summary="The schemas of triggers", dependencies=[HEARS], responses=problems(InputUnfit)
)
async def triggers(who: Viewer) -> TriggerKindsOut:
    """Every kind of trigger that may start a flow. Whether it interrupts another run stands beside its name."""
    names = sorted(path.stem for path in (FOLDER / "triggers").glob("*.json"))
    return TriggerKindsOut(
        items=[TriggerKindOut.of(name, _shown(f"triggers/{name}", spoken())) for name in names]
    )


def _custom(row: CustomAction) -> ActionOut:
    """A declared kind of step, with what all of them have."""
    save = {
        "type": "object",
        "title": "Save",
        "description": "Field of the flow's data to expression, for example `result.data.id`.",
        "additionalProperties": {"type": "string"},
        "default": {},
    }
    properties = {**row.input_schema.get("properties", {}), "save": schema_in_language(save, spoken())}
    return ActionOut(
        name=row.name,
        title=row.title or row.name,
        description=row.description,
        custom=True,
        with_schema={**row.input_schema, "properties": properties, "additionalProperties": False},
        ui_schema=row.ui_schema,
        outcomes=OutcomesOut(
            names=list(dict.fromkeys((*row.outcomes, "failed", "timeout"))),
            keys_of="",
            results_of="",
            must_map=[],
            ends=False,
        ),
    )


@cache
def _built_in(language: str) -> list[ActionOut]:
    names = sorted(path.stem for path in (FOLDER / "actions").glob("*.json"))
    return [ActionOut.of(name, _shown(f"actions/{name}", language)) for name in names]


@cache
def _shown(name: str, language: str) -> dict[str, Any]:
    return schema_in_language(_read(name), language)


@cache
def _read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_bytes())
