"""Write a note beside the conversation, for the team."""

from flows.action import Action, Move, Template, action, ui
from flows.context import Context
from schemas.effects import AddNote

MOST = 10_000  # characters, as the API takes them


@action
class Note(Action):
    """Write a note beside the conversation, for the team; the contact never sees it.

    A note that comes out empty is not written.

    Example:
        action: note
        with: {text: "{{ data.name }} asked for {{ data.seats }} seats."}
    """

    text: Template = ui("What it says", widget="textarea", min_length=1)

    def enter(self, ctx: Context) -> Move:
        text = ctx.render(self.text).strip()[:MOST]
        if not text:
            return Move(leaves="", note="the note is empty: it is not written")
        return Move(effects=[AddNote(text)], leaves="")
