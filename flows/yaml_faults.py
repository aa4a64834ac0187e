"""What PyYAML says of a file that it cannot read, in an author's words.

Source: libyaml 0.2.5, scanner.c, parser.c and reader.c; a test holds this against the library that is installed.
"""

from collections.abc import Mapping
from typing import Final

import yaml
from yaml.reader import ReaderError

from flows.wording import Wording, worded

_LEVEL: Final = worded(
    "this does not fit what stands above it: look at the indentation, the dashes and the quotes"
)
_END: Final = worded("a quote is opened and never closed")
_NO_VALUE: Final = worded(
    "a value is missing here, or stands unquoted with a character that means something else"
)
_DIRECTIVE: Final = worded("a line that begins with % is not one that YAML knows")
_TAG: Final = worded("a tag (what begins with !) is not written as YAML wants it")
_NAME: Final = worded("a name must follow here: put a text that begins with & or * in quotes")
_ESCAPE: Final = worded(
    "a \\ in double quotes is not followed by what YAML knows: write \\\\ or use single quotes"
)
_BLOCK: Final = worded("after | or > nothing else may stand on the line")
_TAB: Final = worded("a tab indents this line: use spaces")
_KEY: Final = worded(
    "a key and its value cannot begin here: look at the indentation, or quote a text that holds a colon"
)
_SECOND: Final = worded("a second document begins")
_ENCODING: Final = worded("this is not UTF-8 text")

PROBLEMS: Final[Mapping[str, Wording]] = {
    "did not find expected key": _LEVEL,
    "did not find expected '-' indicator": _LEVEL,
    "did not find expected ',' or ']'": worded(
        "a list in [ ] has no comma between two items, or is never closed"
    ),
    "did not find expected ',' or '}'": worded(
        "a mapping in { } has no comma between two keys, or is never closed"
    ),
    "did not find expected node content": _NO_VALUE,
    "found character that cannot start any token": worded(
        "no value can begin with this character, and no line with a tab: put a text in quotes, and indent with spaces"
    ),
    "found unexpected ':'": worded("a colon stands where none can: put the text in quotes"),
    "could not find expected ':'": worded("a colon is missing after a key: write key: value"),
    "mapping values are not allowed in this context": _KEY,
    "mapping keys are not allowed in this context": _KEY,
    "block sequence entries are not allowed in this context": worded(
        "a list begins on a line of its own: - item"
    ),
    "found unexpected end of stream": _END,
    "found unexpected document indicator": _END,
    "found unknown escape character": _ESCAPE,
    "did not find expected hexdecimal number": _ESCAPE,
    "found invalid Unicode character escape code": _ESCAPE,
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "found an indentation indicator equal to 0": _BLOCK,
    "did not find expected comment or line break": _BLOCK,
    "did not find expected alphabetic or numeric character": _NAME,
    "found undefined alias": _NAME,
    "found duplicate anchor; first occurrence": _NAME,
    "did not find expected <document start>": worded(
        "what came before has ended, and this does not belong to it"
    ),
    "did not find expected <stream-start>": _SECOND,
    "expected a single document in the stream": _SECOND,
    "found undefined tag handle": _TAG,
    "did not find URI escaped octet": _TAG,
    "did not find expected '!'": _TAG,
    "did not find expected tag URI": _TAG,
    "did not find expected whitespace or line break": _TAG,
    "did not find the expected '>'": _TAG,
    "found an incorrect leading UTF-8 octet": _TAG,
    "found an incorrect trailing UTF-8 octet": _TAG,
    "could not find expected directive name": _DIRECTIVE,
    "did not find expected digit or '.' character": _DIRECTIVE,
    "did not find expected version number": _DIRECTIVE,
    "did not find expected whitespace": _DIRECTIVE,
    "found duplicate %TAG directive": _DIRECTIVE,
    "found duplicate %YAML directive": _DIRECTIVE,
    "found extremely long version number": _DIRECTIVE,
    "found incompatible YAML document": _DIRECTIVE,
    "found unexpected non-alphabetical character": _DIRECTIVE,
    "found unknown directive name": _DIRECTIVE,
    "control characters are not allowed": worded("it is a control character, which nobody sees: delete it"),
    "invalid Unicode character": _ENCODING,
    "invalid leading UTF-8 octet": _ENCODING,
    "invalid length of a UTF-8 sequence": _ENCODING,
    "invalid trailing UTF-8 octet": _ENCODING,
    "incomplete UTF-8 octet sequence": _ENCODING,
    "incomplete UTF-16 character": _ENCODING,
    "incomplete UTF-16 surrogate pair": _ENCODING,
    "unexpected low surrogate area": _ENCODING,
}


def said(fault: yaml.MarkedYAMLError) -> Wording:
    """What is wrong."""
    return _words(str(fault.problem or fault.context or ""))


def of_character(fault: ReaderError) -> Wording:
    """Why a character cannot stand in a file."""
    return _words(str(fault.reason))


def _words(problem: str) -> Wording:
    return PROBLEMS.get(problem) or worded("the file cannot be read here: “{theirs}”", theirs=problem)
