"""The documents of a bot folder, as an author writes them: `bot.yaml`, one flow a file, one test a file.

These models say which keys there are and of what shape; what only the whole bot can tell (does that step
exist, does this expression fit its data) is `flows.check`'s. The parameters of an action live in its own
file under `flows/actions/`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
NAME = r"^[a-z][a-z0-9_]{0,63}$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
BotName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG)]


def _variants(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


Variants = Annotated[list[Annotated[str, Field(coerce_numbers_to_str=True)]], BeforeValidator(_variants)]

# A text as authors write it: one string, variants, or either by language.
TextDocument = str | list[str] | dict[LanguageTag, str | list[str]]


Defaultable = Literal["timeout", "cancelled", "failed", "undelivered"]


class Document(BaseModel):
    """The common ground of all documents: no unknown keys, never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Expiring(Document):
    """A timeout that counts from the last answer (`resets`) rather than from entering the step."""

    after: str = Field(description="How long, for example 30m")
    resets: bool = False


class StepDocument(Document):
    """One step: an action, what it is given, and where each of its outcomes leads."""

    id: Name
    action: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    then: dict[str, str] = Field(default_factory=dict, description="Outcome to step")
    next: str | None = Field(default=None, description="The step after this one, or stop")
    timeout: str | Expiring | None = None
    note: str = Field(default="", description="For colleagues")
    disabled: bool = False


class TriggerDocument(Document):
    """What starts a flow: one trigger kind with its parameters, and whether it may interrupt another run."""

    model_config = ConfigDict(extra="allow", frozen=True)

    interrupt: bool = False


class DataDocument(Document):
    """What a flow collects: a JSON Schema 2020-12 and hints for how it is asked and shown."""

    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    ui_schema: dict[str, Any] = Field(default_factory=dict)


class FlowDocument(Document):
    """One flow."""

    chatloom: Literal["flow/v1"]
    id: Name
    title: TextDocument = ""
    triggers: list[TriggerDocument] = Field(default_factory=list[TriggerDocument])
    data: DataDocument = Field(default_factory=DataDocument)
    defaults: dict[Defaultable, str] = Field(default_factory=dict[Defaultable, str])
    steps: list[StepDocument] = Field(min_length=1)


class Admission(Document):
    """Who is served at all: the others get the flow `else`."""

    when: str
    else_: str = Field(alias="else")


class GlobalWords(Document):
    """Words that work anywhere, whole and in any case. What is left out keeps its default."""

    opt_out: list[str] | dict[LanguageTag, list[str]] | None = None
    start: list[str] | dict[LanguageTag, list[str]] | None = None
    restart: list[str] | dict[LanguageTag, list[str]] | None = None
    person: list[str] | dict[LanguageTag, list[str]] | None = None


class ContactDocument(Document):
    """Which contact fields this bot reads and writes, each with its JSON Schema."""

    fields: dict[Name, dict[str, Any]] = Field(default_factory=dict)


class FrameDocument(Document):
    """A header and a footer that steps put around their texts."""

    header: TextDocument = ""
    footer: TextDocument = ""


class CoverageDocument(Document):
    """How much of a bot its tests must reach for it to be published, in percent."""

    steps: float = Field(default=0, ge=0, le=100)
    outcomes: float = Field(default=0, ge=0, le=100)
    languages: float = Field(default=0, ge=0, le=100)


class BotDocument(Document):
    """`bot.yaml`."""

    chatloom: Literal["bot/v1"]
    id: BotName
    title: TextDocument = ""
    languages: list[LanguageTag] = Field(default_factory=lambda: ["en"], min_length=1)
    timezone: str = "UTC"
    opening_hours: dict[str, str | list[str]] = Field(
        default_factory=dict[str, str | list[str]],
        description="By weekday (mon, mon-fri) or date (2026-12-25), in the bot's time zone: "
        "9:00-13:00, 14:00-18:00, or closed",
    )
    flows: list[Name] = Field(min_length=1, description="In this order their triggers are tried")
    fallback: Name | None = Field(default=None, description="The flow for what nothing else takes")
    contact: ContactDocument = Field(default_factory=ContactDocument)
    words: GlobalWords = Field(default_factory=GlobalWords)
    team: str = Field(default="", description="Who gets a conversation when a contact asks for a person")
    admit: Admission | None = None
    burst: str | None = Field(default=None, description="How long to wait for more text, for example 1500ms")
    expire_after: str | None = "24h"
    on_expire: Name | None = Field(default=None, description="The flow that runs when a run expires")
    on_publish: Literal["pin", "restart", "migrate"] = Field(
        default="pin", description="What becomes of open runs, unless a publish says otherwise"
    )
    sentences: dict[str, TextDocument] = Field(
        default_factory=dict, description="The engine's own sentences, in the bot's words"
    )
    texts: dict[Name, TextDocument] = Field(
        default_factory=dict, description="Snippets that any text inserts: {{ texts.name }}"
    )
    frames: dict[Name, FrameDocument] = Field(
        default_factory=dict, description="Headers and footers that `send` and `menu` put around their texts"
    )
    channels: list[str] = Field(default_factory=list, description="Channels to check texts against")
    coverage: CoverageDocument = Field(default_factory=CoverageDocument)


class ActionDocument(Document):
    """`actions/<name>.yaml`: a custom action as the workspace declares it, for a folder that is looked at elsewhere."""

    chatloom: Literal["action/v1"]
    name: Name
    title: str = ""
    description: str = ""
    input_schema: dict[str, Any] = Field(
        description="Of type object: each property is a key of a step's `with`"
    )
    ui_schema: dict[str, Any] = Field(default_factory=dict)
    outcomes: list[Name] = Field(min_length=1, max_length=20)
    result_schema: dict[str, Any] | None = Field(
        default=None, description="Of `data` in an answer; null: any"
    )
    answer_within_s: float = Field(default=3600, gt=0, description="Seconds that an answer may take to come")


class StubDocument(Document):
    """What a call is answered in tests and chats: a webhook by `returns`, a custom action by `outcome` and `data`,
    either by `fails`; `after` says how long that takes."""

    returns: dict[str, Any] | None = None
    fails: str | None = None
    outcome: str | None = None
    data: Any = None
    after: str = ""


def _successive(value: Any) -> Any:
    return [value] if isinstance(value, dict | StubDocument) else value


# What answers the calls of a step (`step` or `flow.step`) or of a custom action; a list: one call after the other.
Stubs = dict[str, Annotated[list[StubDocument], Field(min_length=1), BeforeValidator(_successive)]]


class StubsDocument(Document):
    """`stubs.yaml`: what answers calls in all tests of a bot, and in chats."""

    chatloom: Literal["stubs/v1"]
    stubs: Stubs


class ConversationTest(Document):
    """One conversation test: who talks, what is said, what must hold at the end."""

    test: str
    at: str = "2026-01-01T09:00:00Z"
    contact: dict[str, Any] = Field(default_factory=dict)
    channel: str = "cloud_api"
    stubs: Stubs = Field(default_factory=dict, description="Answers of calls, before those of stubs.yaml")
    talk: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    expect: dict[str, Any] = Field(default_factory=dict)
