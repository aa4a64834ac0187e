"""The first run: the link that `chatloom up` prints leads to somebody signed in, who knows where to begin."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.terminal import begin, environment, stop
from tests.ui.conftest import WAIT_MS
from tests.ui.site import PASSWORD, width


@pytest.fixture(scope="module")
def site() -> None:
    """Not the worker's installation: one where nobody is admin."""


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory, built: None) -> Iterator[str]:
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


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 390, "height": 780}


def test_the_link_leads_to_an_account_and_a_choice(link: str, page: Page, browser: Browser) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="Become the first admin")).to_be_visible()
    assert "cli_" not in page.url
    page.get_by_label("Name").fill("Ana <b>Bianchi</b>")
    page.get_by_label("E-mail").fill("ana@example.com")
    password = page.get_by_label("Password", exact=True)
    password.fill("short")
    page.get_by_role("button", name="Create the account").click()
    said = "12 characters at least; it has 5."  # in the page's words, not in the browser's
    expect(password).to_have_js_property("validationMessage", said)
    password.fill("ana@example.com")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ana <b>Bianchi</b>")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Ana <b>Bianchi</b>")
    expect(page.get_by_label("E-mail")).to_have_value("ana@example.com")
    expect(password).to_have_value("")  # a password is not kept
    password.fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")
    assert width(page) <= 390
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    with page.expect_response(re.compile("/draft/check$")) as checked:
        page.get_by_role("button", name="Try the sample bot").click()
    expect(page).to_have_url(re.compile("/bots/table-booking"))
    expect(page.get_by_label("Write a message")).to_be_in_viewport(ratio=1)
    assert checked.value.json()["diagnostics"] == []
    page.reload()
    page.get_by_role("button", name="Ana <b>Bianchi</b>").click()
    expect(page.get_by_text("ana@example.com")).to_be_visible()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    context = browser.new_context()
    again = context.new_page()
    again.goto(link)
    expect(again.get_by_role("main")).to_contain_text("It was used already", timeout=WAIT_MS)
    context.close()
