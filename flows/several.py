"""Several answers in one message: "Anna, anna@example.com, two", or a line each with its title.

A message is taken apart only when every piece finds a question of its own: an answer that has a comma in it
("Via Roma 4, Milano") stays one answer, unless a piece beside it is surely something else.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from flows.answers import Wrong, checked
from flows.asking import Question
from flows.form import Field
from flows.words import contains_words, fold, is_one_of, match_choice

Read = Callable[[Question, str], Any]
_APART: Final = re.compile(r"\s*(?:\n|;|,(?!\d)|(?<!\d),)\s*")
SIGNS: Final = ("\n", ";", ",", ":", "=")
"""One of these stands in any message that answers several questions."""
_TITLED: Final = re.compile(r"^\s*([^:=]{1,60}?)\s*[:=]\s*(.+)$", re.DOTALL)
_SURE: Final = ("email", "phone", "uri", "date", "time", "moment", "choice")
_MOST: Final = 30
_LISTED: Final = re.compile(r"[,;\n]")
_BETWEEN: Final = re.compile(r"\s*(?:\+|&|\be\b|\bed\b|\band\b)\s*", re.IGNORECASE)
ALL = ("all", "all of them", "everything", "tutti", "tutte", "tutto")
NONE = ("none", "nothing", "nessuno", "nessuna", "niente")


def taken(
    said: str,
    asked: Question,
    open_questions: Sequence[Question],
    titles: Callable[[Question], str],
    read: Read,
) -> dict[str, Any]:
    """The values of the questions that a message answers, by path; nothing when it answers only `asked`."""
    if len(open_questions) < 2:
        return {}
    pieces = [piece for piece in _APART.split(said.strip()) if piece]
    if not 0 < len(pieces) <= _MOST:
        return {}
    named, rest = _by_title(pieces, open_questions, titles, read)
    if not rest or (not named and len(rest) < 2):
        return named
    left = [question for question in open_questions if question.path not in named]
    placed = _by_kind(rest, left, read)
    if placed is None:
        return {}
    return {**named, **placed} if named or asked.path in placed else {}


def _by_title(
    pieces: list[str], questions: Sequence[Question], titles: Callable[[Question], str], read: Read
) -> tuple[dict[str, Any], list[str]]:
    """What pieces like "E-mail: a@example.com" give, and the pieces that are not such."""
    by_title: dict[str, Question] = {}
    for question in questions:
        by_title.setdefault(fold(titles(question)), question)
        by_title.setdefault(fold(question.field.name), question)
    found: dict[str, Any] = {}
    rest: list[str] = []
    for piece in pieces:
        match = _TITLED.match(piece)
        question = by_title.get(fold(match[1])) if match else None
        value = read(question, match[2]) if match and question else None
        if question is None or value is None or isinstance(value, Wrong) or question.path in found:
            rest.append(piece)
        else:
            found[question.path] = value
    return found, rest


def _by_kind(pieces: list[str], questions: Sequence[Question], read: Read) -> dict[str, Any] | None:
    """Each piece at a question that takes it: first those that are surely of a kind, then the others in order."""
    found: dict[str, Any] = {}
    weak: list[str] = []
    sure = [question for question in questions if question.field.kind in _SURE]
    for piece in pieces:
        for question in sure:
            value = read(question, piece) if question.path not in found else None
            if value is not None and not isinstance(value, Wrong):
                found[question.path] = value
                break
        else:
            weak.append(piece)
    if not found:
        return None
    others = iter([question for question in questions if question.field.kind not in _SURE])
    for piece in weak:
        for question in others:
            value = read(question, piece)
            if value is not None and not isinstance(value, Wrong):
                found[question.path] = value
                break
        else:
            return None
    return found


def chosen_values(one: Field, said: str, options: list[Any], exactly: bool) -> list[Any] | Wrong:
    """The choices that words name: "1, 3", "red and green", "all", "none"."""
    if is_one_of(said, ALL):
        return checked(one, [value for value, _ in one.choices])
    if is_one_of(said, NONE):
        return checked(one, [])
    whole = match_choice(said, "", options)
    if whole is not None and not any(sign in said for sign in ",;\n"):
        return checked(one, [one.choices[int(whole)][0]])
    keys: list[str] = []
    for piece in _named(said, {fold(option.title) for option in options}):
        for part in piece.split() if re.fullmatch(r"[\d ]+", piece) else [piece]:
            key = match_choice(part, "", options)
            if key is None and not exactly:
                key = next((option.key for option in options if contains_words(part, option.title)), None)
            if key is None:
                return Wrong("not_choice")
            keys.append(key)
    return checked(one, [one.choices[int(key)][0] for key in dict.fromkeys(keys)])


def _named(said: str, labels: set[str]) -> Iterator[str]:
    """The pieces of a list in words; a label that has an “and” in it stays whole."""
    for piece in _LISTED.split(said):
        yield from [piece] if fold(piece) in labels else _BETWEEN.split(piece.strip())
