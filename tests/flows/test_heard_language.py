"""In which language a contact writes: what is told, what is left open, and that nothing is told wrongly."""

import subprocess
import sys

import pytest

from flows import bot, heard_language
from flows.checking import check
from flows.world import World

BOT: dict[str, bytes | str] = {
    "bot.yaml": "{chatloom: bot/v1, id: b, languages: [en, it], detect_language: true, flows: [f]}",
    "flows/f.yaml": "{chatloom: flow/v1, id: f, triggers: [{message: {words: [go]}}], steps: [{id: s, action: send, with: {text: {en: Hi, it: Ciao}}}]}",
}

SPOKEN = ["en", "it", "es", "fr", "de", "pt", "nl", "pl", "ru", "ar", "he", "zh", "ja"]

PHRASES = {
    "en": [
        "good morning",
        "I would like to book an appointment",
        "how much is it?",
        "what are your opening hours",
        "are you open tomorrow",
        "thank you very much",
        "can you help me please",
    ],
    "it": [
        "buongiorno",
        "Vorrei prenotare un appuntamento",
        "Salve, vorrei informazioni sui prezzi",
        "non ho capito",
        "ho bisogno di aiuto",
        "mi potete aiutare per favore",
    ],
    "es": ["Hola, quiero pedir una cita", "buenos días"],
    "fr": ["Bonjour, je voudrais un rendez-vous"],
    "de": ["Guten Tag, ich hätte gerne einen Termin"],
    "pt": ["Olá, gostaria de marcar uma consulta"],
    "nl": ["Hallo, ik wil graag een afspraak maken"],
    "pl": ["Dzień dobry, chciałbym umówić wizytę"],
    "ru": ["Здравствуйте, хочу записаться"],
    "ar": ["مرحبا أريد حجز موعد"],
    "he": ["שלום אני רוצה לקבוע תור"],
    "zh": ["你好，我想预约"],
    "ja": ["こんにちは、予約したいです"],
    # Too little to go by. Italian ones of two or three words are among them: the library is not sure of those either.
    "": [
        *("ok", "si", "no", "Hello", "ciao", "info", "menu", "12345", "👍👍👍", "", "Anna", "Mario Rossi"),
        *("anna@example.com", "https://www.example.com/prenota/appuntamento", "+39 333 1234567"),
        *("Pizza Margherita", "hahahaha", "quanto costa?", "siete aperti domani", "grazie mille"),
    ],
}


@pytest.mark.parametrize(
    ("language", "said"), [(language, said) for language, all_said in PHRASES.items() for said in all_said]
)
def test_a_phrase(language: str, said: str) -> None:
    assert heard_language.heard_language(said, SPOKEN) == language


def test_where_the_library_has_no_build_nothing_is_told_and_the_check_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heard_language, "INSTALLED", False)
    assert heard_language.heard_language("Vorrei prenotare un appuntamento", SPOKEN) == ""
    assert [one.code for one in check(bot.load(BOT), World())] == ["F124"]


def test_the_library_is_loaded_by_the_first_message_that_is_asked_about() -> None:
    asked = """
import sys
import flows.heard_language as heard
before = "pycld2" in sys.modules
heard.heard_language("ok", ["en", "it"])
print(before, "pycld2" in sys.modules, heard.heard_language("thank you very much", ["en", "it"]))
"""
    heard = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert heard.stdout.split() == ["False", "False", "en"]
