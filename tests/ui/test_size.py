"""What the first page and the studio load, by Vite's manifest: as `make bench-ui` counts it in a browser."""

import gzip
import json
from graphlib import TopologicalSorter

import pytest

from deploy import ui

# kB of gzipped script; 250 is allowed for the first page
FIRST_KB, PEOPLE_KB, STUDIO_KB = 222, 230, 400
STUDIO = [f"src/pages/studio/{name}.tsx" for name in ("studio-page", "canvas", "step-form")]


def _words(*catalogues: str) -> list[str]:
    return [f"src/locales/en/{name}.json" for name in ("frame", "problems", "sign-in", *catalogues)]


@pytest.mark.parametrize(
    ("parts", "limit_kb"),
    [
        ([*_words("home", "numbers"), "src/pages/home/home-page.tsx"], FIRST_KB),
        ([*_words("contacts"), "src/pages/contacts/contacts-page.tsx"], PEOPLE_KB),
        ([*_words("conversations", "chat"), "src/pages/conversations/conversations-page.tsx"], PEOPLE_KB),
        ([*_words("studio", "whole-bot", "chat"), *STUDIO], STUDIO_KB),
    ],
    ids=["first page", "contacts", "conversations", "studio with canvas and form"],
)
def test_a_page_stays_light(built: None, parts: list[str], limit_kb: int) -> None:
    manifest = json.loads((ui.BUILT / ".vite" / "manifest.json").read_bytes())
    files: set[str] = set()
    found: set[str] = set()
    waiting = ["index.html", *parts]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            files.add(manifest[part]["file"])
            waiting += manifest[part].get("imports", [])
    sizes = {
        name: len(gzip.compress((ui.BUILT / name).read_bytes(), 9)) / 1000
        for name in files
        if name.endswith(".js")
    }
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:6]
    assert sum(sizes.values()) <= limit_kb, [f"{sizes[name]:.1f} kB {name}" for name in largest]


def test_no_files_wait_for_each_other(built: None) -> None:
    """A circle of imports: what the first of them makes at its start may not be there when another asks for it."""
    manifest = json.loads((ui.BUILT / ".vite" / "manifest.json").read_bytes())
    TopologicalSorter({name: part.get("imports", []) for name, part in manifest.items()}).prepare()
