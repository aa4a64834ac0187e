"""Pictures of every page, in both themes and languages, as wide as a desk, a tablet and a phone: to be looked at.

    python -m tests.ui.screenshots FOLDER [NAME …]     all scenes, or those whose names begin so
        [--width 390] [--theme dark] [--language it]   only so (each may be given several times)

`make screenshots` writes them to data/screenshots. A page is one line in `SCENES`.
"""

import argparse
import itertools
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from cli.client import Client
from cli.settings import load
from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.terminal import begin, environment, stop
from tests.installation import ROOT
from tests.ui.lived_in import LivedIn, live_in
from tests.ui.site import PASSWORD, SETTINGS, SIGNED_IN, keep, speak

WIDTHS = {1440: 900, 1024: 768, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = ("en", "it")
EMAILS: dict[tuple[str, str], str] = {  # so often may one account be signed in to in a while
    look: "ana-{}-{}@example.com".format(*look) for look in itertools.product(THEMES, LANGUAGES)
}
SETTLED_MS = 400  # after the page is loaded: what is drawn late
LISTED = re.compile(r"/api/v1/(conversations|bots|numbers|contacts|overview)(\?|$)")
FAILURE = '{"code": "store.unreachable", "title": "The database cannot be reached", "detail": "Try again in a moment."}'
WORDS = ROOT / "admin_ui" / "src" / "locales"


def said(language: str, catalogue: str, key: str) -> str:
    """What the UI says. Raises `KeyError` where it says no such thing."""
    found = json.loads((WORDS / language / f"{catalogue}.json").read_text())
    for part in key.split("."):
        found = found[part]
    return found


@dataclass(frozen=True)
class Visit:
    """A page, and what it calls things: `said("studio", "publish.act")`."""

    page: Page
    language: str

    def said(self, catalogue: str, key: str) -> str:
        return said(self.language, catalogue, key)

    def press(self, catalogue: str, key: str) -> None:
        self.page.get_by_role("button", name=self.said(catalogue, key), exact=True).first.click()

    def type(self, *words: str) -> None:
        """What a contact says in the studio's simulator, each time after the answer."""
        box = self.page.get_by_label(self.said("studio", "simulator.say"))
        for text in words:
            box.fill(text)
            box.press("Enter")
            self.page.wait_for_timeout(SETTLED_MS)


Act = Callable[[Visit], None]


@dataclass(frozen=True)
class Scene:
    """One page. `{booked}` and the like in its path: `LivedIn`. `signed_in`: as an admin. `answers`: what the API gives
    instead of what there is. `press`: a button by its words; `act`: what else brings it to where it is to be seen.
    """

    name: str
    path: str
    act: Act | None = None
    press: tuple[str, str] | None = None
    signed_in: bool = True
    answers: Callable[[Route], None] | None = None


def _palette(visit: Visit) -> None:
    visit.page.keyboard.press("ControlOrMeta+k")


def _fails(route: Route) -> None:
    route.fulfill(status=500, content_type="application/problem+json", body=FAILURE)


def _empty(route: Route) -> None:
    if "/overview" in route.request.url:  # figures are no list
        route.continue_()
        return
    route.fulfill(json={"items": [], "next": None})


def _waits(_route: Route) -> None:
    """It is never answered."""


def _simulated(visit: Visit) -> None:
    visit.type("hello", "1", "24/12/2026")


def _tested(visit: Visit) -> None:
    visit.page.locator("[role=tabpanel] button").first.click()
    visit.page.wait_for_timeout(4 * SETTLED_MS)


STATES: dict[str, Callable[[Route], None]] = {"empty": _empty, "loading": _waits, "error": _fails}
LISTS = ("conversations", "bots", "numbers", "contacts")

SCENES = [
    Scene("sign-in", "/sign-in", signed_in=False),
    Scene("welcome", "/welcome#token=gone", signed_in=False),
    Scene("invitation", "/invitation#token=gone", signed_in=False),
    Scene("home", "/"),
    Scene("palette", "/", _palette),
    Scene("conversations", "/conversations"),
    Scene("talk-booked", "/conversations?open={booked}&of=demo"),
    Scene("talk-people", "/conversations?open={people}&of=demo"),
    Scene("bots", "/bots"),
    Scene("bots-new", "/bots", press=("bots", "new")),
    Scene("studio", "/bots/table-booking"),
    Scene("studio-step", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&pane=step"),
    Scene("studio-form", "/bots/table-booking?file=flows%2Fbooking.yaml&step=form&pane=step"),
    Scene("studio-split", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&view=split&pane=step"),
    Scene("studio-yaml", "/bots/table-booking?file=flows%2Fbooking.yaml&view=yaml&pane=preview"),
    Scene("studio-preview", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=preview"),
    Scene("studio-simulator", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=simulator", _simulated),
    Scene("studio-tests", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=tests", _tested),
    Scene("studio-problems", "/bots/drinks?step=ask&pane=step"),
    Scene("studio-texts", "/bots/table-booking?place=texts"),
    Scene("studio-data", "/bots/table-booking?place=data"),
    Scene("studio-add", "/bots/table-booking", press=("studio", "palette.add")),
    Scene("studio-publish", "/bots/table-booking", press=("publishing", "publish.act")),
    Scene("studio-versions", "/bots/table-booking", press=("publishing", "versions.title")),
    Scene("numbers", "/numbers"),
    Scene("numbers-new", "/numbers/new"),
    Scene("numbers-new-cloud", "/numbers/new?channel=cloud_api"),
    Scene("numbers-pairing", "/numbers/new?channel=linked_device&number=Shop"),
    Scene("number-simulator", "/numbers/demo"),
    Scene("number-linked", "/numbers/Shop"),
    Scene("number-cloud", "/numbers/Support of the whole northern region"),
    Scene("dead-letters", "/dead-letters"),
    Scene("contacts", "/contacts"),
    Scene("contact", "/contacts?open={contact}"),
    *(Scene(f"settings-{place}", f"/settings/{place}") for place in SETTINGS),
    Scene("not-found", "/nowhere"),
    *(
        Scene(f"state-{state}-{place}", f"/{place}", answers=answers)
        for place in LISTS
        for state, answers in STATES.items()
    ),
    Scene("state-error-home", "/", answers=_fails),
    Scene("state-loading-home", "/", answers=_waits),
]


def main() -> None:
    """Write the pictures."""
    asked = argparse.ArgumentParser(prog="python -m tests.ui.screenshots")
    asked.add_argument("folder", type=Path)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--width", type=int, action="append", choices=WIDTHS)
    asked.add_argument("--theme", action="append", choices=THEMES)
    asked.add_argument("--language", action="append", choices=LANGUAGES)
    given = asked.parse_args()
    ui.build()
    given.folder.mkdir(parents=True, exist_ok=True)
    scenes = [each for each in SCENES if not given.names or each.name.startswith(tuple(given.names))]
    looks = itertools.product(
        given.theme or THEMES, given.language or LANGUAGES, given.width or tuple(WIDTHS)
    )
    with _home() as (url, lived_in), sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=executable(play.chromium.executable_path), args=ARGUMENTS
        )
        for theme, language, width in looks:
            _draw(browser, url, lived_in, given.folder, scenes, theme, language, width)
        browser.close()


def _draw(
    browser: Browser,
    url: str,
    lived_in: LivedIn,
    folder: Path,
    scenes: list[Scene],
    theme: str,
    language: str,
    width: int,
) -> None:
    for signed_in in (False, True):
        chosen = [each for each in scenes if each.signed_in is signed_in]
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="dark" if theme == "dark" else "light",
            locale={"en": "en-GB", "it": "it-IT"}[language],
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        speak(context, language)
        if signed_in and chosen:
            answer = context.request.post(
                f"{url}/api/v1/sign-in", data={"email": EMAILS[theme, language], "password": PASSWORD}
            )
            assert answer.ok, answer.text()
            keep(context, SIGNED_IN, "1")
        for scene in chosen:
            page = context.new_page()
            if scene.answers:
                page.route(LISTED, scene.answers)
            page.goto(url + scene.path.format(**vars(lived_in)))
            page.locator("main").first.wait_for()
            if scene.answers is not _waits:
                expect(page.locator("[role=status] > .sr-only")).to_have_count(0, timeout=30_000)
            page.wait_for_timeout(SETTLED_MS)
            visit = Visit(page, language)
            if scene.press:
                visit.press(*scene.press)
            if scene.act:
                scene.act(visit)
            if scene.press or scene.act:
                page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=folder / f"{scene.name}-{theme}-{language}-{width}.png")
            page.close()
        context.close()


@contextmanager
def _home() -> Iterator[tuple[str, LivedIn]]:
    """An installation where something has happened; its address."""
    with tempfile.TemporaryDirectory(prefix="chatloom-pictures-", ignore_cleanup_errors=True) as folder:
        process, said = begin(
            "up", environment(CHATLOOM_HOME=folder, CHATLOOM_PORT="0", CHATLOOM_RATE_LIMIT="0")
        )
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, said
            with Client.operators(replace(load(), home=Path(folder)), found[0]) as api:
                lived_in = live_in(api, found[0], list(EMAILS.values()))
            yield found[0], lived_in
        finally:
            stop(process)


if __name__ == "__main__":
    main()
