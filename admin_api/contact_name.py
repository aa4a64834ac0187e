"""How a caller names a contact."""

import re
from typing import Annotated

from pydantic import Field

from admin_api.input import Input
from schemas.messages import Identity


def identity(kind: str, value: str) -> Identity:
    """As channels write it: of a phone number the digits alone."""
    return Identity(kind, re.sub(r"\D", "", value) if kind == "phone" else value)


class NamedIn(Input):
    """A contact by a name that a channel gives him: `phone` (with country code), `bsuid`, `lid`, `username`, `web`."""

    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["phone"])]
    value: Annotated[str, Field(min_length=1, max_length=200, examples=["+39 333 1234567"])]

    def identity(self) -> Identity:
        """As channels write it."""
        return identity(self.kind, self.value)
