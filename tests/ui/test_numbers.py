"""Numbers: added, given a bot, set, paused and removed by an admin; looked at by a viewer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.site import Faults, Site, width


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    """A published bot."""
    return site.installed.add_bot(ROOT / "bots" / "table-booking")


def choose(page: Page, channel: str) -> None:
    page.get_by_role("main").get_by_role("link", name=channel).click()


def test_a_simulated_number_from_nothing_to_gone(site: Site, enter: Enter, bot: str) -> None:
    page = enter("admin", at="/numbers/new")
    choose(page, "Simulator")
    page.get_by_label("Name").fill("Try me")
    page.get_by_label("Bot").select_option(bot)
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_role("heading", level=1, name="Try me")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Stopped").first).to_be_visible()

    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_label("Version").select_option(label="1")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("link", name="version 1, pinned")).to_be_visible()

    sends = page.get_by_label("Sends a second", exact=True)
    sends.fill("minus two")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("alert")).to_have_text("This is of the wrong kind.")
    sends.fill("0")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("alert")).to_have_text("More than 0.")
    sends.fill("2.5")
    page.get_by_label("Messages a minute from one contact: No limit").check()
    page.get_by_label("Keep to the channel’s limit for one contact").select_option("No")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings are saved.").first).to_be_visible()
    with site.api() as api:
        kept = api.get("/numbers/Try me")
        assert kept["settings"] == {"max_sends": 2.5, "throttle": "off", "pair_limit": "off"}
        assert (kept["bot"], kept["version"]) == (bot, 1)
        api.call(
            "PATCH",
            "/numbers/Try me",
            {"settings": {"max_sends": 9}},
            headers={"If-Match": f'"{kept["etag"]}"'},
        )
    expect(sends).to_have_value("9")  # another admin's change is shown at once

    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Remove the number").click()
    dialog = page.get_by_role("dialog", name="Remove Try me?")
    remove = dialog.get_by_role("button", name="Remove the number")
    expect(remove).to_be_disabled()
    dialog.get_by_label("Type “Try me” to go on").fill("Try me")
    remove.click()
    expect(page).to_have_url(f"{site.url}/numbers")
    expect(page.get_by_text("Try me is removed").first).to_be_visible()
    expect(page.get_by_role("link", name="Try me", exact=True)).to_have_count(0)


def test_a_cloud_number_brings_its_app_and_says_what_to_copy(site: Site, enter: Enter, bot: str) -> None:
    page = enter("admin", at="/numbers/new")
    choose(page, "WhatsApp Cloud API")
    page.get_by_label("Name", exact=True).fill("Support")
    page.get_by_label("Phone number id").fill("not an id")
    page.get_by_label("Access token").fill("EAAG")
    page.get_by_label("App", exact=True).select_option("A new app")
    page.get_by_label("Name of the app here").fill("meta-ui")
    page.get_by_label("App secret").fill("a secret")
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_label("Phone number id")).to_be_focused()
    page.get_by_label("Phone number id").fill("109876543210")
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_text(f"{site.url}/hooks/cloud_api/meta-ui")).to_be_visible()
    page.get_by_role("button", name="Copy the token").click()
    token = page.evaluate("navigator.clipboard.readText()")
    answer = page.request.get(
        f"{site.url}/hooks/cloud_api/meta-ui",
        params={"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "42"},
    )
    assert (answer.status, answer.text()) == (200, "42")
    expect(page.get_by_role("listitem").filter(has_text="A message came in")).to_be_visible()

    page.goto(f"{site.url}/numbers/new?channel=cloud_api")
    page.get_by_label("Name", exact=True).fill("Support")
    page.get_by_label("Phone number id").fill("209876543210")
    page.get_by_label("Access token").fill("EAAG")
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_role("alert")).to_contain_text("'Support' already")
    expect(page.get_by_label("Access token")).to_have_value("EAAG")


@pytest.mark.drill
def test_who_may_only_look_looks(site: Site, enter: Enter, bot: str) -> None:
    with site.api() as api:
        api.post("/numbers", {"name": "Shown", "channel": "simulator", "bot": bot})
    page = enter("viewer", language="it")
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Shown").click()
    expect(page.get_by_text("Solo gli amministratori possono modificare un numero")).to_be_visible()
    expect(page.get_by_label("Invii al secondo", exact=True)).not_to_be_editable()
    for name in ("Riprendi", "Cambia", "Salva le impostazioni", "Altro"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 780})
    expect(page.get_by_role("link", name="Impostazioni")).to_be_visible()  # as the rail has it
    for path in ("/", "/numbers", "/numbers/Shown", "/numbers/new", "/dead-letters"):
        page.goto(f"{site.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert width(page) <= 390, path


def test_an_attempt_to_link_that_is_refused_has_a_report(site: Site, enter: Enter, faults: Faults) -> None:
    faults.forgive("503")
    with site.api() as api:
        api.post("/numbers", {"name": "Refused", "channel": "linked_device"})
    page = enter("admin", at="/numbers")
    problem = {"code": "store.unreachable", "status": 503, "title": "No database", "detail": "Try again."}
    page.route(
        "**/session/pair", lambda route: route.fulfill(status=503, json={"type": "about:blank", **problem})
    )
    page.goto(f"{site.url}/numbers/new?channel=linked_device&number=Refused")
    page.get_by_role("alert").get_by_role("button", name="Copy a report").click()
    said = page.evaluate("navigator.clipboard.readText()")
    assert said.splitlines() == ["Chatloom: linking Refused", "problem: 503 store.unreachable No database"]
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_failed_messages_are_sent_again(site: Site, enter: Enter, bot: str) -> None:
    with site.api() as api:
        number = api.post("/numbers", {"name": "Failing", "channel": "simulator", "bot": bot})
    site.rows(
        "INSERT INTO outbox (number_id, workspace_id, slot, message_id, conversation_id, state, attempt, due_at,"
        " error_code, error, created_at) SELECT id, workspace_id, 0, gen_random_uuid(), gen_random_uuid(), 'dead', 6,"
        " now(), '131047', 'The window of 24 hours is closed.', now() FROM numbers, generate_series(1, 2)"
        " WHERE id = %s RETURNING 1",
        number["id"],
    )
    page = enter("agent", at="/")
    page.get_by_role("link", name="Not delivered").first.click()
    page.get_by_label("Of which number").select_option("Failing")
    expect(page).to_have_url(re.compile(r"/dead-letters\?number=Failing"))
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_label("Choose all").check()
    page.get_by_role("button", name="Send 2 again").click()
    expect(page.get_by_text("2 messages are in the queue again").first).to_be_visible()
    expect(page.get_by_text("Everything went out")).to_be_visible()
