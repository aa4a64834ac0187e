"""Ask with choices, and leave by the one that was meant."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from flows import fit
from flows.action import Action, LocalText, Move, action, ui
from flows.context import Context, answer_text, shown, tapped_id
from flows.texts import is_static
from flows.words import Shown, match_choice
from schemas.capabilities import Capabilities
from schemas.effects import Effect
from schemas.events import Event, Received
from schemas.flow import NAME

ChoiceKey = Annotated[str, StringConstraints(pattern=NAME)]


class Entry(BaseModel):
    """A choice with more than a title."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: LocalText = ui("Title")
    description: LocalText = ui("Description", default="")
    section: LocalText = ui("Section", default="")


@action
class Menu(Action):
    """Ask with choices. An answer matches by tap, label, number, ordinal word or near spelling.

    Example:
        action: menu
        with:
          text: {en: Shall I book it?, it: Prenoto?}
          choices: {book: {en: "Yes", it: "Sì"}, leave: {en: "No", it: "No"}}
        then: {leave: bye, other: again}
    """

    sends: ClassVar[bool] = True
    waits: ClassVar[bool] = True
    leaves_by: ClassVar[tuple[str, ...]] = ("other",)
    leaves_by_each: ClassVar[str] = "choices"
    must_map: ClassVar[tuple[str, ...]] = ("other",)

    text: LocalText = ui("Question", widget="textarea")
    choices: dict[ChoiceKey, Entry | LocalText] = Field(title="Choices", min_length=1, max_length=100)
    as_: fit.As = ui(
        "Show as",
        default="auto",
        alias="as",
        names={
            "auto": "What fits the channel",
            "buttons": "Buttons",
            "list": "A list that opens",
            "text": "Numbered text",
        },
    )
    open_label: LocalText = ui("Label that opens a list", default="")
    frame: str = ui("Header and footer", widget="frame", default="")
    tries: int = ui("Tries before “other”", default=1, ge=1, le=10)

    def takes_over(self, before: Action) -> bool:
        """Those that were shown have their numbers still; more may follow."""
        keys = list(before.choices) if isinstance(before, Menu) else []
        return list(self.choices)[: len(keys)] == keys

    def enter(self, ctx: Context) -> Move:
        return Move(effects=self._asked(ctx, 0), waits=True, memory={"tries": 0, "page": 0})

    def resume(self, ctx: Context, event: Event) -> Move | None:
        if not isinstance(event, Received):
            return None
        page, tries = int(ctx.memory.get("page", 0)), int(ctx.memory.get("tries", 0))
        tapped = tapped_id(event)
        if ctx.wants_more(event, self._options(ctx), self.as_):
            effects = self._asked(ctx, page + 1)
            return Move(effects=effects, waits=True, memory={"tries": tries, "page": page + 1})
        if ctx.is_elsewhere(tapped):
            return Move(effects=self._asked(ctx, page), waits=True, weak=True)
        key = match_choice(answer_text(event), tapped, self._shown(ctx))
        if key is not None:
            return Move(leaves=key)
        if tries + 1 >= self.tries:
            return Move(leaves="other", weak=True)
        effects = self._show(ctx, ctx.sentence("not_choice"), page)
        return Move(effects=effects, waits=True, memory={"tries": tries + 1, "page": page}, weak=True)

    def _asked(self, ctx: Context, page: int) -> Sequence[Effect]:
        """The question; the same to all contacts of a language and a channel where nothing in it varies."""
        if page == 0 and self._wholly_static:
            channel, effects = ctx.once("asked", lambda: self._asked_on(ctx.capabilities, ctx))
            if channel is ctx.capabilities:
                return effects
        return self._show(ctx, ctx.text(self.text), page)

    def _asked_on(self, channel: Capabilities, ctx: Context) -> tuple[Capabilities, Sequence[Effect]]:
        return channel, self._show(ctx, ctx.text(self.text), 0)

    @cached_property
    def _wholly_static(self) -> bool:
        return self._static and not self.frame and is_static(self.text) and is_static(self.open_label)

    def _show(self, ctx: Context, text: str, page: int) -> list[Effect]:
        label = ctx.text(self.open_label) if self.open_label else ""
        return ctx.framed(ctx.show(text, self._options(ctx), self.as_, label, page), self.frame)

    @cached_property
    def _static(self) -> bool:
        """Whether the choices read the same to all contacts of a language."""
        parts = [
            part
            for choice in self.choices.values()
            for part in (
                (choice.title, choice.description, choice.section) if isinstance(choice, Entry) else (choice,)
            )
        ]
        return all(map(is_static, parts))

    def _options(self, ctx: Context) -> list[fit.Option]:
        return ctx.once("options", lambda: self._made(ctx)) if self._static else self._made(ctx)

    def _shown(self, ctx: Context) -> list[Shown]:
        if self._static:
            return ctx.once("shown", lambda: shown(self._options(ctx)))
        return shown(self._options(ctx))

    def _made(self, ctx: Context) -> list[fit.Option]:
        options: list[fit.Option] = []
        for key, choice in self.choices.items():
            if isinstance(choice, Entry):
                title, description = ctx.text(choice.title), ctx.text(choice.description)
                options.append(
                    fit.Option(key, ctx.choice_id(key), title, description, ctx.text(choice.section))
                )
            else:
                options.append(fit.Option(key, ctx.choice_id(key), ctx.text(choice)))
        return options
