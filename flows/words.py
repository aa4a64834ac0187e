"""Reading short answers: folding, whole words, ordinals, and which of the choices shown an answer means."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

NEAR = 84  # rapidfuzz ratio from which a spelling counts as near
NEAR_MARGIN = 8  # and how far the next best must lie behind
NEAR_LENGTH = 4  # shorter labels are too easily confused

ORDINALS: dict[str, int] = {
    word: place
    for place, words in enumerate(
        (
            "first primo prima primero primera primer premier premiere erste erster erstes ersten primeiro primeira",
            "second secondo seconda segundo segunda deuxieme seconde zweite zweiter zweites zweiten",
            "third terzo terza tercero tercera tercer troisieme dritte dritter drittes dritten terceiro terceira",
            "fourth quarto quarta cuarto cuarta quatrieme vierte vierter viertes vierten",
            "fifth quinto quinta cinquieme funfte funfter funftes funften",
            "sixth sesto sesta sexto sexta sixieme sechste sechster sechstes sechsten",
            "seventh settimo settima septimo septima septieme siebte siebter siebtes siebten setimo setima",
            "eighth ottavo ottava octavo octava huitieme achte achter achtes achten oitavo oitava",
            "ninth nono nona noveno novena neuvieme neunte neunter neuntes neunten",
            "tenth decimo decima dixieme zehnte zehnter zehntes zehnten",
        ),
        start=1,
    )
    for word in words.split()
}
LAST = frozenset(
    ("last", "ultimo", "ultima", "dernier", "derniere", "letzte", "letzter", "letztes", "letzten")
)
MORE = (
    *("more", "show more", "next", "next page", "others", "altre", "altri", "altro", "ancora", "avanti", "mostra altre"),
    *("mas", "otras", "otros", "siguiente", "plus", "autres", "suivant", "mehr", "weitere", "mais", "outras", "outros"),
)  # fmt: skip
"""What asks for the next page of a long list."""
_ARTICLES = frozenset(
    (
        *("the", "one", "number", "option", "il", "lo", "la", "l", "numero", "opzione", "n", "el", "los", "opcion"),
        *("le", "les", "choix", "der", "die", "das", "nummer", "o", "a", "opcao"),
    )
)  # fmt: skip
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, no accents, words joined by one space, no punctuation: how answers are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(_WORD.findall(plain))


def contains_words(text: str, phrase: str) -> bool:
    """Whether `phrase` stands in `text` as whole words, in any case and with accents folded."""
    folded = fold(phrase)
    return bool(folded) and f" {folded} " in f" {fold(text)} "


def is_one_of(text: str, phrases: Sequence[str]) -> bool:
    """Whether `text`, as a whole, is one of `phrases`. A phrase of symbols alone is compared as it stands."""
    folded = fold(text)
    if not folded:
        return text.strip() in phrases
    return folded in _all_folded(tuple(phrases))


@lru_cache(maxsize=1024)
def _all_folded(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, phrases))


@dataclass(frozen=True, slots=True)
class Shown:
    """One choice as it was shown: what it is called in the flow, its id on the wire, its label."""

    key: str
    id: str
    title: str


def match_choice(answer: str, tapped_id: str, shown: Sequence[Shown]) -> str | None:
    """The key of the choice that an answer means, or None.

    In this order: the id of a tap, the label itself, its number in the list, an ordinal word, a near spelling
    (the best by a clear margin).
    """
    if tapped_id:
        return next((choice.key for choice in shown if choice.id == tapped_id), None)
    folded = fold(answer)
    if not folded:
        return next((choice.key for choice in shown if choice.title.strip() == answer.strip() != ""), None)
    for choice in shown:
        if fold(choice.title) == folded:
            return choice.key
    place = _place(folded, len(shown))
    if place is not None:
        return shown[place - 1].key if 1 <= place <= len(shown) else None
    return _nearest(folded, shown)


def _place(folded: str, count: int) -> int | None:
    words = [word for word in folded.split() if word not in _ARTICLES]
    if len(words) != 1:
        return None
    word = words[0]
    if word.isascii() and word.isdigit() and len(word) <= 3:
        return int(word)
    return count if word in LAST else ORDINALS.get(word)


def _nearest(folded: str, shown: Sequence[Shown]) -> str | None:
    from rapidfuzz import fuzz  # 3 MB, which a number's process has no need of until somebody misspells

    ranked = sorted(
        ((fuzz.ratio(folded, fold(c.title)), c.key) for c in shown if len(fold(c.title)) >= NEAR_LENGTH),
        reverse=True,
    )
    if not ranked or ranked[0][0] < NEAR:
        return None
    clear = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= NEAR_MARGIN
    return ranked[0][1] if clear else None
