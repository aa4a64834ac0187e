"""Text snippets: the `texts` of `bot.yaml`, which any text of the bot inserts as `{{ texts.name }}`; and frames.

A snippet may hold expressions over what is the same everywhere in the bot: the contact, the number, the bot,
the last message, the time. It is chosen by language and rendered only where it is read.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flows.template import render
from flows.texts import pick, spoken
from flows.values import Values
from schemas.flow import TextDocument

if TYPE_CHECKING:
    from flows.compiled import Compiled


def shared_text(bot: "Compiled", text: TextDocument, given: Mapping[str, Any]) -> str:
    """A text of `bot.yaml` as one contact reads it. `given` is what its expressions see."""
    contact = given["contact"]
    language = spoken(str(contact.get("language") or ""), bot.languages)
    source = pick(text, language, bot.languages, str(contact.get("id", "")))
    template = bot.snippets.get(source)
    return source if template is None else render(template, Values(given), language=language)[0]


class Snippets(Mapping[str, str]):
    """The snippets of a bot as one contact reads them. `given` is what their expressions see."""

    def __init__(self, bot: "Compiled", given: Mapping[str, Any]) -> None:
        self._bot, self._given = bot, given

    def __getitem__(self, name: str) -> str:
        return shared_text(self._bot, self._bot.document.texts[name], self._given)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bot.document.texts)

    def __len__(self) -> int:
        return len(self._bot.document.texts)
