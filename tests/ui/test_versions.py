"""Where a draft was and what was published: compared as text and on the canvas, gone back to, and that undone."""

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Enter
from tests.ui.drafts import FLOW, HELLO, draft, holds, kept
from tests.ui.site import Site
from tests.until import until


def save(site: Site, name: str, flow: str) -> None:
    with site.api() as api:
        api.call("PUT", f"/bots/{name}/draft/files/{FLOW}", {"text": flow}, headers={"If-Match": "*"})


def has(site: Site, name: str, flow: str) -> None:
    site.run(until(lambda: kept(site, name)[FLOW] == flow))


def versions(page: Page) -> None:
    page.get_by_role("button", name="Versions").click()


@pytest.mark.drill
def test_a_draft_is_compared_discarded_and_taken_back(site: Site, enter: Enter) -> None:
    name = draft(site)
    with site.api() as api:
        api.call("POST", f"/bots/{name}/draft/publish", {}, headers={"If-Match": "*"})
    later = (
        HELLO.replace("Tea, coming up.", "One tea.")
        .replace("id: nudge", "id: remind")
        .replace("timeout: nudge", "timeout: remind")
    )
    save(site, name, HELLO.replace("Tea, coming up.", "A tea."))
    save(site, name, later)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")

    page.get_by_role("button", name="Publish", exact=True).click()
    publish = page.get_by_role("dialog", name="Publish the draft")
    whose = publish.get_by_role("list", name="Whose changes are in it")
    expect(whose.get_by_text(f"operator: {FLOW}")).to_be_visible()
    page.keyboard.press("Escape")

    versions(page)
    compare = page.get_by_role("region", name="Compare")
    compare.get_by_role("button", name="Compare").click()
    expect(compare.get_by_text("~ tea")).to_be_visible()
    compare.get_by_text(f"{FLOW} · changed").click()
    lines = compare.locator("pre")
    lines.press("ArrowDown")  # it scrolls by keyboard
    expect(lines).to_be_focused()
    compare.get_by_role("button", name="On the canvas").click()
    drawn = page.get_by_role("dialog", name="On the canvas")
    cards = drawn.get_by_role("application", name="Flow hello").locator(".react-flow__node")
    for step, change in (("tea", "Changed"), ("remind", "New"), ("nudge", "Gone")):
        expect(drawn.locator(f'[data-id="{step}"]')).to_contain_text(change)
    expect(cards).to_have_count(5)
    drawn.locator('[data-id="tea"]').click()
    expect(drawn.get_by_text("Tea, coming up.").last).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Discard the draft: back to version 1").click()
    expect(page.get_by_text("The draft is what is published, version 1").first).to_be_visible()
    has(site, name, HELLO)
    page.get_by_role("button", name="Undo", exact=True).click()
    has(site, name, later)

    versions(page)
    page.get_by_role("button", name="Earlier savings").click()
    savings = page.get_by_role("region", name="The draft").get_by_role("listitem")
    earlier = savings.nth(3)  # now, discarded, as it was before that, and what was saved before
    earlier.get_by_role("button", name="Changed since").click()
    expect(earlier.get_by_text("~ tea")).to_be_visible()
    earlier.get_by_role("button", name="Go back to it").click()
    holds(site, name, "A tea.")
    expect(page.get_by_text("The draft is as it was then").first).to_be_visible()
