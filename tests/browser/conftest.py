"""A browser, and pages that must log no error."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable

WAIT_MS = 60_000  # only what hangs reaches it


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all these tests; where its loop is, no other can run, so it is closed before others come."""
    with sync_playwright() as play:
        path = executable(play.chromium.executable_path)
        found = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def viewport() -> ViewportSize:
    """As large as a phone, unless a module has another."""
    return {"width": 390, "height": 780}


@pytest.fixture
def page(browser: Browser, viewport: ViewportSize) -> Iterator[Page]:
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert faults == []
