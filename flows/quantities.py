"""Numbers as people write them: digits grouped as their language does, or words in English and Italian."""

import re
from functools import cache
from typing import Final

from flows.words import fold

_WRITTEN: Final = re.compile(r"[-+]?\d[\d.,' ]*")
_INSIDE: Final = re.compile(r"(?<![\w.,])[-+]?\d+(?:[.,']\d+)*(?![\w])")
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)")  # 1.000.000 as people write it
_MOST_WORDS: Final = 8
_HALVES: Final = (" and a half", " e mezzo", " e mezza")
_ARTICLES: Final = frozenset(("one", "una", "uno"))

_EN: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IT: Final = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
]
_IT_TENS: Final = ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"]
_OTHERS: Final = {
    "a dozen": 12,
    "half a dozen": 6,
    "a couple": 2,
    "una dozzina": 12,
    "mezza dozzina": 6,
    "una decina": 10,
    **{f"una {tens[:-1]}ina": 10 * place for place, tens in enumerate(_IT_TENS, start=2)},
    "un paio": 2,
    "a hundred": 100,
    "a thousand": 1000,
    "un migliaio": 1000,
    "un centinaio": 100,
    "una": 1,
}


def read_number(text: str, whole: bool, language: str) -> int | float | None:
    """The number that a text is, or the only one that it holds among a few words; None when there is none."""
    text = text.strip()
    if _WRITTEN.fullmatch(text):
        return _of_digits(text, whole, language) if len(text) <= 40 else None
    folded = fold(text)
    words = folded.split()
    if not words or len(words) > _MOST_WORDS:
        return None
    digits = _INSIDE.findall(text)
    if digits:
        return _of_digits(digits[0], whole, language) if len(digits) == 1 and not _odd(text) else None
    found = _in_words(words)
    return None if found is None or (whole and not float(found).is_integer()) else found


def _odd(text: str) -> bool:
    """Digits of something else than a plain number: a part of a day, a code, a share."""
    return any(sign in text for sign in "/@#%:")


def _of_digits(text: str, whole: bool, language: str) -> int | float | None:
    digits = text.replace(" ", "").replace("'", "")
    if _GROUPED.fullmatch(digits):
        signs = digits.count(".") + digits.count(",")
        if whole or signs > 1 or _groups_with(language) in digits:
            digits = digits.replace(",", "").replace(".", "")
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        digits = digits[:decimal].replace(",", "").replace(".", "") + "." + digits[decimal + 1 :]
    else:
        digits = digits.replace(",", ".")
    try:
        number = float(digits)
    except ValueError:
        return None
    if number.is_integer() and (whole or "." not in digits) and abs(number) < 2**53:
        return int(number)
    return None if whole else number


@cache
def _groups_with(language: str) -> str:
    """What separates thousands in a language."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_group_symbol

    try:
        return get_group_symbol(Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return ","


def _in_words(words: list[str]) -> int | float | None:
    """The only number in a few words; "a table for four" is four, since an article counts only alone."""
    known, found = _known(), list[tuple[str, int | float]]()
    place = 0
    while place < len(words):
        for end in range(min(len(words), place + 6), place, -1):
            said = " ".join(words[place:end])
            value = known.get(said, _halved(said) or _compound(said))
            if value is not None:
                found.append((said, value))
                place = end
                break
        else:
            place += 1
    counted = [one for one in found if one[0] not in _ARTICLES] or found
    if len(counted) != 1:
        return None
    said, value = counted[0]
    return -value if f"{' '.join(words)} ".startswith((f"minus {said} ", f"meno {said} ")) else value


def _halved(said: str) -> float | None:
    """A number and a half: "two and a half", "due e mezzo"."""
    whole = next((said.removesuffix(half) for half in _HALVES if said.endswith(half)), "")
    return _known()[whole] + 0.5 if whole in _known() else None


def _compound(said: str) -> int | None:
    """A number above a thousand: "two thousand and five", "duemilacinque"."""
    for word in (" thousand", "mila"):
        head, found, rest = said.partition(word)
        if found:
            rest = rest.removeprefix(" and").strip()
            above, below = _known().get(head.strip()), _known().get(rest) if rest else 0
            if above is None or below is None or not 0 < above < 1000 or below >= 1000:
                return None
            return int(above * 1000 + below)
    if said.startswith("mille") and (below := _known().get(said.removeprefix("mille").strip())):
        return 1000 + int(below) if below < 1000 else None
    return None


@cache
def _known() -> dict[str, int | float]:
    """The numbers below a thousand in words, folded, and a few more."""
    known: dict[str, int | float] = {}
    for number in range(1000):
        hundreds, below = divmod(number, 100)
        for english, italian in _below_hundred(below):
            if not hundreds:
                known[english] = known[italian] = number
                continue
            known[f"{_EN[hundreds]} hundred {english}" if below else f"{_EN[hundreds]} hundred"] = number
            if below:
                known[f"{_EN[hundreds]} hundred and {english}"] = number
            cento = ("" if hundreds == 1 else _IT[hundreds]) + "cento"
            known[cento + (italian if below else "")] = number
            if below and italian.startswith("ottant"):
                known[cento.removesuffix("o") + italian] = number
    return {**known, "mille": 1000, **_OTHERS}


def _below_hundred(number: int) -> list[tuple[str, str]]:
    if number < 20:
        return [(_EN[number], _IT[number])]
    tens, ones = divmod(number, 10)
    english, italian = _EN_TENS[tens - 2], _IT_TENS[tens - 2]
    if not ones:
        return [(english, italian)]
    stem = italian[:-1] if ones in (1, 8) else italian
    return [(f"{english} {_EN[ones]}", stem + _IT[ones])]
