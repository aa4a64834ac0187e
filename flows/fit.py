"""Fitting: what a channel can show of what a bot wants to say.

A menu becomes reply buttons, a list, pages of a list, or numbered text; a long text becomes several. It is
done here, not in the drivers, because matching the answer "2" must know what was shown.
Lengths are counted in UTF-16 units (`schemas.capabilities`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flows.direction import numbered
from schemas.capabilities import Capabilities, utf16_length
from schemas.messages import Button, Buttons, LinkButton, ListMenu, Outgoing, Section, Text

As = Literal["auto", "buttons", "list", "text"]
MORE = "(more)"  # the key of the row that opens a list's next page; no choice can be called so


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a menu, in words for this contact. `id` comes back when it is tapped."""

    key: str
    id: str
    title: str
    description: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The messages that show a menu, and how many pages it takes."""

    messages: tuple[Outgoing, ...]
    pages: int = 1


def fit_text(text: str, capabilities: Capabilities) -> tuple[Text, ...]:
    """A text in pieces that the channel takes, cut at a paragraph, a line, a sentence or a word if it can."""
    pieces: list[Text] = []
    while utf16_length(text) > capabilities.text:
        head = _head(text, capabilities.text)
        if head.strip():
            pieces.append(Text(head.rstrip()))
        text = text[len(head) :].lstrip()
    if text or not pieces:
        pieces.append(Text(text))
    return tuple(pieces)


def fit_frame(
    messages: Sequence[Outgoing], header: str, footer: str, capabilities: Capabilities
) -> tuple[Outgoing, ...]:
    """What says a text, between a header and a footer: in their own places, else as lines of the text."""
    first = messages[0] if len(messages) == 1 else None
    if isinstance(first, Buttons | ListMenu | LinkButton):
        if utf16_length(header) <= capabilities.header and utf16_length(footer) <= capabilities.footer:
            return (replace(first, header=header, footer=footer),)
        above, below = (fit_text(text, capabilities) if text else () for text in (header, footer))
        return (*above, first, *below)
    texts = [body.text for body in messages if isinstance(body, Text)]
    return fit_text("\n\n".join(text for text in (header, *texts, footer) if text), capabilities)


def fit_menu(
    text: str,
    options: Sequence[Option],
    capabilities: Capabilities,
    *,
    how: As = "auto",
    open_label: str = "",
    more: Option | None = None,
    page: int = 0,
) -> Fitted:
    """A menu as the channel can show it. `more` is the row that opens the next page of a long list."""
    buttons = fit_buttons(text, options, capabilities, how)
    if buttons is not None:
        return Fitted((buttons,))
    if how != "text" and _list_holds(text, options, open_label, capabilities):
        return _as_list(text, options, capabilities, open_label, more, page)
    return Fitted(tuple(fit_text(_numbered(text, options), capabilities)))


def fit_buttons(
    text: str, options: Sequence[Option], capabilities: Capabilities, how: As = "auto"
) -> Buttons | None:
    """A menu as reply buttons, if the channel can show it so."""
    if how in ("auto", "buttons") and _buttons_hold(text, options, capabilities):
        return Buttons(text, tuple([Button(option.id, option.title) for option in options]))
    return None


def _buttons_hold(text: str, options: Sequence[Option], capabilities: Capabilities) -> bool:
    if not 0 < len(options) <= capabilities.buttons or utf16_length(text) > capabilities.button_text:
        return False
    most = capabilities.button_title
    for option in options:  # noqa: SIM110  twice as quick as `all`, and each menu comes by here
        if option.description or utf16_length(option.title) > most:
            return False
    return True


def _list_holds(text: str, options: Sequence[Option], open_label: str, capabilities: Capabilities) -> bool:
    return (
        len(options) > 0
        and capabilities.list_rows > 1
        and utf16_length(text) <= capabilities.list_text
        and utf16_length(open_label) <= capabilities.list_open_label
        and all(
            utf16_length(option.title) <= capabilities.list_title
            and utf16_length(option.description) <= capabilities.list_description
            and utf16_length(option.section) <= capabilities.section_title
            for option in options
        )
    )


def _as_list(
    text: str,
    options: Sequence[Option],
    capabilities: Capabilities,
    open_label: str,
    more: Option | None,
    page: int,
) -> Fitted:
    rows = capabilities.list_rows
    if len(options) <= rows or more is None:
        shown, pages = list(options[:rows]), 1
        if len(options) > rows:
            return Fitted(tuple(fit_text(_numbered(text, options), capabilities)))
    else:
        size = rows - 1
        pages = -(-len(options) // size)
        start = (page % pages) * size
        shown = list(options[start : start + size])
        shown.append(replace(more, section=shown[-1].section))
    titles = list(dict.fromkeys(option.section for option in shown))
    sections = tuple(
        Section(
            tuple(Button(o.id, o.title, o.description) for o in shown if o.section == title),
            title,
        )
        for title in titles
    )
    return Fitted((ListMenu(text, open_label, sections),), pages)


def _numbered(text: str, options: Sequence[Option]) -> str:
    above = text or " ".join(option.title for option in options)
    lines = [
        numbered(option.title + (f" – {option.description}" if option.description else ""), place, above)
        for place, option in enumerate(options, start=1)
    ]
    return "\n".join([text, "", *lines] if text else lines)


def _head(text: str, limit: int) -> str:
    """The longest good beginning of `text` within `limit` UTF-16 units."""
    end = units = 0
    while end < len(text) and (units := units + (2 if ord(text[end]) > 0xFFFF else 1)) <= limit:
        end += 1
    head = text[: max(end, 1)]
    for mark in ("\n\n", "\n", ". ", " "):
        cut = head.rfind(mark)
        if cut > end // 2:
            return head[: cut + len(mark)]
    return head
