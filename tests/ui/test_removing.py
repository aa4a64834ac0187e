"""Steps that go, and who still names them: in the flow, in its defaults, in a test."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.drafts import BOT, FLOW, HELLO, fresh, hold, kept
from tests.ui.site import Site
from tests.until import until

FILES = {
    FLOW: HELLO.replace("steps:", "defaults: {timeout: nudge}\nsteps:"),
    "tests/coffee.yaml": "test: coffee\nbegin: {flow: hello, step: coffee}\ntalk:\n  - bot: Coffee, coming up.\n",
}


@pytest.mark.drill
def test_a_step_that_goes_shows_who_still_names_it(site: Site, enter: Enter) -> None:
    name = fresh("leaving")
    files = {**FILES, "bot.yaml": BOT.format(name=name)}
    with site.api() as api:
        hold(api, name, files)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}&step=coffee")
    page.get_by_role("application", name="Flow hello").focus()
    page.keyboard.press("Delete")
    notices = page.get_by_role("region", name="Notifications").get_by_role("listitem")
    dialog = page.get_by_role("dialog", name="Remove the step coffee?")
    expect(dialog.get_by_text("2 places still name what goes.")).to_be_visible()
    expect(dialog.get_by_role("button", name="flows/hello.yaml:15 · ask")).to_be_visible()
    dialog.get_by_role("button", name="tests/coffee.yaml:2").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("textbox", name="tests/coffee.yaml")).to_contain_text("step: coffee")
    assert kept(site, name) == files

    # It goes when that is meant, and comes back.
    page.goto(f"{page.url.split('?')[0]}?file={FLOW}&step=coffee&pane=step")
    page.get_by_role("tabpanel", name="Step").get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("button", name="Remove").click()
    said = notices.filter(has_text="Removed the step coffee")
    said.get_by_role("button", name="ask").click()
    expect(page).to_have_url(re.compile("step=ask"))
    site.run(until(lambda: "id: coffee" not in kept(site, name)[FLOW]))
    said.get_by_role("button", name="Undo").click()
    site.run(until(lambda: kept(site, name) == files))

    # What only its own flow names goes at once: its steps and defaults are told.
    page.get_by_role("application", name="Flow hello").focus()
    page.goto(f"{page.url.split('?')[0]}?file={FLOW}&step=nudge&pane=step")
    page.get_by_role("tabpanel", name="Step").get_by_role("button", name="Delete", exact=True).click()
    said = notices.filter(has_text="Removed the step nudge")
    expect(said.get_by_role("button", name="ask")).to_be_visible()
    said.get_by_role("button", name="the flow’s defaults").click()
    expect(page.get_by_role("heading", name="The flow hello")).to_be_visible()

    # In the outline too, by key; who removes goes on at what follows.
    page.set_viewport_size({"width": 390, "height": 844})
    outline = page.get_by_role("list", name="Flow hello")
    outline.get_by_role("button", name=re.compile("^coffee")).press("Delete")
    dialog.get_by_role("button", name="Remove").click()
    expect(outline.get_by_role("listitem")).to_have_count(2)
    expect(outline.get_by_role("button", name=re.compile("^tea"))).to_be_focused()
