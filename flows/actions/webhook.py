"""Ask another system over HTTP, and use its answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.action import (
    Action,
    DataField,
    Duration,
    Known,
    LocalText,
    Move,
    OfResult,
    SecretTemplate,
    Tree,
    action,
    ui,
)
from flows.context import Context
from flows.values import EvaluationFailed
from flows.wording import worded
from schemas.effects import Cache, CallWebhook, Retry
from schemas.events import ActionDone, Event, TimerFired

MEANWHILE = "meanwhile"
_ANSWERED: dict[str, Any] = {
    "status": {"type": "integer"},
    "text": {"type": "string"},
    "error": {"type": "string"},
}


class Retries(BaseModel):
    """How long to try."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: int = ui("Attempts", default=5, ge=1, le=20)
    backoff: Duration = Field(default_factory=lambda: dt.timedelta(seconds=2), title="First pause")
    max_pause: Duration = Field(default_factory=lambda: dt.timedelta(seconds=300), title="Longest pause")
    give_up_after: Duration = Field(default_factory=lambda: dt.timedelta(seconds=3600), title="Give up after")


class Keep(BaseModel):
    """How long an answer may be used again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ttl: Duration = Field(title="Use again for")
    stale_if_error: Duration | None = Field(default=None, title="And, when the host fails, for")


class Meanwhile(BaseModel):
    """What to say when the answer takes its time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Duration = Field(title="After")
    text: LocalText = ui("Text")


@action
class Webhook(Action):
    """Make an HTTP request; `result` is `{status, json, text}`; parts of it are saved.

    Example:
        action: webhook
        with:
          url: https://crm.example.com/leads
          headers: {Authorization: 'Bearer {{ secret("crm_token") }}'}
          json: {name: "{{ contact.name }}"}
          returns: {type: object, properties: {id: {type: string}}}
          save: {lead_id: result.json.id}
        then: {failed: person}
    """

    sends: ClassVar[bool] = False
    waits: ClassVar[bool] = True
    leaves_by: ClassVar[tuple[str, ...]] = ("done", "failed")

    url: SecretTemplate = ui("Address")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = ui("Method", default=None)
    headers: dict[str, SecretTemplate] = ui("Headers", default=dict)
    json_: Tree | None = Field(default=None, alias="json", title="Body, as JSON")
    returns: dict[str, Any] | None = ui("Shape of the answer (JSON Schema)", default=None)
    save: dict[DataField, OfResult] = ui("Save", default=dict)
    limit: Duration = Field(default_factory=lambda: dt.timedelta(seconds=10), title="Longest try")
    retry: Retries = Field(default_factory=Retries, title="Retries")
    cache: Keep | None = ui("Cache", default=None)
    meanwhile: Meanwhile | None = ui("Meanwhile", default=None)

    @model_validator(mode="after")
    def _has_a_scheme(self) -> "Webhook":
        if not self.url.startswith(("http://", "https://", "{{")):
            raise ValueError(worded("url must begin with https:// or http://"))
        if self.json_ is not None and self.method == "GET":
            raise ValueError(worded("a GET request has no body: remove json, or use POST"))
        return self

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/save/{field}", field) for field in self.save]

    def result_schema(self, known: Known) -> Mapping[str, Any]:
        body = self.returns if self.returns is not None else {}
        return {
            "type": "object",
            "properties": {**_ANSWERED, "json": body},
            "required": ["status", "text"] if self.returns is None else ["status", "text", "json"],
        }

    def enter(self, ctx: Context) -> Move:
        has_body = self.json_ is not None
        call = CallWebhook(
            method=self.method or ("POST" if has_body else "GET"),
            url=ctx.chunks(self.url, in_url=True),
            headers=tuple((name, ctx.chunks(value)) for name, value in self.headers.items()),
            json=ctx.tree("/json") if has_body else None,
            has_body=has_body,
            limit_s=self.limit.total_seconds(),
            retry=Retry(
                self.retry.attempts,
                self.retry.backoff.total_seconds(),
                self.retry.max_pause.total_seconds(),
                self.retry.give_up_after.total_seconds(),
            ),
            cache=self._cache(),
        )
        timers = ((MEANWHILE, self.meanwhile.after),) if self.meanwhile else ()
        return Move(effects=[call], waits=True, awaits_call=True, timers=timers)

    def resume(self, ctx: Context, event: Event) -> Move | None:
        match event:
            case ActionDone(ok=True):
                try:
                    saved = {
                        field: ctx.fitting(source, field, own=True) for field, source in self.save.items()
                    }
                except EvaluationFailed as fault:  # the answer is not what `returns` promised
                    return Move(leaves="failed", note=str(fault))
                return Move(data=saved, leaves="done")
            case ActionDone():
                return Move(leaves="failed", note=event.error)
            case TimerFired(timer="meanwhile") if self.meanwhile is not None:
                return Move(effects=ctx.say(ctx.text(self.meanwhile.text)), waits=True)
            case _:
                return None

    def again(self, ctx: Context) -> Move:
        """The request is under way: its result still counts."""
        return Move(waits=True)

    def _cache(self) -> Cache | None:
        if self.cache is None:
            return None
        stale = self.cache.stale_if_error
        return Cache(self.cache.ttl.total_seconds(), stale.total_seconds() if stale else 0.0)
