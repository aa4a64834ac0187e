"""Settings: people, teams, keys, webhooks, actions, events, fields, retention, exports, the audit."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from aiohttp import web
from playwright.sync_api import Locator, Page, expect

from tests.receiver import Receiver, receiver
from tests.ui.beside import beside
from tests.ui.conftest import Contexts, Enter
from tests.ui.site import Site

PRIVATE = {"CHATLOOM_ALLOW_PRIVATE_WEBHOOKS": "1"}


@pytest.fixture
def crm() -> Iterator[Receiver]:
    """Somebody's program, which webhooks and custom actions call."""
    with beside(receiver()) as found:
        yield found


@pytest.fixture(scope="module")
def near(site: Site) -> str:
    """A server that may call this machine, and a worker that may."""
    site.installed.start("work", "-m", "cli.main", "work", environment=PRIVATE)
    return site.run(site.installed.start_another_server("near", PRIVATE))


@pytest.mark.drill
def test_somebody_is_invited_a_key_is_shown_once_a_team_is_made(
    enter: Enter, contexts: Contexts, site: Site
) -> None:
    page = enter("admin", at="/settings/people")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("E-mail").fill("mia@example.com")
    page.get_by_role("dialog").get_by_label("Role").select_option("Editor")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("dialog", name="Send this link to mia@example.com")
    link.get_by_role("button", name="Copy").click()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{site.url}/invitation#")
    link.get_by_role("button", name="Close").click()
    page.get_by_role("listitem").filter(has_text="mia@example.com").get_by_role(
        "button", name="Withdraw"
    ).click()
    expect(page.get_by_text("mia@example.com")).to_have_count(0)

    go(page, "API keys")
    page.get_by_role("button", name="Make a key").click()
    form = page.get_by_role("dialog", name="Make a key")
    form.get_by_label("Name").fill("Till")
    form.get_by_label("Only these resources").fill("events, nonsense")
    form.get_by_role("button", name="Make a key").click()
    expect(form.get_by_role("alert")).to_be_visible()
    form.get_by_label("Only these resources").fill("numbers:read")
    form.get_by_role("button", name="Make a key").click()
    shown = page.get_by_role("dialog", name="The key “Till”")
    shown.get_by_role("button", name="Copy").first.click()
    key = page.evaluate("navigator.clipboard.readText()")
    bearer = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{site.url}/api/v1/numbers", headers=bearer, trust_env=False).status_code == 200
    shown.get_by_role("button", name="Close").click()
    page.get_by_role("row").filter(has_text="Till").get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("dialog")).to_have_count(0)  # as long as it is there, rows are hidden behind it
    expect(page.get_by_role("row").filter(has_text="Till")).to_have_count(0)
    assert httpx.get(f"{site.url}/api/v1/numbers", headers=bearer, trust_env=False).status_code == 401

    go(page, "Teams")
    page.get_by_label("Name for flows").fill("sales")
    page.get_by_label("Title").fill("Sales")
    page.get_by_role("button", name="Add the team").click()
    team = page.get_by_role("heading", name="Sales sales").locator("../..")
    team.get_by_label("Add somebody…").select_option(index=1)
    expect(team.get_by_role("listitem")).to_have_count(1)
    team.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No teams")).to_be_visible()


@pytest.mark.drill
def test_a_webhook_is_made_tested_and_delivered_once_more(enter: Enter, near: str, crm: Receiver) -> None:
    page = enter("admin", at=f"{near}/settings/webhooks")
    page.get_by_role("button", name="Add a webhook").first.click()
    form = page.get_by_role("dialog", name="Add a webhook")
    form.get_by_label("Name").fill("Orders desk")
    form.get_by_label("Address").fill("ftp://crm.example.com")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert").first).to_be_visible()
    form.get_by_label("Address").fill(crm.url)
    form.get_by_role("button", name="Save").click()
    shown = page.get_by_role("dialog", name="The signing secret")
    shown.get_by_role("button", name="Copy").first.click()
    secret = page.evaluate("navigator.clipboard.readText()")
    shown.get_by_role("button", name="Close").click()

    card = page.get_by_role("heading", name="Orders desk").locator("../..")
    card.get_by_role("button", name="Send a test").click()
    log = page.get_by_role("dialog", name="Deliveries to Orders desk")
    expect(log.get_by_role("listitem").filter(has_text="Delivered 204")).to_have_count(1)
    log.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is sent again").first).to_be_visible()
    expect(log.get_by_role("listitem").filter(has_text="Delivered 204")).to_have_count(2)
    log.get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Orders desk")).to_have_count(0)
    assert crm.verified(secret)


@pytest.mark.drill
def test_an_action_is_declared_and_tried(enter: Enter, near: str, crm: Receiver) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"outcome": "found", "data": {"points": 12}})

    crm.answer = answer
    page = enter("admin", at=f"{near}/settings/actions")
    page.get_by_role("button", name="Add an action").first.click()
    form = page.get_by_role("dialog", name="Add an action")
    form.get_by_label("Name for flows").fill("find_customer")
    form.get_by_label("Title").fill("Find a customer")
    form.get_by_label("Address").fill(crm.url)
    form.get_by_label("Outcomes").fill("found, missing")
    form.get_by_label("What it takes (JSON Schema)").fill('{"type": "object"')
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    schema = {"type": "object", "required": ["email"], "properties": {"email": {"format": "email"}}}
    form.get_by_label("What it takes (JSON Schema)").fill(json.dumps(schema))
    form.get_by_role("button", name="Save").click()
    page.get_by_role("dialog", name="The signing secret").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Try it").click()
    tried = page.get_by_role("dialog", name="Try Find a customer")
    sample = tried.get_by_label("Input (JSON)")
    assert json.loads(sample.input_value()) == {"email": "ana@example.com"}  # by the schema
    sample.fill("{}")
    tried.get_by_role("button", name="Try it").click()
    expect(tried.get_by_role("alert")).to_be_visible()  # the sample lacks the address
    tried.get_by_label("Input (JSON)").fill('{"email": "ada@example.com"}')
    tried.get_by_role("button", name="Try it").click()
    expect(tried.get_by_text("Answered: found")).to_be_visible()
    expect(tried.get_by_text('"points": 12')).to_be_visible()


@pytest.mark.drill
def test_data_is_declared_kept_exported_and_all_of_it_is_in_the_audit(enter: Enter, near: str) -> None:
    page = enter("admin", at=f"{near}/settings/events")
    page.get_by_role("button", name="Add an event").first.click()
    page.get_by_label("Name").fill("order.sent")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "order.sent")).to_contain_text("order")
    remove(page, "order.sent")

    go(page, "Contact fields")
    page.get_by_label("Name for flows").fill("shoe_size")
    page.get_by_label("Type").select_option("Whole number")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row(page, "shoe_size")).to_contain_text("Whole number")
    remove(page, "shoe_size")

    go(page, "Secrets")
    page.get_by_label("Name").fill("crm_token")
    page.get_by_label("Value").fill("s3cret")
    page.get_by_role("button", name="Save").click()
    expect(row(page, "crm_token")).to_be_visible()
    expect(page.get_by_text("s3cret")).to_have_count(0)
    remove(page, "crm_token")

    go(page, "Retention")
    page.get_by_label("Messages, in days").fill("3650")
    page.get_by_role("button", name="Save").click()
    ask = page.get_by_role("dialog", name="Delete what is older?")
    expect(ask.get_by_text("Nothing is older than that now.")).to_be_visible()
    ask.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("Messages, in days")).to_have_value("3650")

    go(page, "Exports")
    page.get_by_label("What").select_option("Contacts")
    page.get_by_role("button", name="Export", exact=True).click()
    export = page.get_by_role("listitem").filter(has_text="Contacts · CSV").first
    expect(export.get_by_text("Done")).to_be_visible()
    with page.expect_download() as file:
        export.get_by_role("button", name="Download").click()
    assert file.value.suggested_filename.endswith((".csv", ".zip", ".csv.gz"))
    export.get_by_role("button", name="Remove").click()
    asks = page.get_by_role("dialog", name="Remove the export Contacts · CSV?")
    asks.get_by_role("button", name="Remove").click()
    expect(export.get_by_role("button", name="Download")).to_have_count(0)

    go(page, "Audit")
    page.get_by_label("Action", exact=True).fill("event_schema.")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("action=event_schema"))
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Verify the integrity").click()
    expect(page.get_by_text(re.compile(r"Intact: \d+"))).to_be_visible()


def test_an_export_is_scheduled_in_plain_words_paused_and_removed(enter: Enter) -> None:
    page = enter("admin", at="/settings/exports")
    page.get_by_role("button", name="Schedule an export").click()
    form = page.get_by_role("dialog", name="Schedule an export")
    form.get_by_label("Name", exact=True).fill("Contacts of the week")
    form.get_by_label("What", exact=True).select_option("Contacts")
    form.get_by_label("When", exact=True).select_option("By a cron line")
    form.get_by_label("Cron line").fill("*/5 * * * *")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Cron line")).to_have_attribute(
        "aria-invalid", "true"
    )  # and not the form as a whole
    expect(form.get_by_role("alert")).to_have_count(1)
    form.get_by_label("When", exact=True).select_option("Each week")
    form.get_by_label("Weekday").select_option("Friday")
    form.get_by_label("At", exact=True).fill("18:30")
    form.get_by_label("Time zone").select_option("Europe/Rome")
    form.get_by_role("button", name="Save").click()
    entry = page.get_by_role("listitem").filter(has_text="Contacts of the week")
    expect(entry).to_contain_text("each Friday at 18:30 (Europe/Rome)")
    entry.get_by_role("button", name="Change when Contacts of the week is exported").click()
    moves = page.get_by_role("dialog", name="Change when Contacts of the week is exported")
    expect(moves.get_by_label("Weekday")).to_have_value("5")
    moves.get_by_label("When", exact=True).select_option("Each day")
    moves.get_by_label("At", exact=True).fill("07:15")
    moves.get_by_role("button", name="Save").click()
    expect(entry).to_contain_text("each day at 07:15 (Europe/Rome)")
    entry.get_by_role("switch", name="Contacts of the week is on").click()
    expect(entry.get_by_text("Paused")).to_be_visible()
    entry.get_by_role("button", name="Remove").click()
    asks = page.get_by_role("dialog", name="Remove the scheduled export Contacts of the week?")
    asks.get_by_role("button", name="Remove").click()
    expect(entry).to_have_count(0)


def test_a_workspace_is_named_by_an_admin_and_looked_at_by_others(enter: Enter) -> None:
    page = enter("admin", at="/settings/workspace")
    name = page.get_by_label("Name", exact=True)
    before = name.input_value()
    name.fill("Trattoria Ada")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The workspace has its new name").first).to_be_visible()
    page.reload()
    expect(name).to_have_value("Trattoria Ada")
    page.get_by_role("button", name="Copy").first.click()
    assert re.fullmatch(r"[0-9a-f-]{36}", page.evaluate("navigator.clipboard.readText()"))
    name.fill(before)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()

    page = enter("viewer", at="/settings/workspace")
    expect(page.get_by_text("Only admins may name the workspace.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).not_to_be_editable()


def go(page: Page, place: str) -> None:
    """To another place of the settings, once it is there: two of them may have a field of one name."""
    page.get_by_role("link", name=place).click()
    expect(page.get_by_role("heading", level=2, name=place)).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def remove(page: Page, name: str) -> None:
    """What can be lost is asked for first."""
    row(page, name).get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row(page, name)).to_have_count(0)
