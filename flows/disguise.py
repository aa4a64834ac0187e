"""Personal data replaced, and always by the same: in what somebody wrote, word by word, and in what systems answered.

A word stands for the same word wherever it comes, so what fits together still does: a name in a profile and in a
message, an address that was typed and one that a webhook sent. Short numbers stay: they count something.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\d(?:[\s./()-]{0,2}\d){6,}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONG = re.compile(r"\d{5,}")
NAMES = ("Alex", "Robin", "Kim", "Sasha", "Nikita", "Andrea", "Noa", "Charlie", "Dominique", "Jun")
WORDS = (
    "lorem",
    "ipsum",
    "dolor",
    "amet",
    "elit",
    "tempor",
    "magna",
    "aliqua",
    "minim",
    "veniam",
    "quis",
    "nostrud",
)
PERSONAL = re.compile(
    r"name|surname|mail|phone|mobile|tel|address|street|birth|iban|tax|fiscal|passport|ssn"
    r"|nome|cognome|telefono|cellulare|indirizzo|via|nascita|codice_fiscale",
    re.IGNORECASE,
)


class Disguise:
    """What stands for what. `known` are words that are personal wherever they come."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}
        self.known: set[str] = set()

    def words(self, text: str) -> str:
        """All of a text replaced: it has as many words as before."""
        return self._replaced(text, everything=True)

    def scrubbed(self, text: str) -> str:
        """Only what is personal by its form, and known words."""
        return self._replaced(text, everything=False)

    def tree(self, value: Any, everything: bool = False) -> Any:
        """A JSON value with its texts scrubbed, and replaced where their key says that they are personal."""
        match value:
            case str():
                return self.words(value) if everything else self.scrubbed(value)
            case dict():
                given = cast("dict[str, Any]", value)
                return {
                    key: self.tree(one, everything or bool(PERSONAL.search(key)))
                    for key, one in given.items()
                }
            case list():
                return [self.tree(one, everything) for one in cast("list[Any]", value)]
            case _:
                return value

    def learn(self, text: str) -> None:
        """These words are personal."""
        self.known.update(word.casefold() for word in _WORD.findall(text) if len(word) > 2)

    def contact(self, known: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
        """A profile, but for fields that are `kept` as they are. Learns who it is."""
        for name, value in known.items():
            if name not in kept and isinstance(value, str):
                self.learn(value)
        return {
            name: value if name in kept else self.tree(value, everything=True)
            for name, value in known.items()
        }

    def _replaced(self, text: str, everything: bool) -> str:
        held: list[str] = []

        def hold(new: str) -> str:
            held.append(new)
            return f"\0{chr(0xE000 + len(held) - 1)}"

        text = text.replace("\0", "")
        text = _EMAIL.sub(lambda found: hold(self._email(found[0])), text)
        text = _LINK.sub(lambda _: hold("https://example.com/"), text)
        text = _DIGITS.sub(lambda found: hold(self._number(found[0])), text)
        text = _LONG.sub(lambda found: hold(self._number(found[0])), text)
        text = _WORD.sub(lambda found: self._word(found[0], everything), text)
        return re.sub("\0(.)", lambda found: held[ord(found[1]) - 0xE000], text)

    def _email(self, written: str) -> str:
        count = sum(key.startswith("@") for key in self._stand_ins) + 1
        return self._stand_ins.setdefault(f"@{written.casefold()}", f"person{count}@example.com")

    def _number(self, written: str) -> str:
        """The same form, and the same first digits, by which a number is one of its kind."""
        digits = re.sub(r"\D", "", written)
        count = sum(key.startswith("#") for key in self._stand_ins) + 1
        last = str(count).zfill(len(digits))[-min(6, len(digits) // 2) :]
        new = self._stand_ins.setdefault(f"#{digits}", digits[: len(digits) - len(last)] + last)
        spare = iter(new)
        return "".join(next(spare) if one.isdigit() else one for one in written)

    def _word(self, written: str, everything: bool) -> str:
        key = written.casefold()
        if (len(written) < 3 and key not in self.known) or not (everything or key in self.known):
            return written
        new = self._stand_ins.get(key)
        if new is None:
            of = NAMES if written[0].isupper() else WORDS
            taken = set(self._stand_ins.values())
            free = [one for one in of if one not in taken]
            new = self._stand_ins[key] = free[0] if free else f"{of[len(taken) % len(of)]}{_tail(len(taken))}"
        return new


def _tail(count: int) -> str:
    """Letters, so that it is still a word."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(count))
