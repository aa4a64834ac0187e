"""Text snippets: the `texts` of `bot.yaml`, which any text of the bot inserts as `{{ texts.name }}`.

A snippet may hold expressions over what is the same everywhere in the bot: the contact, the number, the bot,
the last message, the time. It is chosen by language and rendered only where it is read.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flows.template import render
from flows.texts import pick, spoken
from flows.values import Values

if TYPE_CHECKING:
    from flows.compiled import Compiled


class Snippets(Mapping[str, str]):
    """The snippets of a bot as one contact reads them. `given` is what their expressions see."""

    def __init__(self, bot: "Compiled", given: Mapping[str, Any]) -> None:
        self._bot, self._given = bot, given

    def __getitem__(self, name: str) -> str:
        bot, contact = self._bot, self._given["contact"]
        language = spoken(str(contact.get("language") or ""), bot.languages)
        source = pick(bot.document.texts[name], language, bot.languages, str(contact.get("id", "")))
        template = bot.snippets.get(source)
        if template is None:
            return source
        return render(template, Values(template.expressions[0].scope, self._given))[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bot.document.texts)

    def __len__(self) -> int:
        return len(self._bot.document.texts)
