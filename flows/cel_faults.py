"""What CEL says of an expression that it does not take, in an author's words, with the place and the cure."""

import re
from typing import TYPE_CHECKING, Final

from flows import formats
from flows.cel_literals import Rewritten
from flows.diagnostic import Diagnostic, did_you_mean, error
from flows.place import Place
from flows.types import missing_field
from flows.wording import NO_WORDS, Wording, worded

if TYPE_CHECKING:
    from flows.cel import Scope

FAULT: Final = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(\d+):(\d+): (.*)$", re.MULTILINE)
_FIELD: Final = re.compile(r"undefined field '(.*)' not found in struct '(?:chatloom\.types\.)?(.*)'")
_UNDECLARED: Final = re.compile(r"undeclared reference to '(.*)' \(in container '.*'\)")
OVERLOAD: Final = re.compile(r"found no matching overload for '(.*)' applied to '\((.*)\)'")
_STRUCT: Final = re.compile(r"chatloom\.types\.(T\d+)")
_UNKNOWN_SIGN: Final = re.compile(r"Syntax error: token recognition error at: '(.*)'")
_MISPLACED: Final = re.compile(
    r"Syntax error: (?:mismatched input|extraneous input|no viable alternative at input) '(.*?)'(?: expecting (.*))?$"
)
_LACKING: Final = re.compile(r"Syntax error: missing (.*) at '.*'$")
_RESERVED: Final = re.compile(r"reserved identifier: (\w+)")
_NO_FIELDS: Final = re.compile(r"expression of type '(.*)' cannot be the operand of a select operation")
_NO_RANGE: Final = re.compile(r"expression of type '(.*)' cannot be the range of a comprehension")
_NO_NAME: Final = re.compile(r"(\w+)\(\) variable name must be a simple identifier")
_ONE_SIGN: Final = 3
_INSTEAD: Final = {
    "and": worded("write '&&'"),
    "or": worded("write '||'"),
}
FUNCTIONS: Final = (
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "double",
    "string",
    "bool",
    "timestamp",
    "duration",
    "has",
    "all",
    "exists",
    "filter",
    "map",
    "orValue",
    "hasValue",
    "lowerAscii",
    "upperAscii",
    "trim",
    "replace",
    "split",
    "join",
    "substring",
    "indexOf",
    "format",
    "getHours",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfWeek",
    "secret",
    *formats.FUNCTIONS,
)


def mixes_numbers(said: str) -> bool:
    """Whether an operator was given a whole number and one that need not be."""
    return bool(re.search(r"\bdouble\b", said) and re.search(r"\bint\b", said))


def explained(said: str, written: Rewritten, text: str, scope: "Scope", place: Place) -> Diagnostic:
    """What CEL said of an expression, for its author, with the place that it is about."""
    found = FAULT.search(said)
    if not found:
        why = worded("it is nested too deeply") if "recursion" in said else worded("it cannot be read")
        return error("E001", worded("the expression does not compile: {why}", why=why), place)
    offset = written.offset(offset_of(written.text, int(found[1]), int(found[2])))
    code, message, hint, name = _reworded(found[3], scope)
    if name:
        near = text.rfind(name, 0, offset + len(name)) if code == "E003" else text.find(name, offset)
        offset = near if near >= 0 else offset
    return error(code, message, place.after(text, offset), hint)


def _reworded(said: str, scope: "Scope") -> tuple[str, Wording, Wording, str]:
    """Code, sentence, hint and the name to point at."""
    if found := _FIELD.match(said):
        owner = scope.paths.get(found[2], found[2])
        return (
            "E002",
            worded("{owner} has no field {name!r}", owner=owner, name=found[1]),
            missing_field(found[2], scope.structures, found[1]),
            found[1],
        )
    if found := _UNDECLARED.match(said):
        name = found[1].partition(".")[0]
        near = did_you_mean(name, [*scope.variables, *FUNCTIONS])
        return "E003", worded("nothing is called {name!r}", name=name), near, name
    if found := OVERLOAD.match(said):
        kinds = _STRUCT.sub(lambda name: scope.paths[name[1]], found[2])
        kinds = re.sub(r"wrapper\((\w+)\)", r"\1", kinds)
        operator = found[1].strip("_@").replace("_", " ").strip()
        hint = worded("write double(…) around the integer") if mixes_numbers(kinds) else NO_WORDS
        return (
            "E004",
            worded("{operator!r} does not work on ({kinds})", operator=operator, kinds=kinds),
            hint,
            "",
        )
    plain = _STRUCT.sub(lambda name: scope.paths[name[1]], said)
    return "E001", *_unreadable(re.sub(r"wrapper\((\w+)\)", r"\1", plain)), ""


def _unreadable(said: str) -> tuple[Wording, Wording]:
    """Sentence and hint of what its parser (ANTLR) and the macros say, which have no list of their faults."""
    if found := _UNKNOWN_SIGN.match(said):
        sign = found[1].strip()
        if sign[:1] in ("'", '"'):
            return worded("a text is not closed, or holds a \\ that means nothing"), NO_WORDS
        if sign == "=":
            return worded("'=' compares nothing"), worded("write '=='")
        double = worded("write '{sign}{sign}'", sign=sign) if sign in ("&", "|") else NO_WORDS
        return worded("{sign!r} means nothing in an expression", sign=sign), double
    if found := _MISPLACED.match(said):
        return _misplaced(found[1], found[2] or "")
    if found := _LACKING.match(said):
        return worded("{key} is missing", key=found[1]), NO_WORDS
    if found := _RESERVED.match(said):
        return worded("the word {name!r} is kept for CEL itself: choose another", name=found[1]), NO_WORDS
    if found := _NO_FIELDS.match(said):
        return worded("a value of type {kind!r} has no fields", kind=found[1]), NO_WORDS
    if found := _NO_RANGE.match(said):
        return worded("a value of type {kind!r} cannot be gone through", kind=found[1]), NO_WORDS
    if found := _NO_NAME.match(said):
        return worded("{macro}() takes a plain name first, for each value", macro=found[1]), NO_WORDS
    if said.startswith("has() argument must be"):
        return worded("has() takes a field, as in has(data.size)"), NO_WORDS
    if said.startswith(("invalid int literal", "invalid uint literal")):
        return worded("a number is beyond 64 bits"), NO_WORDS
    if said.startswith(("Invalid string literal", "Invalid bytes literal")):
        return worded("a text is not closed, or holds a \\ that means nothing"), NO_WORDS
    return worded("the expression is not valid: “{theirs}”", theirs=said), NO_WORDS


def _misplaced(sign: str, wanted: str) -> tuple[Wording, Wording]:
    if sign == "<EOF>" and len(wanted) <= _ONE_SIGN:
        return worded("{key} is missing", key=wanted), NO_WORDS
    if sign == "<EOF>":
        return worded("the expression ends too early"), NO_WORDS
    hint = _INSTEAD.get(sign, NO_WORDS)
    return worded("{sign!r} does not belong here", sign=sign), hint


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a line and a column, which count from 1."""
    lines = text.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
