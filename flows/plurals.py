"""Plural forms in texts: `{{ plural(data.n, {'one': '# guest', 'other': '# guests'}) }}` taken apart for translators.

A translator gets the whole text once for each form that his language has (Polish: one, few, many), with `#` for the
number, and writes it whole; what comes back is put together again, so that only what differs stands in the forms.

Sources: Unicode CLDR through babel (plural rules: UTS 35, part 3); GNU gettext manual, "Plural forms".
"""

import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from flows.printed import locale_of
from flows.template import spans_in

_SAMPLES: Final = range(1_001)  # all forms of whole numbers come up among them, but for those of millions
_ORDER: Final = ("zero", "one", "two", "few", "many", "other")
_STRING: Final = r"(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
_ENTRY: Final = re.compile(rf"\s*({_STRING})\s*:\s*({_STRING})\s*(?:,|\Z)", re.DOTALL)
_FORMS: Final = rf",\s*\{{((?:\s*{_STRING}\s*:\s*{_STRING}\s*,?)*)\s*\}}\s*\)"
_CALL: Final = re.compile(rf"plural\((.+?){_FORMS}", re.DOTALL)
_OUTSIDE: Final = re.compile(rf"{_STRING}|[(){{}}\[\],]", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANS: Final = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"'}


class FormsDiffer(Exception):
    """The forms of a text insert different values, or the same ones in another order."""


@dataclass(frozen=True, slots=True)
class Plural:
    """A text by the forms of one number, an expression. Each form is the whole text, with `#` for the number."""

    number: str
    forms: Mapping[str, str]

    def form(self, name: str) -> str:
        """The text in that form, which is that of `other` where it has no own."""
        return self.forms.get(name, self.forms["other"])

    def essence(self) -> tuple[str, dict[str, str]]:
        """What it says: the same for two ways to write the same."""
        return self.number, {
            name: form for name, form in self.forms.items() if name == "other" or form != self.forms["other"]
        }


@cache
def categories(language: str) -> tuple[str, ...]:
    """The forms that whole numbers take in a language, from `zero` to `other`."""
    form = locale_of(language).plural_form
    taken = {form(number) for number in _SAMPLES}
    return tuple(name for name in _ORDER if name in taken)


def known_forms(language: str) -> frozenset[str]:
    """All forms of a language, those of fractions and millions too."""
    return locale_of(language).plural_form.tags | {"other"}


def example(language: str, category: str) -> int:
    """The least whole number that takes a form."""
    form = locale_of(language).plural_form
    return next(number for number in _SAMPLES if form(number) == category)


def slots(language: str, formula: str) -> tuple[str, ...]:
    """The form that each of gettext's numbered plurals stands for. Raises `ValueError` for a formula that is none."""
    place, form = gettext.c2py(formula), locale_of(language).plural_form
    found: dict[int, str] = {}
    for number in _SAMPLES:
        found.setdefault(place(number), form(number))
    return tuple(found[index] for index in sorted(found))


def plural_header(language: str) -> tuple[str, tuple[str, ...]]:
    """What a PO file says of its plurals, and the form that each of them stands for.

    As gettext has it; where that leaves out a form of the language's whole numbers (Hebrew's two), as CLDR has it.
    """
    from babel.messages.catalog import Catalog
    from babel.plural import to_gettext

    catalog = Catalog(locale=str(locale_of(language)))
    named = slots(language, catalog.plural_expr)
    if set(named) >= set(categories(language)):
        return catalog.plural_forms, named
    header = to_gettext(locale_of(language).plural_form)
    return header, slots(language, header.partition("plural=")[2].rstrip(";"))


def forms_in(text: str) -> Iterator[list[str]]:
    """The names of the forms of each call of `plural` that a text writes out."""
    for start, end in spans_in(text) if "plural(" in text else ():
        for call in _CALL.finditer(text[start:end]):
            yield [name[1:-1] for name, _ in _ENTRY.findall(call[2])]


def plural_in(text: str) -> Plural | None:
    """A text by its plural forms; None when it has none, or says more by them than whole texts can."""
    pieces: list[str | dict[str, str]] = []
    numbers: set[str] = set()
    at = 0
    for start, end in spans_in(text) if "plural(" in text else ():
        call = _CALL.fullmatch(text[start:end].strip())
        if call is None or not _is_one_argument(call[1]):
            continue
        forms = {_unquoted(name): _unquoted(form) for name, form in _ENTRY.findall(call[2])}
        if (
            None in forms
            or any(form is None or "{{" in form for form in forms.values())
            or "other" not in forms
        ):
            return None
        pieces += [text[at : start - 2], {str(name): str(form) for name, form in forms.items()}]
        numbers.add(call[1].strip())
        at = end + 2
    pieces.append(text[at:])
    plain = [piece for piece in pieces if isinstance(piece, str)]
    if len(numbers) != 1 or any("#" in piece for piece in plain):
        return None
    names = list(dict.fromkeys(name for piece in pieces if isinstance(piece, dict) for name in piece))
    return Plural(
        numbers.pop(),
        {
            name: "".join(one if isinstance(one, str) else one.get(name, one["other"]) for one in pieces)
            for name in names
        },
    )


def joined(number: str, forms: Mapping[str, str]) -> str:
    """One text of the whole texts by form; the last one stands for `other` if that is missing. Raises `FormsDiffer`."""
    full = {**forms, "other": forms.get("other", list(forms.values())[-1])}
    apart = {name: _cut(form) for name, form in full.items()}
    inserts = [parts[1::2] for parts in apart.values()]
    if any(one != inserts[0] for one in inserts):
        raise FormsDiffer
    made: list[str] = []
    for place, inserted in enumerate([*inserts[0], ""]):
        made += [_segment(number, {name: parts[2 * place] for name, parts in apart.items()}), inserted]
    return "".join(made)


def alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts (variants) say the same, however their plural forms are written."""
    return len(one) == len(other) and all(
        a == b or _essence(a) == _essence(b) for a, b in zip(one, other, strict=True)
    )


def told_by(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether all that `part` says, `whole` says too: gettext shows two forms of a source text, whatever it has."""
    return len(part) == len(whole) and all(
        a == b or _within(plural_in(a), plural_in(b)) for a, b in zip(part, whole, strict=True)
    )


def _within(part: Plural | None, whole: Plural | None) -> bool:
    if part is None or whole is None or part.number != whole.number:
        return False
    return all(whole.form(name) == form for name, form in part.forms.items())


def _essence(text: str) -> object:
    found = plural_in(text)
    return text if found is None else found.essence()


def _cut(text: str) -> list[str]:
    """Words and what is inserted between them in turn, beginning and ending with words."""
    parts: list[str] = []
    at = 0
    for start, end in spans_in(text):
        parts += [text[at : start - 2], text[start - 2 : end + 2]]
        at = end + 2
    return [*parts, text[at:]]


def _segment(number: str, words: Mapping[str, str]) -> str:
    """Words that may differ by form: what all share before and after, and the forms between."""
    said = list(words.values())
    before = _begin_alike([one.partition("#")[0] for one in said])
    if all(one == before for one in said):
        return before
    before = before[: max(before.rfind(" "), before.rfind("\n")) + 1]
    rest = [one[len(before) :] for one in said]
    after = _begin_alike([one.rpartition("#")[2][::-1] for one in rest])[::-1]
    inner = re.search(r"\W", after)
    after = after[inner.start() :] if inner else ""
    end = len(after)
    forms = {name: one[len(before) : len(one) - end] for name, one in words.items()}
    listed = ", ".join(f"{_quoted(name)}: {_quoted(form)}" for name, form in forms.items())
    return f"{before}{{{{ plural({number}, {{{listed}}}) }}}}{after}"


def _begin_alike(texts: Sequence[str]) -> str:
    least, most = min(texts), max(texts)
    end = next((at for at, char in enumerate(least) if not most.startswith(char, at)), len(least))
    return least[:end]


def _is_one_argument(source: str) -> bool:
    depth = 0
    for found in _OUTSIDE.finditer(source):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(found[0], 0)
        if depth < 0 or (found[0] == "," and depth == 0):
            return False
    return depth == 0


def _unquoted(literal: str) -> str | None:
    """What a string literal says; None where it has escapes that a text has no need of."""
    inner = literal[1:-1]
    if any(found[1] not in _MEANS for found in _ESCAPE.finditer(inner)):
        return None
    return _ESCAPE.sub(lambda found: _MEANS[found[1]], inner)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"
