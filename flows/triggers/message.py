"""A message starts the flow: by words in it, or by an expression."""

from pydantic import model_validator

from flows.action import Expression, ui
from flows.context import answer_text
from flows.trigger import Evaluate, Trigger, trigger
from flows.wording import worded
from flows.words import contains_words
from schemas.events import Event, Received


@trigger
class Message(Trigger):
    """Fires when a message holds one of the words (whole, any case, accents folded), or `when` is true.

    Example:
        message: {words: [hello, ciao]}
    """

    words: list[str] = ui("Words", default=list)
    when: Expression | None = ui("When", default=None)

    @model_validator(mode="after")
    def _has_a_condition(self) -> "Message":
        if not self.words and self.when is None:
            raise ValueError(worded("give words, or an expression under when"))
        return self

    def fires(self, event: Event, evaluate: Evaluate) -> bool:
        if not isinstance(event, Received):
            return False
        text = answer_text(event)
        if self.words and not any(contains_words(text, word) for word in self.words):
            return False
        return self.when is None or evaluate(self.when) is True
