"""Settings that every channel has: how fast we may send and how fast a contact may write."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


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
