"""Pictures of every page, in both themes and languages, as wide as a desk, a tablet and a phone: to be looked at.

    python -m tests.ui.screenshots FOLDER [NAME …]     all scenes, or those whose names begin so

`make screenshots` writes them to data/screenshots. A page is one line in `SCENES`.
"""

import itertools
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from cli.client import Client
from cli.settings import load
from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.terminal import begin, environment, stop
from tests.ui.site import PASSWORD, SIGNED_IN, keep, speak

WIDTHS = {1440: 900, 1024: 768, 390: 844}
EMAILS = {
    look: "ana-{}-{}@example.com".format(*look) for look in itertools.product(("light", "dark"), ("en", "it"))
}
SETTLED_MS = 400  # after the net is quiet: what is drawn late


@dataclass(frozen=True)
class Scene:
    """One page. `signed_in`: as an admin. `act` brings it to where it is to be seen."""

    name: str
    path: str
    act: Callable[[Page], None] | None = None
    signed_in: bool = True


def _palette(page: Page) -> None:
    page.keyboard.press("ControlOrMeta+k")


SCENES = [
    Scene("sign-in", "/sign-in", signed_in=False),
    Scene("home", "/"),
    Scene("palette", "/", _palette),
    Scene("conversations", "/conversations"),
    Scene("bots", "/bots"),
    Scene("studio", "/bots/table-booking"),
    Scene("numbers", "/numbers"),
    Scene("numbers-new", "/numbers/new"),
    Scene("numbers-new-cloud", "/numbers/new?channel=cloud_api"),
    Scene("numbers-pairing", "/numbers/new?channel=linked_device&number=Shop"),
    Scene("number-simulator", "/numbers/demo"),
    Scene("number-linked", "/numbers/Shop"),
    Scene("dead-letters", "/dead-letters"),
    Scene("contacts", "/contacts"),
    Scene("settings", "/settings"),
    Scene("not-found", "/nowhere"),
]


def main(folder: Path, wanted: list[str]) -> None:
    """Write the pictures."""
    ui.build()
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [each for each in SCENES if not wanted or each.name.startswith(tuple(wanted))]
    with _home() as url, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=executable(play.chromium.executable_path), args=ARGUMENTS
        )
        for scheme, language, width in itertools.product(("light", "dark"), ("en", "it"), WIDTHS):
            _draw(browser, url, folder, scenes, scheme, language, width)
        browser.close()


def _draw(
    browser: Browser, url: str, folder: Path, scenes: list[Scene], scheme: str, language: str, width: int
) -> None:
    for signed_in in (False, True):
        chosen = [each for each in scenes if each.signed_in is signed_in]
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="dark" if scheme == "dark" else "light",
            locale={"en": "en-GB", "it": "it-IT"}[language],
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        speak(context, language)
        if signed_in and chosen:
            answer = context.request.post(
                f"{url}/api/v1/sign-in", data={"email": EMAILS[scheme, language], "password": PASSWORD}
            )
            assert answer.ok, answer.text()
            keep(context, SIGNED_IN, "1")
        page = context.new_page()
        for scene in chosen:
            page.goto(url + scene.path)
            page.wait_for_timeout(SETTLED_MS)
            page.locator("main").first.wait_for()
            if scene.act:
                scene.act(page)
            page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=folder / f"{scene.name}-{scheme}-{language}-{width}.png")
        context.close()


@contextmanager
def _home() -> Iterator[str]:
    """An installation where something has happened; its address."""
    with tempfile.TemporaryDirectory(prefix="chatloom-pictures-", ignore_cleanup_errors=True) as folder:
        process, said = begin(
            "up", environment(CHATLOOM_HOME=folder, CHATLOOM_PORT="0", CHATLOOM_RATE_LIMIT="0")
        )
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, said
            with Client.operators(replace(load(), home=Path(folder)), found[0]) as api:
                _people(api)
                _numbers(api)
                _talks(api, found[0])
            yield found[0]
        finally:
            stop(process)


def _people(api: Client) -> None:
    body = {"name": "Ana Bianchi", "role": "admin", "password": PASSWORD}
    for email in EMAILS.values():  # so often may one account be signed in to in a while
        api.post("/users", {**body, "email": email})
    api.post("/users", {**body, "email": "luca@example.com", "name": "Luca Verdi", "role": "agent"})


def _numbers(api: Client) -> None:
    api.post("/numbers", {"name": "Shop", "channel": "linked_device", "bot": "table-booking"})
    api.post(
        "/apps",
        {"name": "meta", "channel": "cloud_api", "secrets": {"secret": "s", "verify_token": "v"}},
    )
    api.post(
        "/numbers",
        {
            "name": "Support of the whole northern region",
            "channel": "cloud_api",
            "account": "109876543210",
            "app": "meta",
            "bot": "table-booking",
            "settings": {"base_url": "http://127.0.0.1:9/v25.0"},
            "secrets": {"access_token": "t"},
        },
    )
    api.post("/numbers/Support of the whole northern region/pause")


def _talks(api: Client, url: str) -> None:
    """Visitors of the simulated number, until each is answered."""
    for words in (["Hello"], ["Hello", "Book a table"], ["opening hours"]):
        link = api.post("/numbers/demo/simulator-links")["path"]
        with httpx.Client(base_url=url, trust_env=False, follow_redirects=True) as visitor:
            place = visitor.get(link).url.path
            for index, text in enumerate(words):
                visitor.post(f"{place}/messages", json={"id": f"said-{index:04}", "text": text})
                with visitor.stream("GET", f"{place}/events") as said:
                    for line in said.iter_lines():
                        if line.count('"from":"out"') > index:
                            break


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
