"""The studio's own room: panes of any size, or hidden; a canvas seen from afar, tidied, and inserted into."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.ui.conftest import Enter
from tests.ui.drafts import FLOW, draft, holds, kept
from tests.ui.site import Site
from tests.ui.test_canvas import canvas, card, carry, handle, option, place
from tests.until import until


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 1600, "height": 1000}


def wide(page: Page, name: str) -> float:
    box = page.get_by_role("complementary", name=name).bounding_box()
    return 0 if box is None else box["width"]


def test_panes_are_as_wide_as_they_are_made_and_can_be_hidden(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("viewer", at=f"/bots/{name}?file={FLOW}")
    expect(card(page, "ask")).to_be_visible()
    assert (wide(page, "Files of the bot"), wide(page, "Try it")) == (224, 352)
    edge = page.get_by_role("separator", name="Width of the files")
    edge.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "240")
    right = page.get_by_role("separator", name="Width of the step")
    x, y = place(page, right)
    carry(page, right, (x - 100, y))
    expect(right).to_have_attribute("aria-valuenow", "452")
    assert (wide(page, "Files of the bot"), wide(page, "Try it")) == (240, 452)
    page.get_by_role("button", name="Hide the files").click()
    page.get_by_role("button", name="Hide the step and the simulator").click()
    expect(page.get_by_role("complementary", name="Try it")).to_be_hidden()
    page.reload()
    expect(card(page, "ask")).to_be_visible()
    expect(page.get_by_role("complementary", name="Files of the bot")).to_be_hidden()
    card(page, "tea").click()
    page.keyboard.press("Enter")  # to open a step shows where its form is
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert wide(page, "Try it") == 452
    page.get_by_role("button", name="Show the files").click()
    assert wide(page, "Files of the bot") == 240
    edge.dblclick()
    expect(edge).to_have_attribute("aria-valuenow", "224")

    # The preview's tools stay on one row in the narrowest pane.
    x, y = place(page, right)
    carry(page, right, (x + 400, y))
    expect(right).to_have_attribute("aria-valuenow", "280")
    page.get_by_role("tab", name="Preview").click()
    pane = page.get_by_role("tabpanel", name="Preview")
    tools = [pane.get_by_label(each) for each in ("Language", "Channel", "As a form", "Print")]
    boxes = [found for each in tools if (found := each.bounding_box())]
    middles = {round(each["y"] + each["height"] / 2) for each in boxes}
    assert len(boxes) == len(tools)
    assert max(middles) - min(middles) <= 2
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 1600

    # On a small screen what nobody has sized leaves the canvas more.
    page.set_viewport_size({"width": 1024, "height": 768})
    page.reload()
    expect(card(page, "ask")).to_be_visible()
    assert (wide(page, "Files of the bot"), wide(page, "Try it")) == (192, 280)


@pytest.mark.drill
def test_the_canvas_is_found_in_seen_from_afar_and_tidied(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}")
    expect(card(page, "nudge")).to_be_visible()
    was = card(page, "tea").bounding_box()
    for step, by in (("tea", 60), ("coffee", 80)):
        x, y = place(page, card(page, step), down=0.2)
        carry(page, card(page, step).locator("p").first, (x + by, y + by))
        holds(site, name, f'"{step}"')
    moved = kept(site, name)["layout.json"]
    card(page, "tea").click()
    card(page, "nudge").click(modifiers=["ControlOrMeta"])
    page.get_by_role("button", name="Tidy the selection").click()
    site.run(until(lambda: '"tea"' not in kept(site, name)["layout.json"]))
    assert '"coffee"' in kept(site, name)["layout.json"]
    assert card(page, "tea").bounding_box() == was
    page.keyboard.press("Control+z")
    site.run(until(lambda: kept(site, name).get("layout.json") == moved))

    canvas(page).focus()
    page.keyboard.press("Control+f")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()
    page.keyboard.press("Escape")
    # `/` adds a step on the way under the pointer.
    out = place(page, handle(page, "ask", "coffee"))
    page.mouse.move(out[0] + 12, out[1])
    canvas(page).focus()
    page.keyboard.press("/")
    page.keyboard.type("tag")
    expect(option(page, "tag")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(card(page, "tag")).to_be_visible()
    holds(site, name, "coffee: tag")

    after = "(card) => getComputedStyle(card.querySelector('.studio-card'), '::after').content"
    assert card(page, "tea").evaluate(after) == "none"
    for _ in range(8):
        page.get_by_role("button", name="Zoom Out").click()
    page.wait_for_function(f"({after})(document.querySelector('[data-id=tea]')) === '\"tea\"'")
