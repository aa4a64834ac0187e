"""Problems: every way in which Chatloom says no, with a stable code, a sentence and its facts.

Three families, by whose fault it is: `Misuse` (ours: a bug), `Refused` (the person or the flow asked
for something impossible), `Outside` (a vendor or the network; may be tried again).
A subclass sets `code` (dotted, never changed once released), `status` (HTTP) and `sentence`, a format
string over the facts that it is raised with.

Source of the wire form: RFC 9457, "Problem Details for HTTP APIs".
"""

from typing import Any, ClassVar


class Problem(Exception):
    """One thing that went wrong, named. `facts` fill the sentence and travel in the problem document."""

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    sentence: ClassVar[str] = "{why}"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))

    def document(self) -> dict[str, Any]:
        """The RFC 9457 problem document: `type`, `title`, `status`, `detail`, `code` and the facts."""
        return {
            "type": f"https://chatloom.dev/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": str(self),
            "code": self.code,
            **{name: fact for name, fact in self.facts.items() if name not in ("status", "title", "detail")},
        }


class Misuse(Problem):
    """Our own fault: a broken invariant. Crash loudly."""

    code = "misuse"


class Refused(Problem):
    """The caller, the operator or the flow asked for what cannot be. Says what to do instead."""

    code = "refused"
    status = 400
    title = "That is not possible"


class Outside(Problem):
    """A vendor, the network or a server beside us failed. May work later."""

    code = "outside"
    status = 502
    title = "Another system did not answer as it should"


class NotFound(Refused):
    """No such thing, or not yours to see."""

    code = "not_found"
    status = 404
    title = "Not found"
    sentence = "There is no {what} {name!r}."
