"""What a channel can show and carry, as data: the numbers that fitting, lint and the editor's limits use.

Lengths are counted in UTF-16 code units, the most careful reading of the vendors' pages.
Each driver states its own `Capabilities` with the vendor's page beside each figure.
"""

from dataclasses import dataclass

from schemas.messages import MediaKind


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The limits of one channel. Zero means "the channel has no such thing".

    `tracker` says that a status report names our own message id, so a send that a crash left open settles
    by itself; `own_message_id` that a repeated send under the same id shows once. `free_text_hours`: so long after
    the contact's last message he may be written to freely, later only by a template.
    """

    channel: str
    text: int = 4096
    caption: int = 1024
    buttons: int = 0
    button_title: int = 0
    button_text: int = 0
    list_rows: int = 0
    list_sections: int = 0
    list_title: int = 0
    list_description: int = 0
    list_text: int = 0
    list_open_label: int = 0
    section_title: int = 0
    choice_id: int = 256
    header: int = 60
    footer: int = 60
    link_label: int = 0
    media: frozenset[MediaKind] = frozenset()
    media_bytes: tuple[tuple[MediaKind, int], ...] = ()
    location: bool = False
    contacts: bool = False
    reaction: bool = False
    template: bool = False
    free_text_hours: int = 0
    forms: bool = False
    typing: bool = False
    read_mark: bool = False
    tracker: bool = False
    own_message_id: bool = False
    sends_per_s: float | None = None
    pair_interval_s: float | None = None
    pair_burst: int = 1


def utf16_length(text: str) -> int:
    """How long a channel counts `text`, in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
