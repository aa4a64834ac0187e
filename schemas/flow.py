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
    resets: bool = Field(default=False, description="Count from the last answer")


class StepDocument(Document):
    """One step: an action, what it is given, and where each of its outcomes leads."""

    id: Name = Field(description="Unique in its flow; what `next` and `then` name")
    action: str = Field(description="What it does: a built-in action, or a custom one")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="What the action takes")
    then: dict[str, str] = Field(default_factory=dict, description="Outcome to step")
    next: str | None = Field(default=None, description="The step after this one, or stop")
    timeout: str | Expiring | None = Field(
        default=None, description="How long a step that waits waits, for example 30m"
    )
    note: str = Field(default="", description="For colleagues")
    disabled: bool = Field(default=False, description="Pass over it")


class TriggerDocument(Document):
    """What starts a flow: one trigger kind with its parameters, and whether it may interrupt another run."""

    model_config = ConfigDict(extra="allow", frozen=True)

    interrupt: bool = Field(default=False, description="Fire while another run waits, which goes on after")


class DataDocument(Document):
    """What a flow collects: a JSON Schema 2020-12 and hints for how it is asked and shown."""

    schema_: dict[str, Any] = Field(
        default_factory=dict,
        alias="schema",
        description="JSON Schema of an object; titles may be by language",
    )
    ui_schema: dict[str, Any] = Field(
        default_factory=dict, description="Hints by property: ui:prompt, ui:help, ui:enumNames, ui:order, …"
    )


class FlowDocument(Document):
    """One flow."""

    chatloom: Literal["flow/v1"] = Field(description="The version of the language")
    id: Name = Field(description="What `bot.yaml` and calls name")
    title: TextDocument = Field(default="", description="For people")
    triggers: list[TriggerDocument] = Field(
        default_factory=list[TriggerDocument], description="What starts it, beside calls and `fallback`"
    )
    data: DataDocument = Field(default_factory=DataDocument, description="What it collects")
    defaults: dict[Defaultable, str] = Field(
        default_factory=dict[Defaultable, str],
        description="Where an outcome leads that a step does not map: timeout, cancelled, failed, undelivered",
    )
    steps: list[StepDocument] = Field(min_length=1, description="From top to bottom")


class Admission(Document):
    """Who is served at all: the others get the flow `else`."""

    when: str = Field(description="An expression of the contact")
    else_: str = Field(alias="else", description="The flow for the others")


class GlobalWords(Document):
    """Words that work anywhere, whole and in any case. What is left out keeps its default."""

    opt_out: list[str] | dict[LanguageTag, list[str]] | None = Field(
        default=None, description="One confirmation, then silence"
    )
    start: list[str] | dict[LanguageTag, list[str]] | None = Field(
        default=None, description="Ends the silence"
    )
    restart: list[str] | dict[LanguageTag, list[str]] | None = Field(default=None, description="Ends the run")
    person: list[str] | dict[LanguageTag, list[str]] | None = Field(
        default=None, description="Gives the contact to the team"
    )


class ContactDocument(Document):
    """Which contact fields this bot reads and writes, each with its JSON Schema."""

    fields: dict[Name, dict[str, Any]] = Field(default_factory=dict, description="JSON Schema by field")


class FrameDocument(Document):
    """A header and a footer that steps put around their texts."""

    header: TextDocument = Field(default="", description="Above the text")
    footer: TextDocument = Field(default="", description="Below it")


class CoverageDocument(Document):
    """How much of a bot its tests must reach for it to be published, in percent."""

    steps: float = Field(default=0, ge=0, le=100)
    outcomes: float = Field(default=0, ge=0, le=100)
    languages: float = Field(default=0, ge=0, le=100)


class BotDocument(Document):
    """`bot.yaml`."""

    chatloom: Literal["bot/v1"] = Field(description="The version of the language")
    id: BotName = Field(description="For people and logs; the server names a bot by its folder")
    title: TextDocument = Field(default="", description="For people")
    languages: list[LanguageTag] = Field(
        default_factory=lambda: ["en"], min_length=1, description="The first is the one to fall back to"
    )
    detect_language: bool = Field(
        default=False,
        description="Take the language of a contact who has none from his first messages, once one is surely in it",
    )
    timezone: str = Field(default="UTC", description="For dates of contacts without one: Europe/Rome")
    opening_hours: dict[str, str | list[str]] = Field(
        default_factory=dict[str, str | list[str]],
        description="By weekday (mon, mon-fri) or date (2026-12-25), in the bot's time zone: "
        "9:00-13:00, 14:00-18:00, or closed",
    )
    flows: list[Name] = Field(min_length=1, description="In this order their triggers are tried")
    fallback: Name | None = Field(default=None, description="The flow for what nothing else takes")
    contact: ContactDocument = Field(default_factory=ContactDocument, description="What it keeps of contacts")
    words: GlobalWords = Field(default_factory=GlobalWords, description="Words that work anywhere")
    team: str = Field(default="", description="Who gets a conversation when a contact asks for a person")
    admit: Admission | None = Field(default=None, description="Who is served at all")
    burst: str | None = Field(default=None, description="How long to wait for more text, for example 1500ms")
    expire_after: str | None = Field(default="24h", description="A run that waits longer is over")
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


class TranslationDocument(Document):
    """A translation, and the source text that it was made from."""

    from_: str | list[str] = Field(alias="from")
    to: str | list[str]


class TextsDocument(Document):
    """`texts/<language>.yaml`: translations that stand apart, each by the place of the text that it translates."""

    chatloom: Literal["texts/v1"]
    texts: dict[str, str | list[str] | TranslationDocument] = Field(
        default_factory=dict[str, str | list[str] | TranslationDocument],
        description="For example flows/intake/steps/hi/with/text: steps go by their ids",
    )


class StubDocument(Document):
    """What a call is answered in tests and chats: a webhook by `returns`, a custom action by `outcome` and `data`,
    either by `fails`; `after` says how long that takes."""

    returns: dict[str, Any] | None = None
    fails: str | None = None
    outcome: str | None = None
    data: Any = None
    after: str = ""


# What answers the calls of a step (`step` or `flow.step`) or of a custom action; a list: one call after the other.
Stubs = dict[str, StubDocument | Annotated[list[StubDocument], Field(min_length=1)]]


class StubsDocument(Document):
    """`stubs.yaml`: what answers calls in all tests of a bot, and in chats."""

    chatloom: Literal["stubs/v1"]
    stubs: Stubs


class BeginDocument(Document):
    """Where a talk begins that no trigger begins: at a step of a flow, with what the flow's data holds by then."""

    flow: str = Field(description="The flow")
    step: str = Field(default="", description="The step; left out: the flow's first")
    data: dict[str, Any] = Field(default_factory=dict, description="Of the flow, by field")


class ConversationTest(Document):
    """One conversation test: who talks, what is said, what must hold at the end."""

    test: str = Field(description="What it shows")
    at: str = Field(default="2026-01-01T09:00:00Z", description="When it begins; `after` moves the clock")
    contact: dict[str, Any] = Field(default_factory=dict, description="Who talks: name, language, fields")
    channel: str = Field(default="cloud_api", description="What the channel can show")
    begin: BeginDocument | None = Field(
        default=None, description="The step that it begins at; left out: what is said first begins it"
    )
    stubs: Stubs = Field(default_factory=dict, description="Answers of calls, before those of stubs.yaml")
    talk: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]], description="One thing a line: user, bot, webhook, after, …"
    )
    expect: dict[str, Any] = Field(
        default_factory=dict,
        description="At the end: ended, how, result, data, contact, at, handed_off, note, task",
    )
