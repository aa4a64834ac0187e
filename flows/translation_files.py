"""Translations as translators' tools hold them: gettext PO, XLIFF 1.2, and a table as CSV.

Each variant of a text is a unit of its own, `key#2` the second one. A unit holds its source text, so that what comes
back tells what it was made from. A text with plural forms is a unit for each form that the language has, named by the
number and the form, `key#plural(data.n)[few]`; in PO they are one message with numbered plurals, in XLIFF a group.

Sources: the GNU gettext manual, "PO Files"; OASIS XLIFF 1.2 and its representation guide for gettext PO; RFC 4180.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final, Literal
from xml.etree import ElementTree

import yaml
from babel.messages import pofile
from babel.messages.catalog import Catalog

from flows.catalogue import Entry
from flows.plurals import (
    FormsDiffer,
    Plural,
    alike,
    categories,
    joined,
    plural_header,
    plural_in,
    slots,
    told_by,
)
from flows.translations import as_written
from schemas.flow import TextsDocument, TranslationDocument
from schemas.problems import Refused

Format = Literal["po", "xliff", "csv"]
SUFFIXES: Final[Mapping[str, Format]] = {".po": "po", ".xlf": "xliff", ".xliff": "xliff", ".csv": "csv"}
MOST_BYTES: Final = 5 * 1024 * 1024
_NS: Final = "urn:oasis:names:tc:xliff:document:1.2"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("key", "state", "source")
_NAME: Final = re.compile(r"([^#]*)(?:#(\d+))?(?:#plural\((.*)\)(?:\[([a-z]+|=[^]]*)\])?)?", re.DOTALL)


class TranslationsUnfit(Refused):
    """A file of translations cannot be read."""

    code = "texts.unfit"
    status = 422
    title = "These translations cannot be read"
    sentence = "The file is no {format} with translations: {why}."


@dataclass(frozen=True, slots=True)
class Given:
    """A translation as a file brings it. `source` is the text that it was made from; empty: the file does not say.

    `confirmed`: one that was stale, and comes back as it was, is right as it is.
    """

    key: str
    language: str
    source: tuple[str, ...]
    texts: tuple[str, ...]
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class _Unit:
    """One variant of a text, `base`; with a `number` one of its plural forms. `pair`: the source of one and of many."""

    base: str
    source: str
    target: str
    state: str
    number: str = ""
    form: str = ""
    pair: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """What it is called in a file."""
        return f"{self.base}#plural({self.number})[{self.form}]" if self.number else self.base


def written(entries: Iterable[Entry], form: Format, first: str, languages: Iterable[str]) -> bytes:
    """The texts with their translations as a file; PO and XLIFF hold one language, the first of `languages`."""
    into = list(languages)
    match form:
        case "po":
            return _po(entries, into[0])
        case "xliff":
            return _xliff(entries, first, into[0])
        case _:  # CSV
            return _csv(entries, into)


def read(data: bytes, form: Format, language: str = "") -> list[Given]:
    """The translations in a file. `language` is theirs where the file does not say. Raises `TranslationsUnfit`."""
    if len(data) > MOST_BYTES:
        raise TranslationsUnfit(format=form, why=f"it has more than {MOST_BYTES // 1024 // 1024} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranslationsUnfit(format=form, why="it is not UTF-8") from error
    match form:
        case "po":
            return _read_po(text, language)
        case "xliff":
            return _read_xliff(text, language)
        case _:  # CSV
            return _read_csv(text)


def apart(known: TextsDocument | None, entries: Iterable[Entry], given: Iterable[Given]) -> tuple[str, int]:
    """`texts/<language>.yaml` with these translations of one language added, and how many are new or differ.

    Those of texts that there are not are left out, and those that the bot has already stay as they are.
    """
    texts = dict(known.texts) if known else {}
    listed = list(entries)
    taken = list(news(listed, given))
    for entry, one in taken:
        texts[one.key] = TranslationDocument.model_validate(
            {"from": as_written(one.source or entry.source), "to": as_written(one.texts)}
        )
    place = {entry.key: number for number, entry in enumerate(listed)}
    ordered = sorted(texts.items(), key=lambda item: place.get(item[0], len(place)))
    document = {"chatloom": "texts/v1", "texts": {key: _plain(value) for key, value in ordered}}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100), len(taken)


def news(entries: Iterable[Entry], given: Iterable[Given]) -> Iterator[tuple[Entry, Given]]:
    """What of the given translations the bot does not have as they are, each with the text that it translates."""
    there = {one.key: one for one in entries}
    for one in given:
        entry = there.get(one.key)
        if entry is None or not any(one.texts):
            continue
        if told_by(one.source, tuple(dict.fromkeys(entry.source))):
            one = replace(one, source=entry.source)
        same = alike(entry.texts.get(one.language, ()), one.texts)
        source = one.source or entry.source
        if not same or (one.confirmed and entry.made_from.get(one.language, entry.source) != source):
            yield entry, one


def _plain(value: str | list[str] | TranslationDocument) -> Any:
    return {"from": value.from_, "to": value.to} if isinstance(value, TranslationDocument) else value


# Units.


def _units(entry: Entry, language: str) -> Iterator[_Unit]:
    targets, state = entry.texts.get(language, ()), entry.state(language)
    for place in range(max(len(entry.source), len(targets))):
        source = entry.source[min(place, len(entry.source) - 1)] if entry.source else ""
        target = targets[place] if place < len(targets) else ""
        base = entry.key if place == 0 else f"{entry.key}#{place + 1}"
        yield from _by_form(base, source, target, state, language) or [_Unit(base, source, target, state)]


def _by_form(base: str, source: str, target: str, state: str, language: str) -> list[_Unit]:
    """The units of a text with plural forms: those that the language has, and what either text has beyond them (`=0`).

    Empty for a text that has none, or whose translation goes by another number.
    """
    own, its = plural_in(source), plural_in(target)
    if own is None or (its is None and "#" in target) or (its is not None and its.number != own.number):
        return []
    its = its or Plural(own.number, {"other": target})
    exact = [form for form in own.forms if form.startswith("=")]
    pair = own.form("one"), own.form("other")
    return [
        _Unit(base, own.form(form), its.form(form), state, own.number, form, pair)
        for form in dict.fromkeys([*categories(language), *exact, *(its.forms if target else ())])
    ]


def _unit(name: str, source: str, target: str) -> _Unit:
    """A unit as a file brings it."""
    found = _NAME.fullmatch(name)
    key, place, number, form = found.groups() if found else (name, None, None, None)
    return _Unit(f"{key}#{place}" if place else str(key), source, target, "", number or "", form or "")


def _together(units: Iterable[_Unit], language: str, form: str) -> list[Given]:
    """The units of a language as translations; those without a target say nothing."""
    found: dict[str, list[_Unit]] = {}
    for unit in units:
        found.setdefault(unit.base.partition("#")[0], []).append(unit)
    if not language and found:
        raise TranslationsUnfit(format=form, why="it does not say into which language; name it")
    given: list[Given] = []
    for key, own in found.items():
        variants = [_whole(list(some), form) for _, some in groupby(own, lambda unit: unit.base)]
        if any(target for _, target in variants):
            sources = tuple(dict.fromkeys(source for source, _ in variants if source))
            targets = tuple(target for _, target in variants if target)
            given.append(Given(key, language, sources, targets, confirmed=form != "csv"))
    return given


def _whole(units: list[_Unit], form: str) -> tuple[str, str]:
    """Source and target of the units of one variant."""
    number = units[0].number
    if not number:
        return units[0].source, units[0].target
    sources = {unit.form: unit.source for unit in units if unit.source}
    targets = {unit.form: unit.target for unit in units if unit.target}
    try:
        return joined(number, sources) if sources else "", joined(number, targets) if targets else ""
    except FormsDiffer:
        why = f"the forms of {units[0].base} insert different values, or the same ones in another order"
        raise TranslationsUnfit(format=form, why=why) from None


# PO.


def _po(entries: Iterable[Entry], language: str) -> bytes:
    catalog = Catalog(locale=language.replace("-", "_"), fuzzy=False)
    header, numbered = plural_header(language)
    catalog.mime_headers = [("Plural-Forms", header)]
    for entry in entries:
        for _, some in groupby(_units(entry, language), lambda unit: unit.base):
            units = list(some)
            stale = units[0].state == "stale"
            marks: dict[str, Any] = {
                "locations": [(entry.file, entry.line)],
                "flags": ["fuzzy"] if stale else [],
                "previous_id": list(entry.made_from.get(language, ())) if stale else [],
            }
            if units[0].number:
                targets = {unit.form: unit.target for unit in units}
                name = f"{units[0].base}#plural({units[0].number})"
                catalog.add(units[0].pair, [targets[form] for form in numbered], context=name, **marks)
                last = targets[numbered[-1]]
                told = {*numbered, "other"} if targets.get("other", last) == last else {*numbered}
                units = [unit for unit in units if unit.form not in told]
            for unit in units:
                catalog.add(unit.source, unit.target, context=unit.name, **marks)
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=0, include_previous=True, omit_header=True)
    headers = {
        "Language": str(catalog.locale_identifier),
        "Plural-Forms": header,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }  # babel's own hold the time, so that the same texts would never give the same file
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in headers.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + out.getvalue()


def _read_po(text: str, language: str) -> list[Given]:
    try:
        catalog = pofile.read_po(io.BytesIO(text.encode()), abort_invalid=True)
        named = language or (catalog.locale_identifier or "").replace("_", "-")
        numbered = slots(named, catalog.plural_expr)
        units = [
            unit
            for message in catalog
            if message.context and not message.fuzzy
            for unit in _of_message(message.context, message.id, message.string or "", numbered)
        ]
    except (pofile.PoFileError, ValueError, LookupError) as error:
        raise TranslationsUnfit(format="po", why=str(error)) from error
    return _together(units, named, "po")


def _of_message(name: str, source: Any, target: Any, numbered: Iterable[str]) -> Iterator[_Unit]:
    if isinstance(source, str):
        yield _unit(name, source, str(target))
        return
    one, many, *_ = source
    yield replace(_unit(name, one, ""), form="one")
    yield replace(_unit(name, many, ""), form="other")
    for form, said in zip(numbered, target, strict=False):
        yield replace(_unit(name, "", said), form=form)


# XLIFF.

_STATES: Final = {
    "translated": "translated",
    "missing": "needs-translation",
    "stale": "needs-review-translation",
    "shared": "needs-translation",
}


def _xliff(entries: Iterable[Entry], first: str, language: str) -> bytes:
    ElementTree.register_namespace("", _NS)
    root = ElementTree.Element(f"{{{_NS}}}xliff", {"version": "1.2"})
    bodies: dict[str, ElementTree.Element] = {}
    for entry in entries:
        if entry.file not in bodies:
            about = {
                "original": entry.file,
                "source-language": first,
                "target-language": language,
                "datatype": "plaintext",
            }
            file = ElementTree.SubElement(root, f"{{{_NS}}}file", about)
            bodies[entry.file] = ElementTree.SubElement(file, f"{{{_NS}}}body")
        group = bodies[entry.file]
        for unit in _units(entry, language):
            if not unit.number:
                group = bodies[entry.file]
            elif group.get("id") != unit.base:
                about = {"id": unit.base, "restype": "x-gettext-plurals"}
                group = ElementTree.SubElement(bodies[entry.file], f"{{{_NS}}}group", about)
            made = ElementTree.SubElement(
                group,
                f"{{{_NS}}}trans-unit",
                {"id": unit.name, "{http://www.w3.org/XML/1998/namespace}space": "preserve"},
            )
            ElementTree.SubElement(made, f"{{{_NS}}}source").text = _xml(unit.source)
            target = ElementTree.SubElement(made, f"{{{_NS}}}target", {"state": _STATES[unit.state]})
            target.text = _xml(unit.target)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(char for char in text if char >= " " or char in "\t\n")


def _read_xliff(text: str, language: str) -> list[Given]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities may grow beyond all bounds
        raise TranslationsUnfit(format="xliff", why="it declares a document type")
    try:
        root = ElementTree.fromstring(text.encode())  # noqa: S314  no entities, bounded
    except ElementTree.ParseError as error:
        raise TranslationsUnfit(format="xliff", why=str(error)) from error
    if root.tag != f"{{{_NS}}}xliff":
        raise TranslationsUnfit(format="xliff", why="it is not XLIFF 1.2")
    found: list[Given] = []
    for file in root.iter(f"{{{_NS}}}file"):
        units = [
            _unit(unit.get("id", ""), _inner(unit, "source"), _inner(unit, "target"))
            for unit in file.iter(f"{{{_NS}}}trans-unit")
            if not _is_stale(unit)
        ]
        found += _together(units, language or file.get("target-language", ""), "xliff")
    return found


def _is_stale(unit: ElementTree.Element) -> bool:
    target = unit.find(f"{{{_NS}}}target")
    return target is not None and target.get("state") == _STATES["stale"]


def _inner(unit: ElementTree.Element, name: str) -> str:
    part = unit.find(f"{{{_NS}}}{name}")
    return "" if part is None else "".join(part.itertext())


# CSV.


def _csv(entries: Iterable[Entry], languages: list[str]) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([*_COLUMNS, *languages])
    for entry in entries:
        states = {language: entry.state(language) for language in languages}
        state = " ".join(f"{language}:{state}" for language, state in states.items() if state != "translated")
        by_language = [{unit.name: unit for unit in _units(entry, language)} for language in languages]
        for name in dict.fromkeys(name for units in by_language for name in units):
            source = next(units[name].source for units in by_language if name in units)
            targets = [units[name].target if name in units else "" for units in by_language]
            rows.writerow([name, state, *map(_cell, (source, *targets))])
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # spreadsheets take it for UTF-8 by this mark


def _cell(text: str) -> str:
    """A spreadsheet would run it as a formula; or it begins with an apostrophe itself."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def _uncell(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith((*_FORMULA, "'")) else text


def _read_csv(text: str) -> list[Given]:
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    except (csv.Error, ValueError) as error:
        raise TranslationsUnfit(format="csv", why=str(error)) from error
    if "key" not in head or "source" not in head:
        raise TranslationsUnfit(format="csv", why="its first row does not name key and source")
    lines = [dict(zip(head, map(_uncell, row), strict=False)) for row in rows]
    return [
        given
        for language in head
        if language and language not in _COLUMNS
        for given in _together(
            [_unit(one.get("key", ""), one.get("source", ""), one.get(language, "")) for one in lines],
            language,
            "csv",
        )
    ]


def _delimiter(text: str) -> str:
    """Spreadsheets of many countries write semicolons."""
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","
