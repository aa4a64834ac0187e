"""Translations as translators' tools hold them: gettext PO, XLIFF 1.2, and a table as CSV.

Each variant of a text is a unit of its own, `key#2` the second one. A unit holds its source text, so that what comes
back tells what it was made from.

Sources: the GNU gettext manual, "PO Files"; OASIS XLIFF 1.2; RFC 4180.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from xml.etree import ElementTree

import yaml
from babel.messages import pofile
from babel.messages.catalog import Catalog

from flows.catalogue import Entry
from flows.translations import as_written
from schemas.flow import TextsDocument, TranslationDocument
from schemas.problems import Refused

Format = Literal["po", "xliff", "csv"]
SUFFIXES: Final[Mapping[str, Format]] = {".po": "po", ".xlf": "xliff", ".xliff": "xliff", ".csv": "csv"}
MOST_BYTES: Final = 5 * 1024 * 1024
_NS: Final = "urn:oasis:names:tc:xliff:document:1.2"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("key", "state", "source")


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
    name: str
    source: str
    target: str
    state: str


def written(entries: Iterable[Entry], form: Format, first: str, languages: Iterable[str]) -> bytes:
    """The texts with their translations as a file; PO and XLIFF hold one language, the first of `languages`."""
    into = list(languages)
    match form:
        case "po":
            return _po(entries, into[0])
        case "xliff":
            return _xliff(entries, first, into[0])
        case "csv":
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
        case "csv":
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
        same = entry.texts.get(one.language) == one.texts
        source = one.source or entry.source
        if not same or (one.confirmed and entry.made_from.get(one.language, entry.source) != source):
            yield entry, one


def _plain(value: str | list[str] | TranslationDocument) -> Any:
    return {"from": value.from_, "to": value.to} if isinstance(value, TranslationDocument) else value


# Units.


def _units(entry: Entry, language: str) -> Iterable[_Unit]:
    targets, state = entry.texts.get(language, ()), entry.state(language)
    for place in range(max(len(entry.source), len(targets))):
        source = entry.source[min(place, len(entry.source) - 1)] if entry.source else ""
        target = targets[place] if place < len(targets) else ""
        yield _Unit(entry.key if place == 0 else f"{entry.key}#{place + 1}", source, target, state)


def _together(units: Iterable[_Unit], language: str, form: str) -> list[Given]:
    """The units of a language as translations; those without a target say nothing."""
    found: dict[str, list[_Unit]] = {}
    for unit in units:
        found.setdefault(unit.name.partition("#")[0], []).append(unit)
    if not language and found:
        raise TranslationsUnfit(format=form, why="it does not say into which language; name it")
    return [
        Given(
            key,
            language,
            tuple(dict.fromkeys(unit.source for unit in given if unit.source)),
            tuple(unit.target for unit in given if unit.target),
            confirmed=form != "csv",
        )
        for key, given in found.items()
        if any(unit.target for unit in given)
    ]


# PO.


def _po(entries: Iterable[Entry], language: str) -> bytes:
    catalog = Catalog(locale=language.replace("-", "_"), fuzzy=False)
    for entry in entries:
        for unit in _units(entry, language):
            catalog.add(
                unit.source,
                unit.target,
                locations=[(entry.file, entry.line)],
                flags=["fuzzy"] if unit.state == "stale" else [],
                previous_id=list(entry.made_from.get(language, ())) if unit.state == "stale" else [],
                context=unit.name,
            )
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=0, include_previous=True, omit_header=True)
    headers = {
        "Language": str(catalog.locale_identifier),
        "Plural-Forms": catalog.plural_forms,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }  # babel's own hold the time, so that the same texts would never give the same file
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in headers.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + out.getvalue()


def _read_po(text: str, language: str) -> list[Given]:
    try:
        catalog = pofile.read_po(io.BytesIO(text.encode()), abort_invalid=True)
    except (pofile.PoFileError, ValueError, LookupError) as error:
        raise TranslationsUnfit(format="po", why=str(error)) from error
    named = language or (catalog.locale_identifier or "").replace("_", "-")
    units = [
        _Unit(message.context, str(message.id), str(message.string or ""), "")
        for message in catalog
        if message.context
        and not message.fuzzy
        and isinstance(message.id, str)
        and isinstance(message.string, str)
    ]
    return _together(units, named, "po")


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
        for unit in _units(entry, language):
            made = ElementTree.SubElement(
                bodies[entry.file],
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
            _Unit(unit.get("id", ""), _inner(unit, "source"), _inner(unit, "target"), "")
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
        by_language = {language: list(_units(entry, language)) for language in languages}
        for place in range(max([len(entry.source), *map(len, by_language.values())])):
            name = entry.key if place == 0 else f"{entry.key}#{place + 1}"
            source = entry.source[place] if place < len(entry.source) else ""
            targets = [units[place].target if place < len(units) else "" for units in by_language.values()]
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
            [_Unit(one.get("key", ""), one.get("source", ""), one.get(language, ""), "") for one in lines],
            language,
            "csv",
        )
    ]


def _delimiter(text: str) -> str:
    """Spreadsheets of many countries write semicolons."""
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","
