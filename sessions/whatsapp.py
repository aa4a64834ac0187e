"""What a WhatsApp business account can show and carry, however it is reached."""

from schemas.capabilities import Capabilities

_MB = 1024 * 1024

BUSINESS = Capabilities(
    channel="whatsapp",
    # developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages
    text=4096,
    # …/messages/image-messages, video-messages, document-messages; audio and stickers have none
    caption=1024,
    # …/messages/interactive-reply-buttons-messages
    buttons=3,
    button_title=20,
    button_text=1024,
    header=60,
    footer=60,
    # A button's id may have 256 characters, a list row's 200: the smaller, since one text becomes either.
    choice_id=200,
    # …/messages/interactive-list-messages: ten rows in all sections together
    list_rows=10,
    list_sections=10,
    list_title=24,
    list_description=72,
    list_text=4096,
    list_open_label=20,
    section_title=24,
    # …/messages/interactive-cta-url-messages
    link_label=20,
    # …/reference/media#supported-media-types
    media=frozenset({"image", "video", "audio", "document", "sticker"}),
    media_bytes=(
        ("image", 5 * _MB),
        ("video", 16 * _MB),
        ("audio", 16 * _MB),
        ("document", 100 * _MB),
        ("sticker", 100 * 1024),  # static; an animated one may have 500 KB
    ),
    location=True,
    contacts=True,
    reaction=True,
    template=True,
)
