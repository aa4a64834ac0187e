"""What a form still has to ask, in order, and where each answer goes.

A question is named by its path in the data: `email`, `address.city`, `guests.0.name`. Beside the fields stand
the gates: `address.?` asks whether to give an optional group at all, `guests.+` whether to add another item.
What was answered, or passed over, is `done`: paths, and for an item that was agreed to `guests.+1`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flows.form import Field

GIVE, ADD = "?", "+"


@dataclass(frozen=True, slots=True)
class Question:
    """A field to ask for, at a path; `gate` is `?` or `+` where only yes or no is asked."""

    path: str
    field: Field
    gate: str = ""

    @property
    def is_asked_alone(self) -> bool:
        """Whether one answer settles it; a group and a list are asked for by what is in them."""
        return bool(self.gate) or self.field.kind not in ("group", "repeat")


def pending(fields: Iterable[Field], data: Mapping[str, Any], done: Collection[str]) -> Iterator[Question]:
    """The questions that are open, in order."""
    for one in fields:
        yield from _open(one, one.name, data, done)


def question_at(fields: Mapping[str, Field], data: Mapping[str, Any], path: str) -> Question | None:
    """The question of a path; None when the form has none such, for what the data holds."""
    head, *rest = path.split(".")
    found = fields[head].within(data) if head in fields else None
    value: Any = data.get(head)
    for place, key in enumerate(rest):
        if found is None:
            return None
        if key == GIVE or key.startswith(ADD):
            return Question(".".join([head, *rest[:place], key[:1]]), found, key[:1])
        if key.isdecimal():
            items = cast("list[Any]", value) if isinstance(value, list) else []
            found, value = found.children.get("items"), items[int(key)] if int(key) < len(items) else None
        else:
            owner = _object(value)
            child = found.children.get(key)
            found, value = child.within(owner) if child else None, owner.get(key)
    return Question(path, found) if found else None


def known_in(one: Field, path: str, owner: Mapping[str, Any]) -> Iterator[str]:
    """The paths below a field that need not be asked: what the data holds already."""
    value = owner.get(one.name) if one.name != "items" else owner
    if value is None:
        return
    if one.kind == "group":
        yield f"{path}.{GIVE}"
        for child in one.children.values():
            yield from known_in(child, f"{path}.{child.name}", _object(value))
    elif one.kind == "repeat" and not one.takes(value):
        for place, item in enumerate(cast("list[Any]", value) if isinstance(value, list) else ()):
            yield f"{path}.{ADD}{place}"
            if one.item.kind == "group":
                yield from known_in(one.item, f"{path}.{place}", _object(item))
            else:
                yield f"{path}.{place}"
    else:
        yield path


def written(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The top-level fields to write so that `path` holds `value`; None takes it away."""
    head, *rest = path.split(".")
    return {head: _put(data.get(head), rest, value) if rest else value}


def at(data: Mapping[str, Any], path: str) -> Any:
    """What the data holds at a path."""
    found: Any = data
    for key in path.split("."):
        if isinstance(found, list):
            items = cast("list[Any]", found)
            found = items[int(key)] if key.isdecimal() and int(key) < len(items) else None
        else:
            found = _object(found).get(key)
    return found


def without(done: Iterable[str], path: str) -> list[str]:
    """What is still done when a path, with all below it, is to be asked again."""
    return [one for one in done if one != path and not one.startswith(f"{path}.")]


def _open(one: Field, path: str, owner: Mapping[str, Any], done: Collection[str]) -> Iterator[Question]:
    found = one.within(owner)
    if found is None or not found.asked:
        return
    value = owner.get(one.name)
    if path in done and (not one.variants or value is None or found.takes(value)):
        return  # what another answer has made wrong is asked again
    yield from _inside(found, path, value, done)


def _inside(one: Field, path: str, value: Any, done: Collection[str]) -> Iterator[Question]:
    if one.kind == "group":
        inside = _object(value)
        needed = any(child.required for child in one.children.values())
        if not one.required and needed and not inside and f"{path}.{GIVE}" not in done:
            yield Question(f"{path}.{GIVE}", one, GIVE)
            return
        for child in one.children.values():
            yield from _open(child, f"{path}.{child.name}", inside, done)
    elif one.kind == "repeat":
        yield from _items(one, path, value, done)
    else:
        yield Question(path, one)


def _items(one: Field, path: str, value: Any, done: Collection[str]) -> Iterator[Question]:
    """The next question about the items of a list, or whether there is to be another."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    for place, item in enumerate([*items, None]):
        if place == len(items) and place >= one.least and f"{path}.{ADD}{place}" not in done:
            break
        here = f"{path}.{place}"
        question = None if here in done else next(_inside(one.item, here, item, done), None)
        if question is not None:
            yield question
            return
    most = one.most
    if one.addable and (most is None or len(items) < most):
        yield Question(f"{path}.{ADD}", one, ADD)


def _put(owner: Any, keys: list[str], value: Any) -> Any:
    key, *rest = keys
    if key.isdecimal():
        items = list(cast("list[Any]", owner)) if isinstance(owner, list) else []
        place = min(int(key), len(items))
        inner = _put(items[place] if place < len(items) else None, rest, value) if rest else value
        items[place : place + 1] = [inner]
        return items
    made = dict(_object(owner))
    made[key] = _put(made.get(key), rest, value) if rest else value
    return {name: one for name, one in made.items() if one is not None}


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
