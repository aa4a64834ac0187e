"""The first admin's page in a browser: the link that `chatloom up` prints leads to somebody signed in."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.people import PASSWORD
from tests.browser.conftest import WAIT_MS
from tests.browser.terminal import begin, environment, stop


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `up` printed in a fresh home."""
    home = tmp_path_factory.mktemp("home")
    process, said = begin("up", environment(CHATLOOM_HOME=str(home), CHATLOOM_PORT="0"))
    try:
        found = re.search(r"first admin\s+(http://127\.0\.0\.1:\d+/welcome#cli_\S+)", said)
        assert found, said
        yield found[1]
        stop(process)
    finally:
        process.kill()
        process.wait()


def test_the_link_leads_to_an_account(link: str, page: Page, browser: Browser) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="Become the first admin")).to_be_visible()
    assert "cli_" not in page.url
    expect(page.get_by_text("At least 12 characters")).to_be_visible()
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_label("Name").fill("Ana <b>Bianchi</b>")
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    page.get_by_label("Show the password").check()
    expect(password).to_have_attribute("type", "text")
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    expect(page.locator("#me")).to_have_text("Ana <b>Bianchi</b>")
    page.reload()
    expect(page.get_by_text("ana@example.com")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    context = browser.new_context()
    again = context.new_page()
    again.goto(link)
    expect(again.get_by_text("The link was used already")).to_be_visible(timeout=WAIT_MS)
    context.close()


def test_the_page_runs_nothing_that_is_not_ours(link: str) -> None:
    answer = httpx.get(link.partition("#")[0], trust_env=False)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
