"""Words: by what a message is found, and where they stand in it.

A word is a run of letters and digits, whatever its case and accents: `Perché` and `PERCHE` are one. It is found by its
first letters, three at least, or whole: `preno` finds `Prenotazione`, `no` only `no`. A run in a script that leaves no
space between words is one word here.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, cast

LEAST_LETTERS = 3  # of a beginning by which a word is found
MOST_LETTERS = 16  # of a word that count, when it is looked for among all messages
MOST_CHARACTERS = 10_000  # of a message in which words are looked for
MOST_WANTED = 10  # words in one search

# What a person sees of a message, of whichever kind: the other fields are addresses, ids and settings.
_SEEN = frozenset(
    [
        "text",
        "caption",
        "filename",
        "title",
        "description",
        "header",
        "footer",
        "label",
        "open_label",
        "name",
        "address",
        "emails",
        "phones",
        "organization",
        "emoji",
        "values",
    ]
)
_HOLD = frozenset(["buttons", "sections", "rows", "contacts", "components", "parameters", "items"])
_UNSEEN = "flow_token"  # among the values of a form: what the channel adds


class Word(NamedTuple):
    """A word as it is compared, and from where to where it stands in its text."""

    plain: str
    begin: int
    end: int


class Piece(NamedTuple):
    """A part of a text; `found`: it is what was looked for."""

    text: str
    found: bool


def words(text: str) -> Iterator[Word]:
    """The words of a text, in their order."""
    plain, begin = "", 0
    for place, character in enumerate(text):
        letters = _plain(character)
        if letters is None:
            if plain:
                yield Word(plain, begin, place)
            plain, begin = "", place + 1
        else:
            if not plain:
                begin = place
            plain += letters
    if plain:
        yield Word(plain, begin, len(text))


def terms(text: str) -> set[str]:
    """All by which a message that says `text` is found: its words and their beginnings."""
    found: set[str] = set()
    for word in words(text):
        whole = word.plain[:MOST_LETTERS]
        found.add(whole)
        found.update(whole[:letters] for letters in range(LEAST_LETTERS, len(whole)))
    return found


def wanted(asked: str) -> list[str]:
    """The words that somebody looks for, each once, at most `MOST_WANTED`."""
    return list(islice(dict.fromkeys(word.plain for word in words(asked)), MOST_WANTED))


def looked_up(asked: Sequence[str]) -> list[str]:
    """Among which terms to look for words."""
    return [each[:MOST_LETTERS] for each in asked]


def found(text: str, asked: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand that are looked for: nothing unless each of them is there."""
    there = [(word, [one for one in asked if _is(word.plain, one)]) for word in words(text)]
    if set(asked) - {one for _, ones in there for one in ones}:
        return []
    places: list[tuple[int, int]] = []
    for word, ones in there:
        if ones:
            letters = max(map(len, ones))
            places.append((word.begin, _reaches(text, word, letters)))
    return places


def snippet(text: str, places: Sequence[tuple[int, int]], most: int = 160) -> list[Piece]:
    """About `most` characters of a text around the first place, cut between words, with what was found in them."""
    first = places[0][0]
    begin = 0 if first <= most // 3 else text.rfind(" ", 0, first - most // 4) + 1
    begin = max(begin, first - most // 2)
    end = len(text) if len(text) - begin <= most else max(begin + most, places[0][1])
    pieces, at = [Piece("… ", False)] if begin else [], begin
    for start, stop in places:
        if stop > end:
            break
        pieces += [Piece(text[at:start], False), Piece(text[start:stop], True)]
        at = stop
    pieces += [Piece(text[at:end], False), Piece(" …" if end < len(text) else "", False)]
    return [piece for piece in pieces if piece.text]


def seen(body: Mapping[str, Any]) -> str:
    """What a person reads of a message, from its content or body as JSON. At most `MOST_CHARACTERS`."""
    said = "\n".join(dict.fromkeys(filter(None, _texts(body, shown=False))))
    return said[:MOST_CHARACTERS]


def _texts(part: Any, shown: bool) -> Iterator[str]:
    if isinstance(part, str):
        if shown:
            yield part
    elif isinstance(part, Mapping):
        fields = cast("Mapping[str, Any]", part)
        for name, value in fields.items():
            if name != _UNSEEN and (shown or name in _SEEN or name in _HOLD):
                yield from _texts(value, shown or name in _SEEN)
    elif isinstance(part, list | tuple):
        for each in cast("Sequence[Any]", part):
            yield from _texts(each, shown)


def _is(word: str, asked: str) -> bool:
    return word == asked or (len(asked) >= LEAST_LETTERS and word.startswith(asked))


def _reaches(text: str, word: Word, letters: int) -> int:
    """Where the first `letters` of a word end, with the accents that belong to the last."""
    count = 0
    for place in range(word.begin, word.end):
        more = len(_plain(text[place]) or "")
        if count >= letters and more:
            return place
        count += more
    return word.end


@lru_cache(maxsize=4096)
def _plain(character: str) -> str | None:
    """A character of a word as it is compared, nothing for an accent; None for one that is in no word."""
    if unicodedata.category(character)[0] not in "LNM":
        return None
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character.casefold()).casefold())
    return "".join(one for one in apart if unicodedata.category(one)[0] in "LN")
