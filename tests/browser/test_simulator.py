"""The simulator's page in a browser, with everything behind it: `chatloom up` in a fresh home."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable

WAIT_MS = 20_000


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running `chatloom up`; its first link, and the environment of commands that talk to it."""
    home = tmp_path_factory.mktemp("home")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHATLOOM", "DATABASE"))
    }
    environment = kept | {"CHATLOOM_HOME": str(home), "CHATLOOM_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            said = ""
            for line in process.stdout:
                said += line
                if "Ctrl-C" in line:
                    break
            link = re.search(r"http\S+open=\S+", said)
            assert link, said
            yield {**environment, "LINK": link[0]}
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert process.returncode == 0
    assert "Stopped." in rest


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        path = executable(play.chromium.executable_path)
        found = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page that must log no error."""
    context = browser.new_context(viewport={"width": 390, "height": 780})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def fresh_link(up: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "simulator"], env=up, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_talk(up: dict[str, str], page: Page, tmp_path: Path) -> None:
    page.goto(up["LINK"])
    assert "open=" not in page.url
    page.get_by_role("button", name="Hello").click()
    choice = page.locator(".choices button").first
    expect(choice).to_be_enabled()
    title = choice.inner_text()
    choice.click()
    expect(page.locator(".row.out .tap")).to_have_text(title)
    expect(choice).to_be_disabled()
    expect(page.locator(".row.in .words")).to_have_count(2)
    expect(page.get_by_role("img", name="Read by the bot").first).to_be_visible()
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.reload()
    expect(page.locator(".row.in .words")).to_have_count(2)
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("button", name="Hello")).to_be_visible()
    assert page.locator(".row").count() == page.locator("#typing").count()


def test_words_are_words_and_not_markup(up: dict[str, str], page: Page) -> None:
    page.goto(fresh_link(up))
    page.get_by_role("textbox", name="Message").fill("<img src=x onerror=alert(1)> *bold*")
    page.get_by_role("textbox", name="Message").press("Enter")
    expect(page.locator(".row.out b")).to_have_text("bold")
    expect(page.locator(".row.out .words")).to_contain_text("<img src=x")
    assert page.locator(".row.out img").count() == 0


def test_a_link_opens_once(up: dict[str, str]) -> None:
    link = fresh_link(up)
    with (
        httpx.Client(trust_env=False, follow_redirects=True) as first,
        httpx.Client(trust_env=False) as second,
    ):
        opened = first.get(link)
        assert opened.status_code == 200
        policy = opened.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert second.get(link).status_code == 401
        assert second.post(str(opened.url) + "/messages", json={"id": "12345678"}).status_code == 401
        assert second.get(str(opened.url) + "/events").status_code == 401


def test_a_second_up_says_where_the_first_one_is(up: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "up"], env=up, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "runs already" in done.stdout
