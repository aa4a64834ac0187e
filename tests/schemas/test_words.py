"""Words: how texts are split into them, and where they are found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.words import LEAST_LETTERS, MOST_LETTERS, found, looked_up, seen, snippet, terms, wanted, words

TEXTS = st.text(max_size=80) | st.text("aàÀeé ßﬁİıΣς'’-.\n\t1٣½é̀한漢字👍🏽‍x", max_size=40)


def plain(text: str) -> list[str]:
    return [word.plain for word in words(text)]


def test_words_are_runs_of_letters_and_digits_without_case_and_accents() -> None:
    assert plain("L'ordine n. 42-B: perché? PERCHE\u0301!") == [
        "l",
        "ordine",
        "n",
        "42",
        "b",
        "perche",
        "perche",
    ]
    assert plain("Straße ΣΟΦΌΣ") == ["strasse", "σοφοσ"]
    assert plain("  … 👍 —") == []
    assert terms("Prenota") == {"pre", "pren", "preno", "prenot", "prenota"}
    assert terms("no") == {"no"}


@pytest.mark.parametrize(
    ("asked", "text", "marked"),
    [
        ("preno", "La Prenotazione è per domani", ["Preno"]),
        ("domani PRENO", "Prenotata: domani", ["Preno", "domani"]),
        ("no", "Nonno, no!", ["no"]),
        ("perche", "Perché\u0301 mai", ["Perché\u0301"]),
        ("strass", "Straße", ["Straß"]),
        ("domani ieri", "domani", []),
        ("acca", "Tabacca", []),
        ("preno prenota", "prenotazione", ["prenota"]),
    ],
)
def test_all_words_must_occur_whole_or_by_their_beginnings(asked: str, text: str, marked: list[str]) -> None:
    assert [text[begin:end] for begin, end in found(text, wanted(asked))] == marked


@given(TEXTS)
def test_whatever_a_text_says_it_is_found_by_its_own_words(text: str) -> None:
    for word in words(text):
        assert 0 <= word.begin < word.end <= len(text)
        assert plain(text[word.begin : word.end]) == [word.plain]
        assert plain(word.plain) == [word.plain]
        for asked in {word.plain, word.plain[:LEAST_LETTERS], word.plain[: MOST_LETTERS + 3]}:
            if asked == word.plain or len(asked) >= LEAST_LETTERS:
                assert set(looked_up([asked])) <= terms(text)
                assert (places := found(text, [asked]))
                assert all(0 <= begin < end <= len(text) for begin, end in places)


@given(TEXTS)
def test_case_accents_and_how_they_are_written_make_no_difference(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert plain(unicodedata.normalize(form, text)) == plain(text)  # type: ignore[arg-type]
    assert [word.plain.upper() for word in words(text.casefold())] == [one.upper() for one in plain(text)]


@given(TEXTS, st.data())
def test_a_snippet_is_a_piece_of_the_text_that_begins_near_what_was_found(
    text: str, data: st.DataObject
) -> None:
    there = list(words(text))
    if not there:
        return
    asked = [data.draw(st.sampled_from(there)).plain]
    places = found(text, asked)
    pieces = snippet(text, places, most=30)
    assert any(piece.found for piece in pieces)
    assert all(piece.text for piece in pieces)
    assert "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …") in text


def test_what_a_person_sees_of_a_message_is_searched_and_nothing_else() -> None:
    menu = {
        "kind": "list",
        "text": "Which day?",
        "open_label": "Days",
        "sections": [
            {"title": "Soon", "rows": [{"id": "row-1", "title": "Monday", "description": "9 to 5"}]}
        ],
    }
    assert seen(menu).split("\n") == ["Which day?", "Days", "Soon", "Monday", "9 to 5"]
    form = {
        "kind": "form",
        "values": {"flow_token": "secret", "size": "large", "extras": ["olives"]},
        "name": "pizza",
    }
    assert seen(form).split("\n") == ["large", "olives", "pizza"]
    template = {
        "name": "hi",
        "language": "it",
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Rosa"}]}],
    }
    assert seen(template).split("\n") == ["hi", "Rosa"]
    assert seen({"kind": "image", "ref": "abc", "link": "https://x.example/a", "caption": "Ecco"}) == "Ecco"
    assert len(seen({"text": "a " * 50_000})) == 10_000
