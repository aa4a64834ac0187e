"""Send a template that the channel's vendor approved: what may be said when the contact wrote long ago."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from flows.action import Action, LocalText, Move, Template, action, ui
from flows.context import Context
from flows.values import EvaluationFailed
from flows.wording import worded
from schemas.effects import Say
from schemas.messages import Template as Approved


class HeaderFile(BaseModel):
    """The file of a template whose header is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["image", "video", "document"] = ui(
        "Kind", names={"image": "Image", "video": "Video", "document": "Document"}
    )
    link: Template = ui("Web address")


class LinkEnd(BaseModel):
    """The part of a link button's address that varies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    button: int = ui("Which button, counted from 0", default=0, ge=0, le=9)
    text: Template = ui("End of the address")


@action
class SendTemplate(Action):
    """Send an approved template by its name, and go on. It may go at any time; other messages only within 24
    hours of the contact's last one, where the channel has such a window.

    `language` is the template's own code, by default the contact's language. `body` fills its variables, by
    order or by name. A channel without templates says `text` instead; without it the step leaves by
    `undelivered`.

    Example:
        action: template
        with: {name: visit_reminder, language: {en: en_US, it: it}, body: ["{{ contact.name }}", "17:30"]}
        then: {undelivered: sorry}
    """

    sends: ClassVar[bool] = True

    name_: str = ui("Template", alias="name", widget="template", pattern=r"^[a-z0-9_]{1,512}$")
    language: LocalText = ui("Its language code", default="")
    header: Template = ui("Variable of the header", default="")
    file: HeaderFile | None = ui("File of the header", default=None)
    body: list[Template] | dict[str, Template] = ui("Variables of the body", default=list[str])
    links: list[LinkEnd] = ui("Link buttons", default=list[LinkEnd], max_length=2)
    text: LocalText = ui("Where there are no templates", widget="textarea", default="")

    @model_validator(mode="after")
    def _has_one_header(self) -> "SendTemplate":
        if self.header and self.file is not None:
            raise ValueError(worded("a template's header is a text or a file: give header or file"))
        return self

    def enter(self, ctx: Context) -> Move:
        if ctx.capabilities.template:
            language = ctx.text(self.language) or ctx.language
            return Move(effects=[Say(Approved(self.name_, language, self._components(ctx)))], leaves="")
        if self.text:
            return Move(effects=ctx.say(ctx.text(self.text)), leaves="")
        return Move(leaves="undelivered", note="the channel has no templates")

    def _components(self, ctx: Context) -> tuple[dict[str, Any], ...]:
        """As Meta's messages API takes them (Cloud API, "Sending template messages")."""
        made: list[dict[str, Any]] = []
        if self.file is not None:
            kind = self.file.kind
            media = {"type": kind, kind: {"link": ctx.render(self.file.link)}}
            made.append({"type": "header", "parameters": [media]})
        elif self.header:
            made.append({"type": "header", "parameters": [_value(ctx, self.header)]})
        if isinstance(self.body, dict):
            named = [{"parameter_name": name, **_value(ctx, text)} for name, text in self.body.items()]
            made.append({"type": "body", "parameters": named})
        elif self.body:
            made.append({"type": "body", "parameters": [_value(ctx, text) for text in self.body]})
        for link in self.links:
            button = {"type": "button", "sub_type": "url", "index": str(link.button)}
            made.append({**button, "parameters": [_value(ctx, link.text)]})
        return tuple(made)


def _value(ctx: Context, template: str) -> dict[str, Any]:
    """A variable's value. The vendor takes neither an empty one nor one with line breaks."""
    text = " ".join(ctx.render(template).split())
    if not text:
        raise EvaluationFailed(template, "a template takes no empty value")
    return {"type": "text", "text": text}
