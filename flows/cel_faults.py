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
    if "token recognition error at: '='" in said or "token recognition error at: '= '" in said:
        return "E001", worded("'=' compares nothing"), worded("write '=='"), ""
    if said.startswith("Syntax error: "):
        short = said.removeprefix("Syntax error: ").partition(" expecting ")[0].replace("'<EOF>'", "the end")
        return "E001", worded("the expression cannot be read: {cel_problem}", cel_problem=short), NO_WORDS, ""
    plain = _STRUCT.sub(lambda name: scope.paths[name[1]], said)
    return "E001", worded("{cel_problem}", cel_problem=plain), NO_WORDS, ""


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a line and a column, which count from 1."""
    lines = text.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
