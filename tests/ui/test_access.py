"""Nobody is shut out: axe finds nothing serious on any page, in both themes, and a phone never scrolls sideways."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.installation import ROOT
from tests.ui.axe import serious
from tests.ui.conftest import Enter
from tests.ui.contact import Served
from tests.ui.drafts import HELLO, draft
from tests.ui.site import SETTINGS, Site, width

PATHS = (
    "/",
    "/conversations",
    "/bots",
    "/numbers",
    "/numbers/new",
    "/numbers/new?channel=cloud_api",
    "/numbers/access",
    "/dead-letters",
    "/contacts",
    *(f"/settings/{place}" for place in SETTINGS),
    "/nowhere",
)
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


def settled(page: Page) -> None:
    """All is loaded."""
    expect(page.locator("main").first).to_be_visible()
    expect(page.locator("[role=status] > .sr-only")).to_have_count(0)


def wear(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")


@pytest.fixture(scope="module")
def number(site: Site) -> Iterator[list[str]]:
    """A linked number whose page shows all that there is, and a talk on another; pages that show it."""
    bot = site.installed.add_bot(ROOT / "bots" / "table-booking")
    with site.api() as api:
        api.post("/numbers", {"name": "access", "channel": "linked_device", "bot": bot})
        api.post("/webhooks", {"name": "CRM", "url": "https://example.com/hook", "types": ["run.handed_off"]})
        api.post("/invitations", {"email": "somebody@example.com", "role": "agent"})
    served = Served.start(site, "Desk")
    talk = served.contact().conversation
    ((contact,),) = site.rows("SELECT contact_id::text FROM conversations WHERE id = %s", talk)
    yield [
        *PATHS,
        "/numbers/Desk",
        f"/conversations?number=Desk&open={talk}",
        f"/contacts?open={contact}",
    ]
    site.installed.end_numbers()


@pytest.mark.drill
@THEMES
def test_axe_finds_nothing_serious(enter: Enter, site: Site, number: list[str], theme: str) -> None:
    page = enter("admin")
    wear(page, theme)
    found: dict[str, list[str]] = {}
    for path in number:
        page.goto(f"{site.url}{path}")
        settled(page)
        found[path] = serious(page)
    page.goto(f"{site.url}/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["palette"] = serious(page)
    page.context.clear_cookies()
    page.goto(f"{site.url}/sign-in")
    expect(page.get_by_role("heading")).to_be_visible()
    found["sign-in"] = serious(page)
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.drill
@THEMES
def test_axe_finds_nothing_serious_in_the_studio(enter: Enter, site: Site, theme: str) -> None:
    wrong = HELLO.replace("coffee: coffee", "coffee: cofee")
    name = draft(site, wrong)
    page = enter("admin", at=f"/bots/{name}?step=ask&pane=step")
    wear(page, theme)
    found: dict[str, list[str]] = {}
    expect(page.get_by_role("region", name="Problems").get_by_text("cofee")).to_be_visible()
    for tab in ("Step", "Preview", "Simulator", "Tests"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
        settled(page)
        found[tab] = serious(page)
    for view in ("Split", "YAML"):
        page.get_by_role("button", name=view, exact=True).click()
        expect(page.locator(".cm-content")).to_be_visible()
        expect(page.locator(".cm-lint-marker-error")).to_be_visible()
        found[view] = serious(page)
    for dialog, title in (("Publish", "Publish the draft"), ("Versions", "Versions")):
        page.get_by_role("button", name=dialog, exact=True).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        settled(page)
        found[dialog] = serious(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Canvas", exact=True).click()
    page.get_by_role("button", name="Add a step").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    found["steps to add"] = serious(page)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("list", name="Flow hello")).to_be_visible()
    found["outline"] = serious(page)
    assert width(page) <= 390
    assert {place: each for place, each in found.items() if each} == {}


@pytest.mark.drill
def test_the_outline_says_what_the_canvas_shows_and_the_canvas_is_heard(enter: Enter, site: Site) -> None:
    name = draft(site)
    page = enter("admin", at=f"/bots/{name}")
    page.emulate_media(reduced_motion="reduce")
    cards = page.locator(".react-flow__node")
    expect(cards).to_have_count(4)
    named = [str(each.get_attribute("aria-label")) for each in cards.all()]
    ways = page.locator(".react-flow__edge")
    expect(ways).to_have_count(4)  # three that are named, and tea; stop is no card
    canvas = page.get_by_role("application", name="Flow hello")
    canvas.focus()
    assert canvas.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("ask, Menu: Tea or coffee?")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.get_by_text("ask, Menu: Tea or coffee?; 3 steps folded")).to_have_count(1)
    expect(cards).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.react-flow__node, .react-flow__edge')") is None
    page.set_viewport_size({"width": 390, "height": 844})
    outline = page.get_by_role("list", name="Flow hello").get_by_role("listitem")
    expect(outline).to_have_count(1)
    expect(outline).to_contain_text("+3 steps")
    outline.get_by_role("button", name="Fold what follows ask").click()
    expect(outline).to_have_count(len(named))
    for label, line in zip(named, outline.all(), strict=True):
        step, _, words = label.partition(", ")
        expect(line).to_contain_text(re.compile(f"^{step}"))
        expect(line).to_contain_text(words.partition(": ")[2].partition(";")[0])
    for way in ("other → ask", "coffee → coffee", "timeout → nudge"):
        expect(outline.first).to_contain_text(way)


@pytest.mark.drill
def test_a_phone_scrolls_down_only(enter: Enter, site: Site, number: list[str]) -> None:
    page = enter("admin")
    page.set_viewport_size({"width": 390, "height": 780})
    for path in number:
        page.goto(f"{site.url}{path}")
        settled(page)
        assert width(page) <= 390, path
