"""Two people, one thing: `ETag` says what somebody saw, `If-Match` what he believes that he changes.

Tags are strong and follow from the content, so the same content has the same tag. A change without a tag is
refused (428): nobody overwrites unawares. One with an outdated tag is refused too (412), with what is needed to
merge: `theirs`, what is there now, and `base`, what the tag stood for, if it is still known.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header

from schemas.problems import Refused


class PreconditionMissing(Refused):
    """The request does not say which state it changes."""

    code = "precondition.missing"
    status = 428
    title = "Which state do you change?"
    sentence = "Send the ETag of what you saw as If-Match; for something new send If-None-Match: *."


class PreconditionFailed(Refused):
    """What is to be changed has changed meanwhile. `etag` and `theirs`: what is there; `base`: what was seen."""

    code = "precondition.failed"
    status = 412
    title = "Somebody else changed it"
    sentence = (
        "{what} has changed since you saw it. Merge `theirs` into yours, and send it with If-Match: {etag}"
    )


CONDITIONS = (PreconditionMissing, PreconditionFailed)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a request says of the state that it changes."""

    tags: tuple[str, ...]
    any: bool
    new: bool

    @property
    def given(self) -> bool:
        """Whether the request says anything."""
        return bool(self.tags) or self.any or self.new

    def holds(self, etag: str | None) -> bool:
        """Whether it is true of what has this tag; None: nothing is there. Raises `PreconditionMissing`."""
        if not self.given:
            raise PreconditionMissing
        if self.new:
            return etag is None
        return etag is not None and (self.any or etag in self.tags)

    def require(self, what: str, etag: str | None, theirs: Any = None, base: Any = None) -> None:
        """Raise `PreconditionMissing`, or `PreconditionFailed` with these facts, unless it holds."""
        if not self.holds(etag):
            raise PreconditionFailed(what=what, etag=quoted(etag) if etag else None, theirs=theirs, base=base)


def condition(
    if_match: Annotated[
        str, Header(max_length=500, description="The ETag of what you saw, with its quotes; or `*`.")
    ] = "",
    if_none_match: Annotated[
        str, Header(max_length=500, description="`*`: only if there is nothing yet.")
    ] = "",
) -> Condition:
    """What `If-Match` and `If-None-Match` say. Weak tags match nothing."""
    tags = tuple(
        each.strip()[1:-1]
        for each in if_match.split(",")
        if len(each.strip()) > 2 and each.strip()[0] == each.strip()[-1] == '"'
    )
    return Condition(tags, if_match.strip() == "*", if_none_match.strip() == "*")


IfMatch = Annotated[Condition, Depends(condition)]


def of_text(text: str) -> str:
    """The tag of a text, without quotes."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def of_parts(parts: Iterable[tuple[str, str]]) -> str:
    """The tag of what is made of named parts, from their tags."""
    return of_text("\n".join(f"{tag} {name}" for name, tag in sorted(parts)))


def quoted(etag: str) -> str:
    """As it stands in the header `ETag`."""
    return f'"{etag}"'
