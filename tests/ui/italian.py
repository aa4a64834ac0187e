"""What is English on a page that should be in Italian: words of the English catalogues, and names that have no words."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.installation import ROOT

LOCALES = ROOT / "admin_ui" / "src" / "locales"
# What parts that are not ours say unless they are told otherwise.
LIBRARIES = (
    r"Edge from .+ to .+|Press enter .+|Zoom In|Zoom Out|Fit View|Control Panel|Mini Map|Notifications .+"
)
BLANK = re.compile(r"\{\{.*?\}\}")
MIN_LETTERS = 8  # of a sentence with blanks, so that it is not found in what people wrote
SAID = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found = []
    for (let node = walk.nextNode(); node; node = walk.nextNode())
        if (!node.parentElement.closest("code, pre, script, style, .react-flow__node, .cm-editor"))
            found.push(node.textContent.trim())
    for (const each of document.querySelectorAll("[aria-label], [placeholder], [title]"))
        found.push(each.ariaLabel ?? "", each.placeholder ?? "", each.title ?? "")
    return found.filter(Boolean)
}"""


@dataclass(frozen=True)
class Foreign:
    """Texts that no page in Italian says."""

    whole: frozenset[str]
    blanks: re.Pattern[str]  # sentences in which something is put

    def has(self, text: str) -> bool:
        return text in self.whole or self.blanks.fullmatch(text) is not None


def english(page: Page) -> list[str]:
    """What the page says that it should not: empty where all is Italian."""
    assert page.evaluate("document.documentElement.lang") == "it"
    return sorted({text for text in page.evaluate(SAID) if foreign().has(text)})


@cache
def foreign() -> Foreign:
    ours, theirs = _catalogues("it"), _catalogues("en")
    italian = set(ours.values())
    texts = {text for key, text in theirs.items() if ours.get(key) != text} - italian
    keys = {key.partition(":")[2] for key in theirs if "." in key} | set(theirs)
    with_blanks = [text for text in texts if BLANK.search(text) and _letters(text) >= MIN_LETTERS]
    assert len(texts) > 300
    assert len(with_blanks) > 100
    shape = "|".join(".+".join(re.escape(part) for part in BLANK.split(text)) for text in with_blanks)
    return Foreign(frozenset(texts | keys), re.compile(f"{shape}|{LIBRARIES}", re.DOTALL))


def _letters(text: str) -> int:
    return sum(each.isalpha() for each in BLANK.sub("", text))


def _flat(tree: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _catalogues(language: str) -> dict[str, str]:
    files = sorted((LOCALES / language).glob("*.json"))
    told = (_flat(json.loads(file.read_text()), f"{file.stem}:") for file in files)
    return dict(itertools.chain.from_iterable(told))
