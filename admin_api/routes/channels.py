"""Channels: which there are, what they can show, and what a number on them may be set to."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, TypeAdapter

from admin_api.callers import KeyMissing, RoleTooLow, Viewer
from admin_api.problems import problems
from schemas.capabilities import Capabilities
from sessions import registry

router = APIRouter(prefix="/channels", tags=["channels"], responses=problems(KeyMissing, RoleTooLow))

_codec = TypeAdapter(Capabilities)


class ChannelOut(BaseModel):
    """A channel: its limits, the secrets that numbers and apps on it have, and the schema of its settings.

    `links`: a number on it is linked with a phone, and has a session.
    """

    name: str
    links: bool
    capabilities: dict[str, Any]
    secret_names: list[str]
    app_secret_names: list[str]
    settings: dict[str, Any] = Field(description="JSON Schema.")
    ui_schema: dict[str, Any] = Field(description="By setting: what a form shows besides.")


@router.get("", summary="List channels")
async def listing(who: Viewer) -> list[ChannelOut]:
    """All channels that have a driver."""
    return [_out(name) for name in registry.names()]


def _out(name: str) -> ChannelOut:
    driver = registry.driver(name)
    schema, hints = _parted(driver.settings_model.model_json_schema())
    return ChannelOut(
        name=name,
        links=hasattr(driver, "attach"),
        capabilities=_codec.dump_python(driver.capabilities, mode="json"),
        secret_names=list(driver.secret_names),
        app_secret_names=list(getattr(driver, "app_secret_names", ())),
        settings=schema,
        ui_schema=hints,
    )


def _parted(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A settings model's schema, and the `ui:` hints of its properties apart."""
    plain: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    for name, each in schema.get("properties", {}).items():
        plain[name] = {key: value for key, value in each.items() if not key.startswith("ui:")}
        hints[name] = {key: value for key, value in each.items() if key.startswith("ui:")}
    return {**schema, "properties": plain}, hints
