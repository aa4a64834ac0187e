"""A phone is linked in the browser: its QR code is scanned by the emulator's phone, and the bot answers a contact."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cli.client import Client
from cli.settings import load
from tests.browser.terminal import begin, environment, stop
from tests.installation import ROOT
from tests.ui.site import PASSWORD, fill_in, speak

EMAIL = "ana@example.com"


@dataclass
class House:
    """`chatloom up`, and the emulated phones that its numbers can be linked with."""

    url: str
    home: Path
    phones: httpx.Client

    def api(self) -> Client:
        return Client.operators(replace(load(), home=self.home), self.url)

    def seen(self) -> list[dict[str, Any]]:
        """What the phones show: the shop's first, then contacts'."""
        return self.phones.get("api/state").json()["phones"]

    def act(self, phone: str, action: str, **body: Any) -> None:
        answer = self.phones.post(f"api/phones/{phone}/{action}", json=body)
        assert answer.status_code == 200, answer.text

    def shown(self, number: str, what: str) -> dict[str, Any]:
        """The session, once it shows a code."""
        with self.api() as api:
            return next(
                each
                for each in api.events(f"/numbers/{number}/session/events", follow=True)
                if each and each[what]
            )


@pytest.fixture(scope="module")
def site() -> None:
    """Not the worker's installation: one whose library talks to the emulator."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, built: None) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    emulator = subprocess.Popen(
        [sys.executable, "-m", "tests.whatsapp.serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=ROOT,
    )
    assert emulator.stdout is not None
    said = json.loads(emulator.stdout.readline())
    process, printed = begin(
        "up", {**environment(CHATLOOM_HOME=str(home), CHATLOOM_PORT="0"), **said["environment"]}
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert found, printed
        with httpx.Client(base_url=said["url"], trust_env=False) as phones:
            house = House(found[0], home, phones)
            with house.api() as api:
                api.post("/users", {"email": EMAIL, "name": "Ana", "role": "admin", "password": PASSWORD})
            yield house
        stop(process)
    finally:
        process.kill()
        process.wait()
        emulator.communicate()


@pytest.fixture
def page(house: House, context: BrowserContext) -> Page:
    speak(context, "en")
    page = context.new_page()
    page.goto(house.url)
    fill_in(page, EMAIL)
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    return page


@pytest.mark.drill
def test_a_phone_is_linked_talks_is_removed_and_linked_again_by_a_code(house: House, page: Page) -> None:
    shop, ada = (each["number"] for each in house.seen()[:2])
    page.goto(f"{house.url}/numbers/new")
    page.get_by_role("main").get_by_role("link", name="Linked device").click()
    page.get_by_label("Name").fill("Corner shop")
    expect(page.get_by_label("Bot")).not_to_have_value("")
    page.get_by_label("Bot").select_option("table-booking")
    page.get_by_role("button", name="Go on to the QR code").click()
    picture = page.get_by_alt_text("QR code to link the phone")
    expect(picture).to_be_visible()
    expect(page.get_by_role("timer", name=re.compile(r"\d+ seconds left"))).to_be_visible()
    shown = house.shown("Corner shop", "qr")
    drawn = base64.b64encode(shown["svg"].encode()).decode()
    expect(picture).to_have_attribute("src", f"data:image/svg+xml;base64,{drawn}")
    house.act(shop, "scan", code=shown["qr"])
    expect(page.get_by_text(f"Linked as +{shop}")).to_be_visible()
    page.get_by_role("link", name="Open the number").click()
    expect(page.get_by_text("Online").first).to_be_visible()
    expect(page.get_by_text(f"+{shop}")).to_be_visible()

    house.act(ada, "send", to=shop, text="hello")
    received = page.get_by_role("definition").filter(has_text=re.compile("^1$")).first
    expect(received).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="Received", exact=True).click()
    expect(page.get_by_role("link", name="Ada")).to_be_visible()

    device = house.seen()[0]["linked"][0]["device"]
    page.goto(f"{house.url}/numbers/Corner shop")
    expect(page.get_by_text("Online").first).to_be_visible()
    house.act(shop, "unlink", device=device)
    expect(page.get_by_text("Logged out").first).to_be_visible()
    page.get_by_role("link", name="Link a phone").click()
    expect(picture).to_be_visible()
    page.get_by_role("button", name="Use the phone number instead").click()
    page.get_by_label("The phone’s number").fill(f"+{shop}")
    page.get_by_role("button", name="Get a code").click()
    code = house.shown("Corner shop", "code")["code"]
    expect(page.get_by_role("main").get_by_text(code)).to_be_visible()
    house.act(shop, "type", code=code)
    expect(page.get_by_text(f"Linked as +{shop}")).to_be_visible()
    with house.api() as api:
        assert api.get("/numbers/Corner shop")["bot"] == "table-booking"
        assert len(api.pages("/numbers/Corner shop/conversations")) == 1

    page.goto(f"{house.url}/numbers/Corner shop")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Unlink the phone").click()
    dialog = page.get_by_role("dialog", name="Unlink the phone of Corner shop?")
    dialog.get_by_label("Type “Corner shop” to go on").fill("Corner shop")
    dialog.get_by_role("button", name="Unlink the phone").click()
    expect(page.get_by_role("link", name="Link a phone")).to_be_visible()
    assert house.seen()[0]["linked"] == []


@pytest.mark.drill
def test_a_phone_that_cannot_be_linked_says_why(house: House, page: Page) -> None:
    shop = house.seen()[0]["number"]
    answer = house.phones.post("api/faults", json={"spoil_pairing": True})
    assert answer.status_code == 200, answer.text
    with house.api() as api:
        api.post("/numbers", {"name": "Other", "channel": "linked_device"})
    page.goto(f"{house.url}/numbers/new?channel=linked_device&number=Other")
    house.act(shop, "scan", code=house.shown("Other", "qr")["qr"])
    expect(page.get_by_role("alert")).to_contain_text("did not agree, so nothing was linked")
    page.get_by_role("button", name="Copy a report").click()
    said = page.evaluate("navigator.clipboard.readText()")
    assert "did not agree" in said
    assert shop not in said
    assert house.phones.post("api/faults", json={"spoil_pairing": False}).status_code == 200
    page.get_by_role("button", name="New code").click()
    expect(page.get_by_alt_text("QR code to link the phone")).to_be_visible()
    house.act(shop, "scan", code=house.shown("Other", "qr")["qr"])
    expect(page.get_by_text(f"Linked as +{shop}")).to_be_visible()
