"""Give the conversation to people, and take it back."""

from typing import ClassVar

from flows.action import Action, LocalText, Move, Template, action, ui
from flows.context import Context
from schemas.effects import HandOff
from schemas.events import Event, Returned


@action
class Handoff(Action):
    """Hand the conversation to a team; the bot stays silent until they give it back.

    Example:
        action: handoff
        with: {team: sales, note: "{{ contact.name }} wants to talk", text: A person will answer you.}
        timeout: 2h
        then: {timeout: sorry}
    """

    sends: ClassVar[bool] = True
    waits: ClassVar[bool] = True
    leaves_by: ClassVar[tuple[str, ...]] = ("returned",)

    team: str = ui("Team", widget="team")
    note: Template = ui("Note for the team", widget="textarea", default="")
    text: LocalText = ui("What the contact is told", widget="textarea", default="")

    def takes_over(self, before: Action) -> bool:
        return True

    def enter(self, ctx: Context) -> Move:
        effects = [*ctx.say(ctx.text(self.text)), HandOff(self.team, ctx.render(self.note))]
        return Move(effects=effects, waits=True, silences=self.team)

    def resume(self, ctx: Context, event: Event) -> Move | None:
        match event:
            case Returned():
                return Move(leaves="returned")
            case _:
                return None  # what is said meanwhile is for the people

    def again(self, ctx: Context) -> Move:
        return Move(waits=True)
