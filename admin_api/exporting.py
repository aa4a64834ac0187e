"""What can be exported, and what a job is told of it."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from admin_api.input import Input
from store.admin import bots, numbers
from store.admin.desk import Session

KIND = "export"
Name = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]+$")]


class ExportWhat(Input):
    """What to export. `conversations`: a row a message; `contacts`: a row a contact; `data`: a row a run that ended."""

    what: Literal["conversations", "contacts", "data"]
    format: Literal["csv", "jsonl", "parquet"] = "csv"
    number: Name | None = Field(None, description="Name or id; left out: all. Not for contacts.")
    bot: Name | None = Field(None, description="Name; left out: all. For data only.")

    @model_validator(mode="after")
    def _narrowed_only_where_it_can_be(self) -> Self:
        """Who asks for some of it must not get all of it."""
        if self.number and self.what == "contacts":
            raise ValueError("contacts are the workspace's, not a number's: leave `number` out")
        if self.bot and self.what != "data":
            raise ValueError("only data is a bot's: leave `bot` out")
        return self


async def args_of(db: Session, body: ExportWhat) -> dict[str, Any]:
    """What a job is told of it. Raises `NotFound`."""
    number = await numbers.named(db, body.number) if body.number else None
    bot = await bots.named(db, body.bot) if body.bot else None
    return {
        "what": body.what,
        "format": body.format,
        "number": number and number.name,
        "number_id": number and str(number.id),
        "bot": bot and bot.name,
        "bot_id": bot and str(bot.id),
    }
