"""What a request's body may hold."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """The base of what is sent to us: a key that is not described is refused, since it would do nothing.

    What is open by nature (an event's data, a channel's settings, a contact's fields) is a `dict` in it.
    """

    model_config = ConfigDict(extra="forbid")
