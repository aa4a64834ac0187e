"""In which of a bot's languages a message is written: for contacts whose language nobody knows yet.

Compact Language Detector 2 tells it, for which a message needs a few words: what it is not sure of, and what is in none of
the bot's languages, decides nothing. It adds about 6 MB to a process, so it is loaded by the first message that is asked
about, and takes 20 µs a message. CLD3 was tried too: it is sure of what it gets wrong ("ciao", "grazie mille", names).

Linux on ARM has no build of it: there it is not installed, nothing is detected, and `check` says so.

Source: CLD2 (github.com/CLD2Owners/cld2), its codes of languages.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flows.actions.collect import Collect
from flows.work import Work
from schemas.effects import ChangeContact
from schemas.events import Received
from schemas.messages import Text

MOST_CHARS = 1_000  # of a message: more tells no more
FEWEST_LETTERS = 8  # of the Latin alphabet; "yes please" is told, "ok", "menu" and "Anna" are not
_NOT_PROSE = re.compile(r"\S*(?:://|www\.|@)\S*|[\W\d_]+")  # addresses of all kinds, numbers, signs
_TAGS = {"iw": "he", "jw": "jv", "no": "nb"}  # what CLD2 still calls by its older code

INSTALLED = find_spec("pycld2") is not None


def learn_language(work: Work, event: Received) -> None:
    """Write down the language of a contact who has none, where the bot wants that and this message tells it.

    Answers of a form decide nothing: they are names and addresses.
    """
    content = event.message.content
    if not work.bot.document.detect_language or work.view.contact.get("language"):
        return
    if not isinstance(content, Text) or _fills_a_form(work):
        return
    if language := heard_language(content.text, work.bot.languages):
        work.change_contact({"language": language})
        work.emit(ChangeContact({"language": language}))
        work.note(f"the contact writes {language!r}")


def _fills_a_form(work: Work) -> bool:
    flow = work.bot.flows.get(work.top.flow) if work.stack else None
    step = flow.steps.get(work.top.step) if flow else None
    return step is not None and isinstance(step.action, Collect)


def heard_language(text: str, languages: Sequence[str]) -> str:
    """The bot's language that `text` is in; empty when that is not certain."""
    words = _NOT_PROSE.sub(" ", text[:MOST_CHARS]).strip()
    if not INSTALLED or (words.isascii() and len(words) < FEWEST_LETTERS):
        return ""
    found = _detected(words)
    return next((own for own in languages if _base(own) == found), "")


def tells(language: str) -> bool:
    """Whether a language can be told from others at all."""
    library = _library()
    known = {_base(code) for name, code in library.LANGUAGES if name in library.DETECTED_LANGUAGES}
    return _base(language) in known


def _detected(words: str) -> str:
    sure, _, found = _library().detect(words.encode())
    return _base(found[0][1]) if sure else ""


def _library() -> Any:
    return import_module("pycld2")


def _base(tag: str) -> str:
    base = tag.partition("-")[0]
    return _TAGS.get(base, base)
