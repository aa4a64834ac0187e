"""What a talk's lines expect of the bot, and how that which does not hold is shown."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from flows.direction import unmarked
from flows.wording import Wording, joined, worded
from schemas.messages import Buttons, ListMenu, Outgoing, plain_text

_NEAR = 0.3  # how alike two texts are, for their difference to be worth showing


class Differs(Exception):
    """An expectation does not hold, or a line cannot be played.

    `instead` holds what would be expected rightly of this line, or of the end; empty where nothing would.
    """

    def __init__(self, why: Wording, instead: tuple[Any, ...] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.instead = instead


def shown_text(body: Outgoing) -> str:
    """A message as one reads it in a transcript: its words, then its choices in brackets."""
    words = unmarked(plain_text(body)) or f"({body.kind})"
    labels = [unmarked(label) for label, _ in choices_of(body)]
    return f"{words} [{' | '.join(labels)}]" if labels else words


def choices_of(body: Outgoing) -> list[tuple[str, str]]:
    """The choices that a message shows, as (label, id)."""
    match body:
        case Buttons():
            return [(button.title, button.id) for button in body.buttons]
        case ListMenu():
            return [(row.title, row.id) for section in body.sections for row in section.rows]
        case _:
            return []


def matches(expected: Any, body: Outgoing) -> bool:
    """Whether a message is the one expected."""
    words = _spaced(plain_text(body))
    if not isinstance(expected, dict):
        return _spaced(expected).strip() == words.strip()
    return all(CHECKS[key](value, words, body) for key, value in cast("dict[str, Any]", expected).items())


def _spaced(text: Any) -> str:
    """The text as one types it: with spaces for a language's own ones in numbers and times, and no marks of direction."""
    return unmarked(str(text)).replace("\xa0", " ").replace("\u202f", " ")


def refuse_unknown_checks(expected: Any, what: str = "bot") -> None:
    """Raises `Differs` for a check that there is not."""
    given = cast("dict[str, Any]", expected) if isinstance(expected, dict) else {}
    for key in given:
        if key not in CHECKS:
            raise Differs(
                worded(
                    "{what} has no check {key!r}; it has {checks}",
                    what=what,
                    key=key,
                    checks=", ".join(CHECKS),
                )
            )


def _contains(value: Any, words: str, _: Outgoing) -> bool:
    return all(
        _spaced(one) in words for one in cast("list[Any]", value if isinstance(value, list) else [value])
    )


CHECKS: dict[str, Callable[[Any, str, Outgoing], bool]] = {
    "text": lambda value, words, _: _spaced(value).strip() == words.strip(),
    "contains": _contains,
    "matches": lambda value, words, _: re.search(str(value), words) is not None,
    "choices": lambda value, _, body: (
        [_spaced(label) for label, _ in choices_of(body)] == [_spaced(one) for one in value]
    ),
    "kind": lambda value, _, body: body.kind == value,
}


def holds(expected: Any, actual: Any) -> bool:
    """Equal; of a mapping, only the keys that are expected."""
    return next(_faults(expected, actual, ""), None) is None


def not_said(expected: Any, bodies: Sequence[Outgoing], note: bool = False) -> Differs:
    """That none of the messages (or notes) is the one expected, with the difference from the nearest."""
    given = cast("dict[str, Any]", expected) if isinstance(expected, dict) else {"text": expected}
    wanted = str(given.get("text", given.get("contains", "")))
    body, alike = _nearest(wanted, bodies)
    heard = "\n".join(f"  {shown_text(body)!r}" for body in bodies) or worded("  nothing")
    parts = [
        worded(
            "the bot should write the note\n  {expected!r}\nbut writes\n{heard}",
            expected=cast("object", expected),
            heard=heard,
        )
        if note
        else worded(
            "the bot should say\n  {expected!r}\nbut says\n{heard}",
            expected=cast("object", expected),
            heard=heard,
        )
    ]
    if body is not None and alike >= _NEAR and "text" in given:
        lines = difflib.ndiff(wanted.strip().splitlines(), plain_text(body).strip().splitlines())
        difference = "\n".join(f"  {line.rstrip()}" for line in lines)
        parts.append(worded("\nthe difference (- expected, + said)\n{difference}", difference=difference))
    return Differs(joined(parts), (_line_for(given, body),))


def not_so(what: Wording, key: str, expected: Mapping[str, Any], actual: Any) -> Differs:
    """That a value is not the one expected, with each place that differs, if there are several."""
    wanted = expected[key]
    said = [
        worded(
            "{what} should be\n  {wanted!r}\nbut is\n  {actual!r}", what=what, wanted=wanted, actual=actual
        )
    ]
    if isinstance(wanted, dict | list):
        for place, why in _faults(wanted, actual, ""):
            said.append(worded("\n  {place}: {why}", place=place or worded("it"), why=why))
    return Differs(joined(said), ({**expected, key: _renewed(wanted, actual)},))


def _nearest(expected: str, bodies: Sequence[Outgoing]) -> tuple[Outgoing | None, float]:
    """The message that is most like the one expected, the first of those that are equally so, and how much."""
    likeness = [difflib.SequenceMatcher(None, expected, plain_text(one)).ratio() for one in bodies]
    if not likeness:
        return None, 0.0
    most = max(likeness)
    return bodies[likeness.index(most)], most


def _line_for(given: Mapping[str, Any], body: Outgoing | None) -> Any:
    """A `bot` line that holds for a message, with the checks that one had."""
    if body is None:
        return "nothing"
    words = unmarked(plain_text(body))
    line: dict[str, Any] = {"text": words} if words else {"kind": body.kind}
    if "choices" in given:
        line["choices"] = [unmarked(label) for label, _ in choices_of(body)]
    if "kind" in given:
        line["kind"] = body.kind
    return words if list(line) == ["text"] else line


def _renewed(expected: Any, actual: Any) -> Any:
    """What is so; of a mapping, the keys that were expected and are there."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, found = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        return {key: _renewed(value, found[key]) for key, value in wanted.items() if key in found}
    return actual


def _faults(expected: Any, actual: Any, place: str) -> Iterator[tuple[str, Wording]]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, found = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        for key, value in wanted.items():
            below = f"{place}.{key}" if place else str(key)
            if key in found:
                yield from _faults(value, found[key], below)
            else:
                yield below, worded("should be {value!r}, but is not there", value=value)
        return
    if isinstance(expected, list) and isinstance(actual, list):
        some, others = cast("list[Any]", expected), cast("list[Any]", actual)
        if len(some) != len(others):
            yield (
                place,
                worded("should have {some} items, but has {others}", some=len(some), others=len(others)),
            )
            return
        for index, (one, other) in enumerate(zip(some, others, strict=True)):
            yield from _faults(one, other, f"{place}[{index}]")
        return
    if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        yield (
            place,
            worded(
                "should be {expected!r}, but is {actual!r}", expected=cast("object", expected), actual=actual
            ),
        )
