"""The engine's own sentences, by language. A bot overrides any of them under `sentences` in `bot.yaml`.

`{names}` are facts filled in by the engine; a bot's own wording may use the same ones.
"""

from collections.abc import Mapping, Sequence

from flows.direction import isolated
from flows.texts import pick
from schemas.flow import TextDocument

SENTENCES: dict[str, dict[str, str]] = {
    "too_short": {
        "en": "That is too short: please write at least {limit} characters.",
        "it": "È troppo corto: scrivi almeno {limit} caratteri.",
    },
    "too_long": {
        "en": "That is too long: please write at most {limit} characters.",
        "it": "È troppo lungo: scrivi al massimo {limit} caratteri.",
    },
    "wrong_form": {
        "en": "That does not look right. Please check it and write it again.",
        "it": "Non sembra corretto. Controlla e scrivilo di nuovo.",
    },
    "not_text": {
        "en": "Please answer with a text message.",
        "it": "Rispondi con un messaggio di testo.",
    },
    "not_number": {
        "en": "That is not a number. Please write a number, for example 12.",
        "it": "Non è un numero. Scrivi un numero, per esempio 12.",
    },
    "not_integer": {
        "en": "That is not a whole number. Please write one, for example 3.",
        "it": "Non è un numero intero. Scrivine uno, per esempio 3.",
    },
    "too_small": {
        "en": "That is too low: the least is {limit}.",
        "it": "È troppo basso: il minimo è {limit}.",
    },
    "too_large": {
        "en": "That is too high: the most is {limit}.",
        "it": "È troppo alto: il massimo è {limit}.",
    },
    "not_boolean": {
        "en": "Please answer yes or no.",
        "it": "Rispondi sì o no.",
    },
    "not_choice": {
        "en": "I did not find that among the choices. Please pick one of these.",
        "it": "Non l'ho trovato tra le scelte. Scegli una di queste.",
    },
    "not_email": {
        "en": "That is not an e-mail address. Please write it like name@example.com.",
        "it": "Non è un indirizzo e-mail. Scrivilo come nome@example.com.",
    },
    "not_date": {
        "en": "I did not understand the date. Please write it like {example}.",
        "it": "Non ho capito la data. Scrivila come {example}.",
    },
    "not_time": {
        "en": "I did not understand the time. Please write it like 17:30.",
        "it": "Non ho capito l'ora. Scrivila come 17:30.",
    },
    "not_moment": {
        "en": "I did not understand day and time. Please write them like {example}.",
        "it": "Non ho capito giorno e ora. Scrivili come {example}.",
    },
    "not_uri": {
        "en": "That is not a web address. Please write it like https://example.com.",
        "it": "Non è un indirizzo web. Scrivilo come https://example.com.",
    },
    "not_phone": {
        "en": "That is not a phone number. Please write it with its country code, like +39 06 1234 5678.",
        "it": "Non è un numero di telefono. Scrivilo con il prefisso, come +39 06 1234 5678.",
    },
    "not_photo": {"en": "Please send a photo.", "it": "Invia una foto."},
    "not_video": {"en": "Please send a video.", "it": "Invia un video."},
    "not_voice": {"en": "Please send a voice message.", "it": "Invia un messaggio vocale."},
    "not_document": {"en": "Please send a document.", "it": "Invia un documento."},
    "not_file": {"en": "Please send a file.", "it": "Invia un file."},
    "not_location": {"en": "Please send a location.", "it": "Invia una posizione."},
    "too_few": {
        "en": "That is too few: please give at least {limit}.",
        "it": "Sono troppo pochi: indicane almeno {limit}.",
    },
    "too_many": {
        "en": "That is too many: please give at most {limit}.",
        "it": "Sono troppi: indicane al massimo {limit}.",
    },
    "several": {
        "en": "You can choose several: write them in one message, for example “1, 3”.",
        "it": "Puoi sceglierne più di uno: scrivili in un messaggio, per esempio “1, 3”.",
    },
    "all_done": {"en": "That is all", "it": "Basta così"},
    "give_group": {"en": "{title}: do you want to give it?", "it": "{title}: vuoi indicarlo?"},
    "add_first": {"en": "{title}: do you want to add one?", "it": "{title}: vuoi aggiungerne uno?"},
    "add_another": {
        "en": "{title}: do you want to add another?",
        "it": "{title}: vuoi aggiungerne un altro?",
    },
    "copy_last": {"en": "Same again", "it": "Un altro uguale"},
    "or_default": {
        "en": "You can write “skip” for {value}.",
        "it": "Puoi scrivere “salta” per {value}.",
    },
    "understood": {"en": "✓ {value}", "it": "✓ {value}"},
    "form_offer": {
        "en": "Please fill in this form. If you would rather answer here, write anything.",
        "it": "Compila questo modulo. Se preferisci rispondere qui, scrivi qualcosa.",
    },
    "form_open": {"en": "Open the form", "it": "Apri il modulo"},
    "form_next": {"en": "Next", "it": "Avanti"},
    "form_send": {"en": "Send", "it": "Invia"},
    "form_help": {
        "en": "You can write “back” for the question before, “change” and what to change, or “cancel”.",
        "it": "Puoi scrivere “indietro” per la domanda precedente, “cambia” e cosa cambiare, o “annulla”.",
    },
    "can_skip": {
        "en": "You can write “skip”.",
        "it": "Puoi scrivere “salta”.",
    },
    "cannot_skip": {
        "en": "I need this one to go on.",
        "it": "Questo mi serve per andare avanti.",
    },
    "summary": {
        "en": "Is everything right?",
        "it": "È tutto giusto?",
    },
    "ask_field": {
        "en": "{title}?",
        "it": "{title}?",
    },
    "yes": {"en": "Yes", "it": "Sì"},
    "no": {"en": "No", "it": "No"},
    "open_list": {"en": "Choose", "it": "Scegli"},
    "more": {"en": "More…", "it": "Altre…"},
    "opted_out": {
        "en": "You will get no more messages from us. Write “{start}” to hear from us again.",
        "it": "Non riceverai più messaggi da noi. Scrivi “{start}” per riprendere.",
    },
    "opted_in": {
        "en": "Welcome back!",
        "it": "Bentornato!",
    },
    "handed_off": {
        "en": "A person will answer you here as soon as possible.",
        "it": "Una persona ti risponderà qui appena possibile.",
    },
    "throttled": {
        "en": "You write faster than I can read. Please wait a minute and write again.",
        "it": "Scrivi più in fretta di quanto io riesca a leggere. Aspetta un minuto e riprova.",
    },
    "no_match": {
        "en": "Sorry, I did not understand that.",
        "it": "Scusa, non ho capito.",
    },
    "unreadable": {
        "en": "Sorry, I cannot read that kind of message. Please write a text.",
        "it": "Scusa, non so leggere questo tipo di messaggio. Scrivi un testo.",
    },
    "broken": {
        "en": "Sorry, something went wrong on our side. Please try again later.",
        "it": "Scusa, qualcosa è andato storto da parte nostra. Riprova più tardi.",
    },
}


def sentence(
    key: str, language: str, languages: Sequence[str], own: Mapping[str, TextDocument], **facts: object
) -> str:
    """The sentence `key` in a language, in the bot's own wording if it has one, with its facts filled in.

    A bot that speaks a language without a catalogue gets English. Unknown `{names}` stay as they are.
    """
    text = pick(own[key], language, languages, "") if key in own else _catalogue(key, language)
    for name, fact in facts.items():
        text = text.replace("{" + name + "}", isolated(str(fact), language))
    return text


def _catalogue(key: str, language: str) -> str:
    by_language = SENTENCES[key]
    return by_language.get(language.partition("-")[0], by_language["en"])
