"""The simulator's page in a browser, with everything behind it: `chatloom up` in a fresh home."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT_MS
from tests.browser.terminal import CHATLOOM, begin, environment, stop


class Up:
    """A `chatloom up` that can be stopped and started anew, at the same address."""

    def __init__(self, home: Path) -> None:
        self.environment = environment(CHATLOOM_HOME=str(home), CHATLOOM_PORT="0")
        self.start()

    def start(self) -> None:
        """Until it has said where it is."""
        self.process, said = begin("up", self.environment)
        link = re.search(r"http://127.0.0.1:(\d+)/\S+open=\S+", said)
        assert link, said
        self.link = link[0]
        self.environment["CHATLOOM_PORT"] = link[1]

    def run(self, *words: str) -> str:
        """What a command on the same home says."""
        done = subprocess.run(
            [*CHATLOOM, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def fresh_link(self) -> str:
        return self.run("simulator")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("home"))
    try:
        yield up
        stop(up.process)
    finally:
        up.process.kill()
        up.process.wait()


def test_a_talk(up: Up, page: Page, tmp_path: Path) -> None:
    page.goto(up.link)
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


def test_words_are_words_and_not_markup(up: Up, page: Page) -> None:
    page.goto(up.fresh_link())
    page.get_by_role("textbox", name="Message").fill("<img src=x onerror=alert(1)> *bold*")
    page.get_by_role("textbox", name="Message").press("Enter")
    expect(page.locator(".row.out b")).to_have_text("bold")
    expect(page.locator(".row.out .words")).to_contain_text("<img src=x")
    assert page.locator(".row.out img").count() == 0


def test_the_page_speaks_italian_to_an_italian_browser(up: Up, browser: Browser) -> None:
    context = browser.new_context(locale="it-IT")
    page = context.new_page()
    page.goto(up.fresh_link())
    expect(page.get_by_text(re.compile("^online · numero simulato"))).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Ciao").click()
    expect(page.get_by_role("img", name="Letto dal bot")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Oggi")).to_be_visible()
    expect(page.get_by_placeholder("Messaggio")).to_be_visible()
    expect(page.get_by_role("button", name="Ricomincia, come un nuovo contatto")).to_be_visible()
    context.close()


def test_a_link_opens_once(up: Up) -> None:
    link = up.fresh_link()
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


def test_a_second_up_says_where_the_first_one_is(up: Up) -> None:
    assert "runs already" in up.run("up")


def test_a_list_opens_as_a_sheet_and_is_chosen_from(up: Up, page: Page) -> None:
    page.goto(up.fresh_link())
    expect(page).to_have_title("Table booking · Chatloom")
    page.get_by_role("button", name="Hello").click()
    page.get_by_role("button", name="Book a table").click()
    write = page.get_by_role("textbox", name="Message")
    expect(page.locator(".row.in .words")).to_have_count(2)
    write.fill("tomorrow")
    page.get_by_role("button", name="Send").click()
    opens = page.get_by_role("button", name="Choose")
    opens.click()
    sheet = page.get_by_role("dialog", name="Choose")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    opens.click()
    sheet.get_by_role("button", name="20:00").click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".row.out .tap").last).to_have_text("20:00")
    expect(opens).to_be_disabled()
    expect(page.locator(".row.in .words")).to_have_count(4)


def test_everything_that_can_be_pressed_has_a_name(up: Up, page: Page) -> None:
    page.goto(up.fresh_link())
    expect(page.get_by_role("button", name="Hello")).to_be_visible()
    for button in page.get_by_role("button", include_hidden=True).all():
        assert (button.get_attribute("aria-label") or button.text_content() or "").strip()
    expect(page.get_by_role("log")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("online")


def test_the_page_goes_on_when_the_server_is_back(up: Up, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(up.fresh_link())
    page.get_by_role("button", name="Hello").click()
    expect(page.locator(".row.in .words")).to_have_count(1)
    stop(up.process)
    try:
        expect(page.get_by_role("alert")).to_contain_text("does not answer")
        page.get_by_role("textbox", name="Message").fill("opening hours")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
    finally:
        up.start()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".row.in .words")).to_have_count(3)
    expect(page.locator(".row.out")).to_have_count(2)
    context.close()
