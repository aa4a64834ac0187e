"""A browser at the worker's installation. Every page fails its test by an error that it logs or a policy that it breaks."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.conftest import Stack
from tests.ui.site import Faults, Site, speak

WAIT_MS = int(os.environ.get("CHATLOOM_UI_WAIT_MS", "60000"))  # only what hangs reaches it

Enter = Callable[..., Page]
Contexts = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def built() -> None:
    """The UI, as it is now."""
    ui.build()


@pytest.fixture(scope="module")
def site(stack: Stack, built: None) -> Site:
    found = Site(stack)
    found.run(stack.installed.mend())
    return found


@pytest.fixture(scope="package")
def browser(stack: Stack, built: None) -> Iterator[Browser]:
    """One for all these tests: to start it costs more than a second. After the installation, and closed before
    other tests come: in the thread where its loop is, no other can run."""
    with sync_playwright() as play:
        path = executable(play.chromium.executable_path)
        found = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def viewport() -> ViewportSize:
    """A laptop, unless a module has another."""
    return {"width": 1440, "height": 900}


@pytest.fixture
def faults() -> Iterator[Faults]:
    found = Faults()
    yield found
    assert found.left() == []


@pytest.fixture
def contexts(browser: Browser, viewport: ViewportSize, faults: Faults) -> Iterator[Contexts]:
    """`contexts()`, `contexts(has_touch=True)`: a browser's profile, with cookies and storage of its own.

    English, and no wish for a theme.
    """
    expect.set_options(timeout=WAIT_MS)
    opened: list[BrowserContext] = []

    def new(**wishes: Any) -> BrowserContext:
        usual = {
            "viewport": viewport,
            "locale": "en-GB",
            "permissions": ["clipboard-read", "clipboard-write"],
        }
        found = browser.new_context(**{**usual, **wishes})
        opened.append(found)
        found.set_default_timeout(WAIT_MS)
        faults.watch(found)
        return found

    yield new
    for each in opened:
        each.close()


@pytest.fixture
def context(contexts: Contexts) -> BrowserContext:
    """The profile of who is alone in a test."""
    return contexts()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of somebody who is not signed in."""
    return context.new_page()


@pytest.fixture
def enter(site: Site, context: BrowserContext) -> Enter:
    """`enter("editor")`, `enter("admin", at="/numbers", language="it")`: a page of somebody new with that role.

    He fills in the form, and is then where he wanted to go. `profile`: in a browser of his own.
    """

    def go(
        role: str = "admin", at: str = "/", language: str = "en", profile: BrowserContext = context
    ) -> Page:
        email = site.person(role)
        profile.clear_cookies()  # whoever was signed in here before is not any more
        speak(profile, language)
        page = profile.new_page()
        page.goto(urljoin(site.url, at))
        site.fill_in(page, email)
        expect(page.locator("main#page")).to_be_visible()  # what stands around every page
        return page

    return go
