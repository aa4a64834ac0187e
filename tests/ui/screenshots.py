"""Pictures of every page, in both themes and languages, as wide as a desk, a tablet and a phone: to be looked at.

    python -m tests.ui.screenshots FOLDER [NAME …]     all scenes, or those whose names begin so
        [--width 390] [--theme dark] [--language it]   only so (each may be given several times)
        [--axe]                                        say what shuts somebody out of each

`make screenshots` writes them to data/screenshots. A page is one line in `tests/ui/scenes/`.
"""

import argparse
import itertools
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Route, expect, sync_playwright

from cli.client import Client
from cli.settings import load
from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.terminal import begin, environment, stop
from tests.ui.axe import serious
from tests.ui.lived_in import LivedIn, live_in
from tests.ui.scenes import SCENES
from tests.ui.scenes.scene import (
    SETTLED_MS,
    Scene,
    Visit,
    waits,
)
from tests.ui.site import PASSWORD, SIGNED_IN, keep, speak

WIDTHS = {1440: 900, 1024: 768, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = ("en", "it")
EMAILS: dict[tuple[str, str], str] = {  # so often may one account be signed in to in a while
    look: "ana-{}-{}@example.com".format(*look) for look in itertools.product(THEMES, LANGUAGES)
}


def _is(role: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        given = route.fetch()
        if given.ok and route.request.method == "POST":
            told = given.json()
            route.fulfill(response=given, json={**told, "user": {**told["user"], "role": role}})
        else:
            route.fulfill(response=given)

    return answer


def main() -> None:
    """Write the pictures."""
    asked = argparse.ArgumentParser(prog="python -m tests.ui.screenshots")
    asked.add_argument("folder", type=Path)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--width", type=int, action="append", choices=WIDTHS)
    asked.add_argument("--theme", action="append", choices=THEMES)
    asked.add_argument("--language", action="append", choices=LANGUAGES)
    asked.add_argument("--axe", action="store_true")
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
            _draw(browser, url, lived_in, given.folder, scenes, theme, language, width, given.axe)
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
    hears: bool,
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
                page.route(scene.of, scene.answers)
            if scene.role != "admin":
                page.route(re.compile("/api/v1/sign-in"), _is(scene.role))
            page.goto(url + scene.path.format(**vars(lived_in)))
            page.locator("main").first.wait_for()
            visit = Visit(page, language)
            if scene.answers is waits:
                page.wait_for_timeout(SETTLED_MS)  # what says that something is coming
            else:
                _settle(visit)
            if scene.press:
                visit.press(*scene.press)
            if scene.act:
                scene.act(visit)
            if scene.press or scene.act:
                page.wait_for_timeout(SETTLED_MS)  # what is fetched when it is opened
            if scene.press and scene.answers is not waits:
                _settle(visit)
            page.screenshot(path=folder / f"{scene.name}-{theme}-{language}-{width}.png")
            if hears:
                for fault in serious(page):
                    print(f"{scene.name} ({theme}, {language}, {width}): {fault}", flush=True)
            context.set_offline(False)
            page.close()
        context.close()


def _settle(visit: Visit) -> None:
    """Wait for what comes late."""
    expect(visit.page.locator("[role=status] > .sr-only")).to_have_count(0, timeout=30_000)
    expect(visit.page.get_by_text(visit.said("studio", "problems.checking"))).to_have_count(0, timeout=30_000)
    visit.page.wait_for_timeout(SETTLED_MS)


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
