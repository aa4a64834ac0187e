"""Signing in and out, in words that help; a session that ends leaves the page as it was."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pyotp.totp import TOTP

from tests.ui.conftest import Enter
from tests.ui.site import PASSWORD, Faults, Site, speak


def fill(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_who_comes_by_a_link_signs_in_and_is_there(site: Site, page: Page) -> None:
    site.forget_tries()
    email = site.person("viewer", "Vera Viola")
    page.goto(f"{site.url}/contacts?q=ana")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fill(page, email, "not the password")
    expect(page.get_by_role("alert")).to_have_text("The address or the password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Contacts")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/contacts?q=ana")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    page.get_by_role("button", name="Vera Viola").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{site.url}/sign-in?to=//elsewhere.example")
    fill(page, email)
    expect(page).to_have_url(f"{site.url}/")


def test_a_second_factor_is_asked_for_and_too_many_tries_are_told(site: Site, page: Page) -> None:
    site.forget_tries()
    email = site.person("agent")
    page.goto(f"{site.url}/sign-in")
    request = page.request
    token = request.post(f"{site.url}/api/v1/sign-in", data={"email": email, "password": PASSWORD}).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    enrolled = request.post(
        f"{site.url}/api/v1/me/second-factor", data={"password": PASSWORD}, headers=headers
    )
    assert enrolled.ok, enrolled.text()
    code = TOTP(enrolled.json()["secret"])
    confirmed = request.post(
        f"{site.url}/api/v1/me/second-factor/confirm", data={"code": code.now()}, headers=headers
    )
    assert confirmed.ok, confirmed.text()
    recovery = confirmed.json()["recovery_codes"][0]

    fill(page, email)
    field = page.get_by_label("Code")
    expect(field).to_be_focused()
    field.fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    field.fill(recovery)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{site.url}/")

    page.context.clear_cookies()
    page.evaluate("localStorage.clear()")
    page.goto(f"{site.url}/sign-in")
    for _ in range(11):
        request.post(f"{site.url}/api/v1/sign-in", data={"email": email, "password": "guess"})
    fill(page, email)
    expect(page.get_by_role("alert")).to_contain_text("Too many tries. Try again in")
    site.forget_tries()


def test_a_session_that_ends_is_asked_for_over_the_page(site: Site, enter: Enter) -> None:
    page = enter("editor", at="/numbers?q=kept")
    expect(page.get_by_role("heading", name="Numbers")).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("option", name="Conversations")).to_be_visible()
    with site.api() as api:
        for each in api.pages("/users"):
            if each["role"] == "editor":
                api.call("DELETE", f"/users/{each['id']}/sign-ins")
    dialog = page.get_by_role("dialog", name="You were signed out")
    expect(dialog).to_be_visible()
    site.forget_tries()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(palette).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site.url}/numbers?q=kept")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()


def test_an_invitation_is_accepted_in_italian(site: Site, page: Page, context: BrowserContext) -> None:
    site.forget_tries()
    with site.api() as api:
        made = api.post("/invitations", {"email": "invited@example.com", "role": "agent"})
    speak(context, "it")
    page.goto(f"{site.url}/invitation#{made['token']}")
    expect(page.get_by_role("heading", name="Hai un invito")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "it")
    expect(page.get_by_text("invited@example.com")).to_be_visible()
    page.get_by_label("Nome").fill("Ugo Verdi")
    page.reload()
    expect(page.get_by_label("Nome")).to_have_value("Ugo Verdi")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Crea l’account").click()
    navigation = page.get_by_role("navigation", name="Sezioni")
    for name in ("Home", "Conversazioni", "Bot", "Numeri", "Contatti", "Impostazioni"):
        navigation.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()
        expect(page).to_have_title(re.compile(f"^{name} · Chatloom$"))


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_theme_and_language_are_kept_and_the_palette_leads_anywhere(enter: Enter, theme: str) -> None:
    page = enter("viewer")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    palette.get_by_role("combobox").fill(f"theme: {theme}")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.locator("html.dark")).to_have_count(int(theme == "Dark"))
    page.keyboard.press("ControlOrMeta+k")
    palette.get_by_role("combobox").fill("conversations")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Conversations")).to_be_visible()
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitemradio", name="Italiano").click()
    expect(page.get_by_role("heading", name="Conversazioni")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Conversazioni")).to_be_visible()
    expect(page.locator("html.dark")).to_have_count(int(theme == "Dark"))
    page.goto(f"{page.url.rpartition('/')[0]}/nowhere")
    expect(page.get_by_role("main").get_by_text("Qui non c’è nulla")).to_be_visible()


def test_a_page_whose_files_are_slow_to_come_is_waited_for_in_its_place(enter: Enter) -> None:
    page = enter("viewer")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    held: list[Route] = []
    slow = True
    page.route(re.compile("/assets/"), lambda request: held.append(request) if slow else request.continue_())
    page.get_by_role("link", name="Bots").first.click()
    expect(page.get_by_role("main").get_by_text("Loading")).to_have_count(1)
    expect(page.get_by_role("heading", name="Home")).to_have_count(0)
    slow = False
    for request in held:
        request.continue_()
    expect(page.get_by_role("heading", name="Bots")).to_be_visible()


def test_a_page_whose_files_do_not_come_says_so_and_is_tried_again(enter: Enter, faults: Faults) -> None:
    faults.forgive(r"net::ERR_|dynamically imported module")
    page = enter("viewer")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Bots").first.click()
    expect(page.get_by_role("alert").get_by_text("The server does not answer")).to_be_visible()
    expect(page.get_by_role("link", name="Home").first).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Bots")).to_be_visible()


@pytest.mark.drill
def test_work_goes_on_when_the_server_is_back(site: Site, enter: Enter, faults: Faults) -> None:
    page = enter("admin", at="/numbers/new?channel=simulator")
    faults.forgive(r"Failed to load resource: net::ERR_|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION")
    health = page.get_by_role("status")
    expect(health.filter(has_text="Live")).to_be_visible()
    page.get_by_label("Name").fill("Kept while away")
    assert site.installed.server is not None
    site.installed.kill(site.installed.server)
    expect(health.filter(has_text="No connection")).to_be_visible()
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here; try again.")
    site.run(site.installed.start_server())
    expect(health.filter(has_text="Live")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Kept while away")
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_role("heading", level=1, name="Kept while away")).to_be_visible()
