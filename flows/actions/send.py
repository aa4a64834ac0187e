"""Say something: a text, a file, a place, a contact card, a reaction, or a text with a link button."""

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from flows.action import Action, LocalText, Move, Template, action, ui
from flows.context import Context
from flows.wording import worded
from schemas.capabilities import utf16_length
from schemas.effects import Effect, Say
from schemas.messages import ContactCard, Contacts, LinkButton, Location, Media, Reaction

UNCAPTIONED = ("audio", "sticker")  # no channel shows a text on these


class File(BaseModel):
    """A file that the channel fetches from a public address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["image", "video", "audio", "document", "sticker"] = ui(
        "Kind",
        names={
            "image": "Image",
            "video": "Video",
            "audio": "Audio",
            "document": "Document",
            "sticker": "Sticker",
        },
    )
    link: Template = ui("Web address")
    caption: LocalText = ui("Caption", default="")
    filename: Template = ui("File name", default="")
    voice: bool = ui("As a voice note", default=False)

    @model_validator(mode="after")
    def _is_heard(self) -> "File":
        if self.voice and self.kind != "audio":
            raise ValueError(worded("only audio can be a voice note"))
        return self


class Place(BaseModel):
    """A point on the map."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude: float = ui("Latitude", ge=-90, le=90)
    longitude: float = ui("Longitude", ge=-180, le=180)
    name: LocalText = ui("Name", default="")
    address: LocalText = ui("Address", default="")


class Card(BaseModel):
    """Somebody whom the contact can save or call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Template = ui("Name", min_length=1)
    phones: list[Template] = ui("Phone numbers", default=list[str])
    emails: list[Template] = ui("E-mail addresses", default=list[str])
    organization: Template = ui("Organization", default="")

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Card":
        if not self.phones and not self.emails:
            raise ValueError(worded("a card needs a phone number or an e-mail address"))
        return self


class Link(BaseModel):
    """A button below the text that opens a web address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: LocalText = ui("Label")
    url: Template = ui("Web address")


@action
class Send(Action):
    """Say something and go on.

    Example:
        action: send
        with: {text: {en: "Hi {{ contact.name }}!", it: "Ciao {{ contact.name }}!"}}
    """

    sends: ClassVar[bool] = True

    text: LocalText | None = ui("Text", widget="textarea", default=None)
    file: File | None = ui("File", default=None)
    location: Place | None = ui("Place", default=None)
    card: Card | None = ui("Contact card", default=None)
    reaction: Template = ui("Reaction to the last message", default="", help="An emoji")
    link: Link | None = ui("Link button", default=None)
    frame: str = ui("Header and footer", widget="frame", default="")
    typing: bool = ui("Show typing first", default=False)

    @model_validator(mode="after")
    def _says_something(self) -> "Send":
        if self.text is None and not (self.file or self.location or self.card or self.reaction):
            raise ValueError(worded("nothing to send: give a text, a file, a location, a card or a reaction"))
        if self.link is not None and self.text is None:
            raise ValueError(worded("a link button needs a text above it"))
        if self.frame and self.text is None:
            raise ValueError(worded("a frame needs a text in it"))
        return self

    def enter(self, ctx: Context) -> Move:
        effects: list[Effect] = []
        if self.reaction and ctx.heard and ctx.capabilities.reaction:
            effects.append(Say(Reaction(ctx.render(self.reaction), ctx.heard)))
        if self.file is not None:
            effects.extend(self._file(ctx, self.file))
        if self.location is not None:
            place = self.location
            name, address = ctx.text(place.name), ctx.text(place.address)
            if ctx.capabilities.location:
                effects.append(Say(Location(place.latitude, place.longitude, name, address)))
            else:
                where = f"https://maps.google.com/?q={place.latitude},{place.longitude}"
                effects.extend(ctx.say("\n".join(line for line in (name, address, where) if line)))
        if self.card is not None:
            effects.extend(self._card(ctx, self.card))
        if self.text is not None:
            effects.extend(ctx.framed(self._words(ctx, ctx.text(self.text)), self.frame))
        if self.typing and effects and isinstance(effects[0], Say):
            effects[0] = replace(effects[0], typing=True)
        return Move(effects=effects, leaves="")

    def _words(self, ctx: Context, text: str) -> list[Effect]:
        if self.link is None:
            return ctx.say(text)
        label, url = ctx.text(self.link.label), ctx.render(self.link.url)
        can = ctx.capabilities
        if utf16_length(label) > can.link_label or utf16_length(text) > can.button_text:
            return ctx.say(f"{text}\n\n{label}: {url}")
        return [Say(LinkButton(text, label, url))]

    def _file(self, ctx: Context, file: File) -> list[Effect]:
        """The file; a caption that the channel cannot carry on it comes after it, as a text."""
        link, caption = ctx.render(file.link), ctx.text(file.caption)
        if file.kind not in ctx.capabilities.media:
            return ctx.say("\n".join(line for line in (caption, link) if line))
        fits = file.kind not in UNCAPTIONED and utf16_length(caption) <= ctx.capabilities.caption
        shown, filename = caption if fits else "", ctx.render(file.filename)
        media = Media(file.kind, caption=shown, filename=filename, link=link, voice=file.voice)
        return [Say(media), *([] if fits else ctx.say(caption))]

    def _card(self, ctx: Context, card: Card) -> list[Effect]:
        """The card; where the channel has none, its lines as a text."""
        name, organization = ctx.render(card.name), ctx.render(card.organization)
        phones = tuple(phone for phone in map(ctx.render, card.phones) if phone)
        emails = tuple(email for email in map(ctx.render, card.emails) if email)
        if ctx.capabilities.contacts:
            return [Say(Contacts((ContactCard(name, phones, emails, organization),)))]
        return ctx.say("\n".join(line for line in (name, organization, *phones, *emails) if line))
