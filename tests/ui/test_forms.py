"""Forms: what is typed is never lost, and what is wrong stands at its field, in the person's language."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from cli.client import Client
from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.site import PASSWORD, Faults, Site, lose_answer, speak

WRONG_ADDRESS = "An address that begins with https:// or http://, without spaces or a password."


def new_webhook(page: Page) -> Locator:
    page.get_by_role("button", name="Add a webhook").first.click()
    return page.get_by_role("dialog", name="Add a webhook")


@pytest.mark.drill
def test_what_is_typed_survives_a_reload_signing_out_and_a_session_that_ends(
    site: Site, context: BrowserContext
) -> None:
    speak(context, "en")
    email = site.person("admin", "Ida Neri")
    page = context.new_page()
    page.goto(f"{site.url}/settings/webhooks")
    site.fill_in(page, email)
    form = new_webhook(page)
    form.get_by_label("Name").fill("Stock desk")
    form.get_by_label("Address").fill("https://ana:secret@crm.example.com/hook")
    form.get_by_label("number.state").check()
    page.reload()
    new_webhook(page)
    expect(form.get_by_text("What you typed before is here again.")).to_be_visible()
    expect(form.get_by_label("Name")).to_have_value("Stock desk")
    expect(form.get_by_label("number.state")).to_be_checked()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text(WRONG_ADDRESS)
    expect(form.get_by_label("Address")).to_be_focused()
    form.get_by_role("button", name="Close").click()

    page.get_by_role("link", name="Exports").click()
    page.get_by_label("What", exact=True).select_option("contacts")
    page.reload()
    expect(page.get_by_label("What", exact=True)).to_have_value("contacts")
    expect(page.get_by_text("What you typed before is here again.")).to_be_visible()
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Bots").click()
    new_bot = page.get_by_role("dialog", name="New bot")
    page.get_by_role("button", name="New bot").click()
    new_bot.get_by_label("Name").fill("begun")
    page.reload()
    page.get_by_role("button", name="New bot").click()
    expect(new_bot.get_by_label("Name")).to_have_value("begun")
    new_bot.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Ida Neri").click()
    page.get_by_role("menuitem", name="Sign out").click()
    site.fill_in(page, email)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Webhooks").click()
    new_webhook(page)
    expect(form.get_by_label("Name")).to_have_value("Stock desk")

    form.get_by_label("Address").fill("https://crm.example.com/hook")
    with site.api() as api:
        api.call("DELETE", f"/users/{email}/sign-ins")
    asked = page.get_by_role("dialog", name="You were signed out")
    expect(asked).to_be_visible()
    site.forget_tries()
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Sign in", exact=True).click()
    expect(form.get_by_label("Address")).to_have_value("https://crm.example.com/hook")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("dialog", name="The signing secret").get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name="Stock desk")).to_be_visible()
    new_webhook(page)
    expect(form.get_by_label("Name")).to_have_value("")  # it is saved: nothing is kept
    with site.api() as api:
        (hook,) = (each for each in api.pages("/webhooks") if each["name"] == "Stock desk")
        api.call("DELETE", f"/webhooks/{hook['id']}")


def test_nothing_is_done_late_or_twice(enter: Enter, site: Site, faults: Faults) -> None:
    faults.forgive("Failed to load resource: net::ERR_")
    page = enter("admin", at="/settings/api-keys")
    page.get_by_role("button", name="Make a key").first.click()
    form = page.get_by_role("dialog", name="Make a key")
    form.get_by_label("Name").fill("night shift")
    act = form.get_by_role("button", name="Make a key")
    wrong = form.get_by_role("alert")

    def made() -> int:
        with site.api() as api:
            return sum(each["name"] == "night shift" for each in api.pages("/api-keys"))

    page.context.set_offline(True)
    act.click()
    expect(wrong).to_contain_text("You are offline")
    expect(form.get_by_label("Name")).to_have_value("night shift")
    page.context.set_offline(False)

    page.route("**/api/v1/api-keys", lose_answer, times=1)
    act.click()
    expect(wrong).to_contain_text("The server does not answer")
    assert made() == 1  # nor was it done when the net was back
    act.click()  # not known to be done, it is asked for again
    shown = page.get_by_role("dialog", name="night shift")
    expect(shown).to_be_visible()
    assert made() == 1
    shown.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Make a key").first.click()
    form.get_by_label("Name").fill("night shift")
    act.click()  # the same, meant anew
    expect(shown).to_be_visible()
    assert made() == 2
    shown.get_by_role("button", name="Close").click()

    page.context.set_offline(True)
    page.get_by_role("button", name="Admin Rossi").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are offline").first).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def test_a_setting_that_two_admins_change_asks_whose_it_shall_be(enter: Enter, site: Site) -> None:
    bot = site.installed.add_bot(ROOT / "bots" / "table-booking")
    with site.api() as api:
        api.post("/numbers", {"name": "Contested", "channel": "simulator", "bot": bot})
    page = enter("admin", at="/numbers/Contested")
    sends = page.get_by_label("Sends a second", exact=True)
    sends.fill("3")
    with site.api() as api:
        change(api, {"max_sends": 9, "throttle": "off"})
    asks = page.get_by_text("Somebody else has changed this meanwhile").locator("../..")
    expect(asks).to_contain_text("Sends a second")
    expect(asks).to_contain_text("9")
    expect(sends).to_have_value("3")
    asks.get_by_role("button", name="Keep mine").click()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings are saved.").first).to_be_visible()
    with site.api() as api:
        assert api.get("/numbers/Contested")["settings"] == {"max_sends": 3, "throttle": "off"}

    sends.fill("4")
    with site.api() as api:
        change(api, {"max_sends": 8})
    asks.get_by_role("button", name="Take theirs").click()
    expect(sends).to_have_value("8")
    expect(asks).to_have_count(0)

    # What is typed while it is being saved is not lost, and nobody else's.
    held: list[Route] = []
    page.route("**/numbers/Contested", lambda call: held.append(call), times=1)
    sends.fill("5")
    with page.expect_request(lambda call: call.method == "PATCH"):
        page.get_by_role("button", name="Save settings").click()
    sends.fill("6")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        held[0].continue_()
    expect(page.get_by_role("button", name="Save settings")).to_be_enabled()
    expect(sends).to_have_value("6")
    expect(asks).to_have_count(0)


def change(api: Client, settings: dict[str, object]) -> None:
    etag = api.get("/numbers/Contested")["etag"]
    api.call("PATCH", "/numbers/Contested", {"settings": settings}, headers={"If-Match": f'"{etag}"'})


def test_what_is_wrong_is_said_at_its_field_in_italian(enter: Enter, site: Site, faults: Faults) -> None:
    faults.forgive("Failed to load resource")
    with site.api() as api:
        team = api.post("/teams", {"name": "vendite", "title": ""})
    page = enter("admin", at="/settings/teams", language="it")
    name = page.get_by_label("Nome per i flussi")
    wrong = page.get_by_role("alert")
    name.fill("vendite")
    page.get_by_role("button", name="Aggiungi").click()
    expect(wrong).to_contain_text("vendite")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    name.fill("Vendite e altro!")
    page.get_by_role("button", name="Aggiungi").click()
    expect(wrong).to_have_text("Non ha la forma giusta.")
    expect(name).to_have_value("Vendite e altro!")
    page.route("**/api/v1/teams", lambda route: route.fulfill(status=503, body="<html>"))
    page.get_by_role("button", name="Aggiungi").click()
    expect(wrong).to_contain_text("Quello che hai scritto è ancora qui")
    page.unroute_all()
    expect(name).to_have_value("Vendite e altro!")
    with site.api() as api:
        api.call("DELETE", f"/teams/{team['id']}")
