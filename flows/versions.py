"""The language's own versions: a document names its own, as in `chatloom: flow/v1`.

What would read otherwise, or no longer, in older documents makes a new version of their kind. It brings one function,
which turns a document of the version before into one of it: plain values in, plain values out, nothing else looked at.
So all that comes after the loader knows the newest version alone. A function is never changed again once a release had
it. What it moves is shown in the file where the nearest thing around it stands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from flows.diagnostic import Diagnostic, error
from flows.document import Source
from flows.wording import worded

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Final[Mapping[str, tuple[Upgrade, ...]]] = {
    "bot": (),
    "flow": (),
    "action": (),
    "stubs": (),
    "texts": (),
}
"""By kind of document: the functions that make a v2 of a v1, a v3 of a v2, and so on."""

_NAMED = re.compile(r"([a-z]+)/v([1-9]\d{0,5})")


def newest(source: Source, upgrades: Mapping[str, tuple[Upgrade, ...]] = UPGRADES) -> Source | Diagnostic:
    """The document in its kind's newest version; a diagnostic if it is of one that this release does not know."""
    document = cast("dict[str, Any]", source.value)
    named = _NAMED.fullmatch(str(document.get("chatloom")))
    if named is None or named[1] not in upgrades:
        return source
    kind, version, steps = named[1], int(named[2]), upgrades[named[1]]
    last = len(steps) + 1
    if version > last:
        message = worded(
            "this release of Chatloom reads {kind}/v{last} and older, not {kind}/v{version}",
            kind=kind,
            last=last,
            version=version,
        )
        hint = worded(
            "update Chatloom: the release that made {kind}/v{version} reads it, and all later ones",
            kind=kind,
            version=version,
        )
        return error("F009", message, source.place("/chatloom"), hint)
    for place, upgrade in enumerate(steps[version - 1 :], version + 1):
        document = {**upgrade(document), "chatloom": f"{kind}/v{place}"}
    return source if version == last else replace(source, value=document)
