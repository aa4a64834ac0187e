"""Settings that every channel has: how fast we may send and how fast a contact may write.

`SendPolicy` is for channels where a number is a person's account, and is banned when it behaves like a machine.
"""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def ui(help: str, **hints: Any) -> dict[str, Any]:
    """The `ui:` hints of a setting, as its JSON Schema's extra keys."""
    return {"ui:help": help, **{f"ui:{name}": hint for name, hint in hints.items()}}


class ChannelSettings(BaseModel):
    """What an operator may set for a number on any channel. A driver adds its own in a subclass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    throttle: Annotated[int, Field(ge=1)] | Literal["off"] = Field(
        10,
        title="Messages a minute from one contact",
        json_schema_extra=ui(
            "Beyond this the bot answers once, then stays silent for a while. `off`: no limit."
        ),
    )
    max_sends: Annotated[float, Field(gt=0)] | Literal["off"] = Field(
        80,
        title="Sends a second",
        json_schema_extra=ui("The most that this number sends, over all conversations. `off`: no limit."),
    )
    pair_limit: Literal["on", "off"] = Field(
        "on",
        title="Keep the channel's pace to one contact",
        json_schema_extra=ui("Waits where the channel limits how often one contact may be written to."),
    )
    settle_after: Annotated[float, Field(gt=0)] = Field(
        20,
        title="Seconds to wait for an open send",
        json_schema_extra=ui(
            "After a crash or a broken connection a message may have gone out or not. "
            "It is sent again if no delivery report has named it by then."
        ),
    )


_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_Hours = Annotated[str, StringConstraints(pattern=f"^({_CLOCK}-{_CLOCK}|off)$")]


def _is_a_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; one is called like Europe/Rome") from None
    return name


class SendPolicy(BaseModel):
    """How a number keeps from looking like a machine. It lowers the risk of a ban, and does not remove it."""

    policy: Literal["on", "off"] = Field(
        "on",
        title="Send policy",
        json_schema_extra=ui(
            "`off`: none of what follows holds, and everything is sent at once. For tests only: it gets numbers banned."
        ),
    )
    first_messages: Literal["refuse", "allow"] = Field(
        "refuse",
        title="Writing first",
        json_schema_extra=ui(
            "`refuse`: the number only replies. `allow`: it may write to contacts who never wrote, or not for long, "
            "within the daily budget."
        ),
    )
    known_days: int = Field(
        30,
        ge=1,
        le=3650,
        title="Days for which a contact who wrote is known",
        json_schema_extra=ui(
            "After that many days without a word from a contact, writing to him is writing first."
        ),
    )
    new_contacts: int = Field(
        20,
        ge=0,
        le=10_000,
        title="New contacts a day",
        json_schema_extra=ui(
            "To how many new contacts a day the number may write first; more wait for the next day."
        ),
    )
    warm_up_days: int = Field(
        14,
        ge=0,
        le=365,
        title="Days of warm-up",
        json_schema_extra=ui(
            "The daily budget grows from little to the whole in so many days. 0: the whole at once."
        ),
    )
    spacing: float = Field(
        1.0,
        ge=0,
        le=3600,
        title="Seconds between messages to one contact",
        json_schema_extra=ui("The least time from one message to a contact to the next."),
    )
    quiet_hours: _Hours = Field(
        "21:00-08:00",
        title="Quiet hours",
        json_schema_extra=ui(
            "What is no answer, such as a reminder, waits until they are over, in the contact's time zone. `off`: never."
        ),
    )
    timezone: Annotated[str, AfterValidator(_is_a_zone)] = Field(
        "UTC",
        title="Time zone",
        json_schema_extra=ui("Where the number's day begins, and for contacts whose own zone is not known."),
    )
    manners: Literal["on", "off"] = Field(
        "on",
        title="Read and type before a reply",
        json_schema_extra=ui(
            "A reply is preceded by a read mark, a pause, and typing as long as its text takes."
        ),
    )
    unconfirmed: Literal["mark", "resend", "off"] = Field(
        "mark",
        title="Messages without a delivery report",
        json_schema_extra=ui(
            "When none came though the contact was active afterwards. `mark`: shown as unconfirmed. `resend`: also "
            "sent again, once. `off`: not looked for."
        ),
    )
