"""Messages, neutral of any channel: what people send us and what we send them.

One frozen dataclass a kind, told apart by `kind`. Drivers translate a vendor's payload to these and back;
`flows/fit.py` turns a `Menu` into what a channel can show, so that drivers only serialize.
`codec` reads and writes any of them as JSON.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

JsonValue = Any  # what JSON can hold; pydantic's own recursive type is slow to validate


@dataclass(frozen=True, slots=True)
class Text:
    """Words. `preview` asks the channel to show a preview of the first link."""

    text: str
    preview: bool = False
    kind: Literal["text"] = "text"


MediaKind = Literal["image", "video", "audio", "document", "sticker"]


@dataclass(frozen=True, slots=True)
class Media:
    """A file. `state` says whether its bytes are with us: `pending` (a fetch is due), `ready`, `gone`.

    `ref` is our content address when ready; `provider_ref` the vendor's id to fetch it by; `link` a public
    URL that the channel may fetch it from.
    """

    kind: MediaKind
    mime: str = ""
    caption: str = ""
    filename: str = ""
    state: Literal["pending", "ready", "gone"] = "pending"
    ref: str = ""
    provider_ref: str = ""
    link: str = ""
    sha256: str = ""
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the map, WGS 84 degrees."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""
    kind: Literal["location"] = "location"


@dataclass(frozen=True, slots=True)
class ContactCard:
    """One person on a contact card."""

    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Contacts:
    """One or more contact cards."""

    contacts: tuple[ContactCard, ...]
    kind: Literal["contacts"] = "contacts"


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message, by the provider's id of that message; an empty emoji takes it back."""

    emoji: str
    to_provider_id: str
    kind: Literal["reaction"] = "reaction"


@dataclass(frozen=True, slots=True)
class Choice:
    """A tap on a button, a list row or a template's button. `id` is what we (or the template) gave it."""

    id: str
    title: str
    description: str = ""
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class FormReply:
    """A filled-in WhatsApp Flow."""

    values: dict[str, JsonValue]
    name: str = ""
    kind: Literal["form"] = "form"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order."""

    product_id: str
    quantity: float
    price: float
    currency: str


@dataclass(frozen=True, slots=True)
class Order:
    """A cart sent from the channel's catalogue."""

    catalog_id: str
    items: tuple[OrderItem, ...]
    text: str = ""
    kind: Literal["order"] = "order"


@dataclass(frozen=True, slots=True)
class System:
    """The channel tells something about the contact, for example a changed number."""

    what: str
    text: str = ""
    new_identity: str = ""
    kind: Literal["system"] = "system"


@dataclass(frozen=True, slots=True)
class Edited:
    """The contact changed the words of a message; `text` is what it says now."""

    to_provider_id: str
    text: str
    kind: Literal["edited"] = "edited"


@dataclass(frozen=True, slots=True)
class Deleted:
    """The contact took a message back."""

    to_provider_id: str
    kind: Literal["deleted"] = "deleted"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The channel delivered something that it, or we, cannot read. `what` names it as the vendor does."""

    what: str
    why: str = ""
    kind: Literal["unsupported"] = "unsupported"


Content = Annotated[
    Text
    | Media
    | Location
    | Contacts
    | Reaction
    | Choice
    | FormReply
    | Order
    | System
    | Edited
    | Deleted
    | Unsupported,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Identity:
    """One way in which a channel names a person: `phone` (E.164 digits), `lid`, `bsuid`, `username`, `web`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a contact, as a driver read it.

    `identities` names the sender, best first; `sent_at` is the provider's time; `reply_to` the provider's
    id of the quoted message; `profile_name` what the sender calls himself. In a group, `identities` names the
    group (kind `group`) and `participant` who wrote.
    """

    provider_id: str
    sent_at: dt.datetime
    identities: tuple[Identity, ...]
    content: Content
    profile_name: str = ""
    reply_to: str = ""
    participant: Identity | None = None


@dataclass(frozen=True, slots=True)
class FromOwner:
    """A message that the number's owner typed on a phone of his own, to the contact that `to` names."""

    provider_id: str
    sent_at: dt.datetime
    to: tuple[Identity, ...]
    content: Content


@dataclass(frozen=True, slots=True)
class Button:
    """One choice as shown: its id comes back in `Choice.id`."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of list rows."""

    rows: tuple[Button, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Text with up to a few reply buttons."""

    text: str
    buttons: tuple[Button, ...]
    header: str = ""
    footer: str = ""
    kind: Literal["buttons"] = "buttons"


@dataclass(frozen=True, slots=True)
class ListMenu:
    """Text with a button that opens a list of rows."""

    text: str
    open_label: str
    sections: tuple[Section, ...]
    header: str = ""
    footer: str = ""
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class LinkButton:
    """Text with a button that opens a web address."""

    text: str
    label: str
    url: str
    header: str = ""
    footer: str = ""
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Text with a button that opens a form which the channel shows itself: a published WhatsApp Flow.

    `form` is the channel's id of it, `screen` its first one. `token` comes back in the `FormReply`'s values, as
    `flow_token`.
    """

    text: str
    label: str
    form: str
    screen: str
    token: str
    kind: Literal["open_form"] = "open_form"


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template by name and language, with its components as the vendor's API takes them."""

    name: str
    language: str
    components: tuple[dict[str, JsonValue], ...] = ()
    kind: Literal["template"] = "template"


Outgoing = Annotated[
    Text | Media | Location | Contacts | Reaction | Buttons | ListMenu | LinkButton | OpenForm | Template,
    Field(discriminator="kind"),
]

content_codec: TypeAdapter[Content] = TypeAdapter(Content)
inbound_codec: TypeAdapter[Inbound] = TypeAdapter(Inbound)
outgoing_codec: TypeAdapter[Outgoing] = TypeAdapter(Outgoing)


def plain_text(content: "Content | Outgoing") -> str:
    """The words of a message as a person would read them aloud: body, caption, choice title, place name."""
    match content:
        case Text() | Buttons() | ListMenu() | LinkButton() | OpenForm() | Order() | System() | Edited():
            return content.text
        case Media():
            return content.caption
        case Choice():
            return content.title
        case Location():
            return content.name or content.address
        case Reaction():
            return content.emoji
        case Contacts():
            return ", ".join(card.name for card in content.contacts)
        case FormReply() | Template():
            return content.name
        case Unsupported() | Deleted():
            return ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message on its way out, as the sender hands it to a driver.

    `to` are the contact's identities on this channel, best first. `id` is ours: it travels as the tracker
    or as the message id where the channel allows it. `reply_to` is a provider's id to quote.
    """

    id: str
    to: tuple[Identity, ...]
    body: Outgoing
    reply_to: str = ""
    attempt: int = 1
    extra: dict[str, JsonValue] = field(default_factory=dict[str, Any])
