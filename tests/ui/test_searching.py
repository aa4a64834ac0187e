"""Search in conversations: an admin turns it on, an agent finds what was said and opens it where it stands."""

import re

import orjson
import psycopg
import pytest
from playwright.sync_api import Page, expect

from jobs import message_search
from keys.master import load_master_keys
from keys.seal import Sealer, unwrap
from schemas.ids import month_of, new_event_id
from tests.stack.test_jobs import desk
from tests.ui.conftest import Enter
from tests.ui.contact import Served
from tests.ui.site import Site, width


@pytest.fixture(scope="module")
def served(site: Site) -> Served:
    return Served.start(site, "Sought")


def work(site: Site) -> None:
    """What the worker does, until nothing is left to do."""

    async def once() -> None:
        async with desk(site.installed) as at:
            while await message_search.do(at):
                pass

    def states() -> str:
        with site.api() as api:
            return api.get("/message-search")["state"]

    for _ in range(500):
        site.run(once())
        if states() in ("ready", "off"):
            return
    raise AssertionError("it did not come to an end")


def look_for(page: Page, text: str) -> None:
    box = page.get_by_label("Search conversations")
    box.fill(text)
    box.press("Enter")


@pytest.mark.drill
def test_what_was_said_is_found_where_an_admin_allows_it(enter: Enter, site: Site, served: Served) -> None:
    contact, other = served.contact(), served.contact()
    contact.say("Tramontana 🌬️ alle nove")
    said = "SELECT count(*) > %s FROM messages WHERE conversation_id = %s AND direction = 'in'"
    site.until(said, 1, contact.conversation)
    _fill(site, served, contact.conversation)
    other.say("nothing of that")
    site.until(said, 1, other.conversation)
    agent = enter("agent", at=f"/conversations?number={served.id}")
    look_for(agent, "tramont")
    expect(agent.get_by_text("Search in what was said is off here")).to_be_visible()
    expect(agent.get_by_text("An admin can turn it on in the settings, under Search.")).to_be_visible()

    admin = enter("admin", at="/settings/search")
    admin.get_by_role("switch", name="Search in what was said").click()
    expect(admin.get_by_role("switch", name="Search in what was said")).to_be_checked()
    expect(admin.get_by_text("older messages are being read")).to_be_visible()
    work(site)
    expect(admin.get_by_text("On: all messages can be found")).to_be_visible()

    agent.reload()
    results = agent.get_by_role("region", name="What was found")
    found = results.get_by_role("link").filter(has=agent.locator("mark", has_text="Tramont"))
    expect(found.first).to_contain_text("🌬️ alle nove")
    expect(results).not_to_contain_text("nothing of that")
    found.last.click()
    expect(agent).to_have_url(
        re.compile(rf"open={contact.conversation}&.*at=|at=.*open={contact.conversation}")
    )
    here = agent.get_by_role("log").locator("li[aria-current=true]")
    expect(here).to_contain_text("Tramontana")
    expect(here).to_be_in_viewport()
    expect(agent.get_by_text("line 150")).to_have_count(0)
    agent.get_by_role("button", name="Later messages").click()
    expect(agent.get_by_text("line 50", exact=True)).to_be_attached()
    expect(agent.get_by_text("line 150")).to_have_count(0)
    agent.get_by_role("button", name="To the latest").click()
    expect(agent.get_by_text("line 150", exact=True)).to_be_in_viewport()
    expect(agent.get_by_label("Search conversations")).to_have_value("tramont")

    look_for(agent, "tramontana libeccio")
    expect(agent.get_by_text("Nothing was found")).to_be_visible()
    agent.set_viewport_size({"width": 390, "height": 800})
    agent.get_by_role("button", name="Back to the list").click()
    assert width(agent) <= 390
    agent.get_by_role("button", name="Clear the search").click()
    expect(agent.get_by_label("List of conversations").get_by_role("list").get_by_role("link")).to_have_count(
        2
    )

    admin.get_by_role("switch", name="Search in what was said").click()
    expect(admin.get_by_text("Off: what was kept for it is being deleted")).to_be_visible()
    work(site)
    expect(admin.get_by_text("Off: nothing is kept for it.")).to_be_visible()


def _fill(site: Site, served: Served, conversation: object) -> None:
    """Much was said since."""
    masters = load_master_keys(site.installed.home, {}, create=False)
    with psycopg.connect(site.installed.database) as db:
        row = db.execute(
            "SELECT d.workspace_id, d.wrapped FROM data_keys d JOIN numbers n USING (workspace_id) WHERE n.id = %s",
            [served.id],
        ).fetchone()
        assert row is not None
        sealer = Sealer(unwrap(bytes(row[1]), masters, row[0]), row[0])
        for nth in range(1, 151):
            key = new_event_id()
            body = sealer.seal("messages", "body", key.bytes, orjson.dumps({"text": f"line {nth}"}))
            db.execute(
                "INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, body, status,"
                " status_at, created_at, place) VALUES (%s, %s, %s, %s, %s, 'out', 'text', %s, 'sent', now(), now(), %s)",
                [served.id, month_of(key), key, row[0], conversation, body, nth],
            )
