"""How the emulator says no."""

from tests.whatsapp.binary import Malformed, Node

BAD_REQUEST, NOT_AUTHORIZED, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, CONFLICT = 400, 401, 403, 404, 405, 409
NOT_IMPLEMENTED = 501
BAD_MESSAGE = 479  # the error of an acknowledgement for a message that the server does not take


class Refused(Exception):
    """What a client asked is refused: a code as WhatsApp's, and why, for the test's reader."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


class Closed(Exception):
    """A login is refused; `last` is what the client is told."""

    def __init__(self, why: str, last: Node) -> None:
        super().__init__(why)
        self.last = last


def require(condition: object, why: str) -> None:
    """Raises Malformed unless `condition` holds."""
    if not condition:
        raise Malformed(why)
