"""`chatloom sandbox` in a browser: a number is linked with a phone that the page plays, and its bot answers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.terminal import begin, environment, stop


@pytest.fixture(scope="module")
def link() -> Iterator[str]:
    """A sandbox; the address of its page."""
    process, said = begin("sandbox", environment(CHATLOOM_PORT="0"))
    try:
        found = re.search(r"Phones to link it with +(\S+)", said)
        assert found, said
        yield found[1]
        stop(process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 1440, "height": 900}


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def write(phone: Locator, text: str) -> None:
    """By keyboard alone."""
    phone.get_by_label("Message", exact=True).press_sequentially(text)
    phone.get_by_label("Message", exact=True).press("Enter")


@pytest.mark.drill
def test_link_chat_take_over_and_unlink(link: str, page: Page) -> None:
    page.goto(link)
    state, ada, shop = page.locator("#state"), phone(page, "Ada"), phone(page, "Shop (the owner)")
    expect(page.get_by_alt_text("The number's QR code")).to_be_visible()
    scan = page.get_by_role("button", name="Scan with the shop")
    scan.focus()
    scan.press("Enter")
    expect(state).to_have_text("online")
    expect(shop.get_by_text("Linked device 1, connected")).to_be_visible()
    badge, steps = state.bounding_box(), page.locator("#steps").bounding_box()
    assert badge is not None
    assert steps is not None
    assert steps["y"] - badge["y"] - badge["height"] < 30  # nothing is kept free where the code was
    write(ada, "hello")
    answer = ada.get_by_role("log").locator("li:not(.mine)").first
    expect(answer).to_be_visible()
    expect(shop.get_by_role("log").get_by_text("hello", exact=True)).to_be_visible()
    answer.get_by_role("button", name="Like").focus()
    answer.get_by_role("button", name="Like").press("Enter")
    expect(answer.get_by_text("👍").first).to_be_visible()
    ada.get_by_label("Send something else").press("Enter")
    ada.get_by_role("button", name="Picture").press("Enter")
    expect(ada.get_by_alt_text("Picture")).to_be_visible()
    write(shop, "This is the owner")
    expect(ada.get_by_text("This is the owner")).to_be_visible()
    bruno = phone(page, "Bruno")
    bruno.get_by_role("button", name="Go offline").press("Enter")
    write(bruno, "later")
    expect(shop.get_by_label("Chat with").locator("option", has_text="Bruno")).to_have_count(1)
    bruno.get_by_role("button", name="Come back").press("Enter")
    expect(bruno.get_by_role("log").locator("li:not(.mine)").first).to_be_visible()
    page.get_by_role("button", name="Add a phone").press("Enter")
    expect(phone(page, "Chiara")).to_be_visible()
    shop.get_by_role("button", name="Unlink").press("Enter")
    expect(state).to_have_text("logged out")
    page.get_by_role("button", name="Show a new code").press("Enter")
    expect(state).to_have_text("pairing")
    page.get_by_role("button", name="Link with a code instead").press("Enter")
    page.get_by_role("button", name="Type it on the shop").press("Enter")
    expect(state).to_have_text("online")


@pytest.mark.drill
def test_another_sites_page_cannot_reach_the_phones(link: str, page: Page) -> None:
    answer = page.request.post(f"{link}api/phones", data="{}", headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    answer = page.request.get(f"{link}api/state", headers={"Host": "evil.example"})
    assert answer.status == 421
    csp = page.request.get(link).headers["content-security-policy"]
    assert "default-src 'none'" in csp
    assert "unsafe" not in csp
