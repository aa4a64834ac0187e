"""Pictures of every page, in both themes and languages, as wide as a desk, a tablet and a phone: to be looked at.

    python -m tests.ui.screenshots FOLDER [NAME …]     all scenes, or those whose names begin so
        [--width 390] [--theme dark] [--language it]   only so (each may be given several times)

`make screenshots` writes them to data/screenshots. A page is one line in `SCENES`.
"""

import argparse
import itertools
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from cli.client import Client
from cli.settings import load
from deploy import ui
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.terminal import begin, environment, stop
from tests.installation import ROOT
from tests.ui.drafts import FLOW
from tests.ui.lived_in import LivedIn, live_in
from tests.ui.site import PASSWORD, SETTINGS, SIGNED_IN, keep, speak

WIDTHS = {1440: 900, 1024: 768, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = ("en", "it")
EMAILS: dict[tuple[str, str], str] = {  # so often may one account be signed in to in a while
    look: "ana-{}-{}@example.com".format(*look) for look in itertools.product(THEMES, LANGUAGES)
}
SETTLED_MS = 400  # after the page is loaded: what is drawn late
LISTED = re.compile(r"/api/v1/(conversations|bots|numbers|contacts|overview)(\?|$)")
FAILURE = '{"code": "store.unreachable", "title": "The database cannot be reached", "detail": "Try again in a moment."}'
CHECKED = re.compile(r"/draft/check$")
READ = re.compile(r"/bots/[^/]+/draft$")
TABLE = "/bots/table-booking?file=flows%2Fbooking.yaml"
WORDS = ROOT / "admin_ui" / "src" / "locales"


def said(language: str, catalogue: str, key: str) -> str:
    """What the UI says. Raises `KeyError` where it says no such thing."""
    found = json.loads((WORDS / language / f"{catalogue}.json").read_text())
    for part in key.split("."):
        found = found[part]
    return found


@dataclass(frozen=True)
class Visit:
    """A page, and what it calls things: `said("studio", "publish.act")`."""

    page: Page
    language: str

    def said(self, catalogue: str, key: str) -> str:
        return said(self.language, catalogue, key)

    def press(self, catalogue: str, key: str) -> None:
        self.page.get_by_role("button", name=self.said(catalogue, key), exact=True).first.click()

    def fill(self, catalogue: str, key: str, text: str, *, last: bool = False) -> None:
        """`last`: of several fields of that name, the one on top."""
        found = self.page.get_by_label(self.said(catalogue, key), exact=True)
        (found.last if last else found.first).fill(text)

    def gives(self, pattern: str, body: object) -> None:
        """Answer what is posted there, in place of the API."""
        self.page.route(
            pattern,
            lambda route: route.fulfill(json=body) if route.request.method == "POST" else route.continue_(),
        )

    def type(self, *words: str) -> None:
        """What a contact says in the studio's simulator, each time after the answer."""
        box = self.page.get_by_label(self.said("studio", "simulator.say"))
        for text in words:
            box.fill(text)
            box.press("Enter")
            self.page.wait_for_timeout(SETTLED_MS)


Act = Callable[[Visit], None]


@dataclass(frozen=True)
class Scene:
    """One page. `{booked}` and the like in its path: `LivedIn`. `signed_in`: as an admin. `answers`: what the API gives
    instead of what there is, `of` which paths. `press`: a button by its words; `act`: what else brings it to where it
    is to be seen.
    """

    name: str
    path: str
    act: Act | None = None
    press: tuple[str, str] | None = None
    signed_in: bool = True
    answers: Callable[[Route], None] | None = None
    role: str = "admin"  # what the page takes who is signed in for
    of: re.Pattern[str] = LISTED


def _palette(visit: Visit) -> None:
    visit.page.keyboard.press("ControlOrMeta+k")


def _narrow(visit: Visit) -> bool:
    return (visit.page.viewport_size or {"width": 0})["width"] < 1024


def _files(visit: Visit) -> None:
    """Where there is no room for them, they are opened."""
    if _narrow(visit):
        visit.page.locator("[aria-controls=studio-files]").click()


def _file_new(visit: Visit) -> None:
    _files(visit)
    visit.press("studio", "tree.add")


def _flow_removed(visit: Visit) -> None:
    _files(visit)
    name = visit.said("studio", "tree.remove").replace("{{path}}", "flows/hours.yaml")
    visit.page.get_by_role("button", name=name).click()


def _handed_off(visit: Visit) -> None:
    visit.press("studio", "simulator.trace")
    visit.type("hello", "Talk to us", "Is anybody there?")


def _saved_test(visit: Visit) -> None:
    visit.type("hello", "2")
    visit.press("studio", "simulator.save_test")


def _renamed(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("whole-bot", "rename.what").replace("{{name}}", "day"), exact=True
    ).click()
    visit.page.get_by_label(visit.said("whole-bot", "rename.to")).fill("evening")


def _sought(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("whole-bot", "seek.find"), exact=True).fill("table")
    visit.page.get_by_label(visit.said("whole-bot", "seek.put"), exact=True).fill("desk")


def _selected(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator("#flow-canvas").focus()
        visit.page.keyboard.press("Control+a")


def _connects(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator("#flow-canvas").focus()
        visit.page.keyboard.press("c")


def _cell(visit: Visit) -> None:
    visit.page.get_by_role("gridcell").nth(1).focus()
    visit.page.keyboard.press("Enter")


def _from_afar(visit: Visit) -> None:
    if not _narrow(visit):
        visit.page.locator(".react-flow__controls-fitview").click()


def _opened(visit: Visit) -> None:
    visit.page.wait_for_timeout(4 * SETTLED_MS)
    visit.page.get_by_role("dialog").locator("details summary").first.click()


def _compared(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("publishing", "versions.compare").split("{{")[0]
    ).first.click()
    visit.page.wait_for_timeout(SETTLED_MS)
    visit.page.get_by_role("dialog").locator("details summary").last.click()


def _replayed(visit: Visit) -> None:
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label(visit.said("publishing", "replay.number"), exact=True).select_option("demo")
    dialog.get_by_role("button", name=visit.said("publishing", "replay.act"), exact=True).click()
    visit.page.wait_for_timeout(8 * SETTLED_MS)
    dialog.locator("details summary").last.click()


def _written(page: Page, text: str) -> None:
    page.locator("[data-pane=step] textarea").first.fill(text)


def _offline(visit: Visit) -> None:
    visit.page.route("**/api/v1/**", lambda route: route.abort())
    _written(visit.page, "Tea, on the terrace.")
    visit.page.get_by_text(visit.said("studio", "save.offline")).wait_for()


def _not_saved(visit: Visit) -> None:
    visit.page.route("**/draft/files/**", _fails)
    _written(visit.page, f"Tea, in the garden ({time.time():.0f}).")
    visit.page.get_by_role("button", name=visit.said("frame", "action.retry")).wait_for()


def _clash(visit: Visit) -> None:
    """Somebody else writes the same field, while this page is offline."""
    headers: dict[str, str] = {}

    def lose(route: Route) -> None:
        headers["Authorization"] = route.request.headers["authorization"]
        route.abort()

    visit.page.route("**/draft/files/**", lose)
    _written(visit.page, f"Tea, on the terrace ({time.time():.0f}).")
    visit.page.get_by_text(visit.said("studio", "save.offline")).wait_for()
    at = f"{visit.page.url.partition('/bots')[0]}/api/v1/bots/two-authors/draft"
    there = visit.page.request.get(at, headers=headers).json()
    theirs = re.sub(r'en: "Tea[^"]*"', f'en: "Tea, by the window ({time.time():.0f})."', there["files"][FLOW])
    saved = visit.page.request.put(
        at,
        headers={**headers, "If-Match": f'"{there["etag"]}"'},
        data={"files": {**there["files"], FLOW: theirs}},
    )
    assert saved.ok, saved.text()
    visit.page.unroute("**/draft/files/**")
    visit.page.get_by_role("button", name=visit.said("studio", "clash.mine")).wait_for()


def _fails(route: Route) -> None:
    route.fulfill(status=500, content_type="application/problem+json", body=FAILURE)


def _empty(route: Route) -> None:
    if "/overview" in route.request.url:  # figures are no list
        route.continue_()
        return
    route.fulfill(json={"items": [], "next": None})


def _waits(_route: Route) -> None:
    """It is never answered."""


def _simulated(visit: Visit) -> None:
    visit.type("hello", "1", "24/12/2026")


def _tested(visit: Visit) -> None:
    visit.page.locator("[role=tabpanel] button").first.click()
    visit.page.wait_for_timeout(4 * SETTLED_MS)


def _is(role: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        given = route.fetch()
        if given.ok and route.request.method == "POST":
            told = given.json()
            route.fulfill(response=given, json={**told, "user": {**told["user"], "role": role}})
        else:
            route.fulfill(response=given)

    return answer


def _invited(visit: Visit) -> None:
    visit.gives("**/api/v1/invitations", MADE)
    visit.fill("settings", "people.email", MADE["email"])
    visit.press("settings", "people.make_link")


def _menu_of_luca(visit: Visit) -> None:
    visit.page.get_by_role(
        "button", name=visit.said("settings", "people.more").replace("{{name}}", "Luca Verdi")
    ).click()


def _removes_luca(visit: Visit) -> None:
    _menu_of_luca(visit)
    visit.page.get_by_role("menuitem", name=visit.said("settings", "people.remove"), exact=True).click()


def _key_made(visit: Visit) -> None:
    visit.gives("**/api/v1/api-keys", MADE)
    visit.fill("settings", "keys.name", MADE["name"])
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "keys.make"), exact=True
    ).click()


def _key_refused(visit: Visit) -> None:
    visit.fill("settings", "keys.name", MADE["name"])
    visit.fill("settings", "keys.scopes", "events, nonsense")
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "keys.make"), exact=True
    ).click()


def _secret_renewed(visit: Visit) -> None:
    visit.gives("**/new-secret", MADE)
    visit.press("settings", "hooks.new_secret")


def _tried(visit: Visit) -> None:
    visit.gives("**/try", MADE)
    visit.page.get_by_role("dialog").get_by_role(
        "button", name=visit.said("settings", "actions.try"), exact=True
    ).click()


def _json_broken(visit: Visit) -> None:
    visit.fill("settings", "actions.input", '{"type": "object",')


def _factor(visit: Visit) -> None:
    visit.fill("settings", "account.password_current", PASSWORD, last=True)
    visit.press("settings", "factor.go")
    visit.page.get_by_label(visit.said("settings", "factor.code"), exact=True).wait_for()


def _factor_on(visit: Visit) -> None:
    _factor(visit)
    visit.gives("**/confirm", MADE)
    visit.fill("settings", "factor.code", "123456")
    visit.press("settings", "factor.go")


def _kept_thirty_days(visit: Visit) -> None:
    visit.fill("settings", "retention.messages_days", "30")
    visit.press("frame", "action.save")
    visit.page.get_by_role("dialog").wait_for()


def _each_week(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("settings", "exports.each"), exact=True).select_option("week")


def _by_cron(visit: Visit) -> None:
    visit.fill("settings", "exports.schedule_name", "Contacts each Monday")  # of whom there is one
    visit.page.get_by_label(visit.said("settings", "exports.each"), exact=True).select_option("cron")
    visit.fill("settings", "exports.cron", "*/5 * * * *")
    visit.press("frame", "action.save")
    visit.page.get_by_role("alert").first.wait_for()


def _of_a_bot(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("settings", "exports.what"), exact=True).select_option("data")


MADE: dict[str, Any] = {  # what is shown once would be another each time
    "name": "Nightly export to the data warehouse of the northern region",
    "email": "margherita.castelnuovo-montecchi@example.com",
    "expires_at": "2030-01-07T09:30:00Z",
    "new_password": False,
    "token": "q3f7-2Qm0n5Xr8sT1uV4wY6zA9bC_dE3fG5hJ7kL9mN",
    "key": "clk_4tY7uIoPaSdFgHjKlZxCvBnM1234567890QwErTy",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0123456789ab",
    "recovery_codes": [f"{n:04x}-{n * 7:04x}-{n * 13:04x}" for n in range(4099, 4109)],
    "status": 200,
    "took_ms": 84,
    "later": False,
    "outcome": "found",
    "data": {"customer": {"name": "Giulia Conti", "points": 12}},
    "fault": "",
}


def _changed(**facts: Any) -> Callable[[Route], None]:
    """What there is, but for these facts; of each item, where it is a list."""

    def answer(route: Route) -> None:
        given = route.fetch()
        told = given.json() if given.ok else None
        if isinstance(told, list) or (told and "items" in told):
            for each in told if isinstance(told, list) else told["items"]:
                _put(each, facts)
        elif told:
            _put(told, facts)
        if told:
            route.fulfill(response=given, json=told)
        else:
            route.fulfill(response=given)

    return answer


def _put(into: dict[str, Any], facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            into[name] |= value
        elif name in into:
            into[name] = value(into) if callable(value) else value


def _closed(route: Route) -> None:
    """The contact last wrote long ago, and the channel cares."""
    _changed(last_in_at="2026-01-01T00:00:00Z", capabilities={"free_text_hours": 24, "template": True})(route)


def _gives(body: object) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=body)


def _menu(catalogue: str, key: str, *, of: tuple[str, str]) -> Act:
    """Open a menu, and choose."""

    def act(visit: Visit) -> None:
        visit.press(*of)
        visit.page.get_by_role("menuitem", name=visit.said(catalogue, key), exact=True).click()

    return act


def _pressed(*buttons: tuple[str, str]) -> Act:
    def act(visit: Visit) -> None:
        for each in buttons:
            visit.press(*each)
            visit.page.wait_for_timeout(SETTLED_MS)

    return act


def _offline(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill("The terrace is covered.")
    visit.page.context.set_offline(True)
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill(
        "The terrace is covered; come at 8."
    )
    visit.page.wait_for_timeout(6 * SETTLED_MS)


def _written(visit: Visit) -> None:
    visit.page.locator("input[type=file]").set_input_files(
        {
            "name": "menu-for-the-whole-winter-season-with-all-the-wines.pdf",
            "mimeType": "application/pdf",
            "buffer": b"%PDF",
        }
    )
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill("Our menu.\n" * 5)
    visit.page.wait_for_timeout(4 * SETTLED_MS)


def _merged(visit: Visit) -> None:
    visit.press("contacts", "merge.choose")
    visit.page.get_by_role("dialog").last.get_by_role("listitem").first.get_by_role("button").click()


def _refused(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("sign-in", "email")).fill("ana@example.com")
    visit.page.get_by_label(visit.said("sign-in", "password"), exact=True).fill("not this one")
    visit.press("sign-in", "go")
    visit.page.get_by_role("alert").wait_for()


def _looked_for(visit: Visit) -> None:
    _palette(visit)
    visit.page.keyboard.type("num")


def _taken(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("numbers", "new.name"), exact=True).fill("demo")
    visit.press("numbers", "add")
    visit.page.wait_for_timeout(2 * SETTLED_MS)


def _chosen(visit: Visit) -> None:
    for each in range(1, 3):
        visit.page.get_by_role("checkbox").nth(each).check()


def _at_end(visit: Visit) -> None:
    visit.page.get_by_role("button", name=visit.said("contacts", "erase.act")).scroll_into_view_if_needed()


STATES: dict[str, Callable[[Route], None]] = {"empty": _empty, "loading": _waits, "error": _fails}
ONE_NUMBER = re.compile(r"/api/v1/numbers/Shop$")
FIRST = re.compile("/first-admin/look")
INVITATION = re.compile("/invitations/look")
INVITED = {
    "email": "beatrice.longo@example.com",
    "role": "editor",
    "invited_by": "Ana Bianchi",
    "new_password": False,
    "expires_at": "2030-01-01T00:00:00Z",
}
TALK = "/conversations?open={people}&of=demo"
WHY = (
    "The message is undeliverable: the recipient does not use WhatsApp, or has not accepted its newest terms"
)
FAILED = {
    "status": lambda line: "failed" if line["direction"] == "out" else line["status"],
    "error": lambda line: WHY if line["direction"] == "out" else "",
}
BANNED = {"state": "banned", "why_code": "", "state_why": ""}
BAD = {"numbers": lambda told: [each | {"dead_letters": 12, "failed": 1204} for each in told["numbers"]]}
LETTERS = {
    "items": [
        {
            "message": f"01a218a7-0000-7000-8000-00000000000{index}",
            "conversation": "01a218a7-0000-7000-8000-000000000000",
            "number": "01a218a7-0000-7000-8000-000000000000",
            "error": WHY if index % 2 else "Recipient unknown",
            "error_code": "131026",
            "attempt": 5,
            "created_at": "2026-11-20T08:00:00Z",
        }
        for index in range(6)
    ],
    "next": None,
}
LISTS = ("conversations", "bots", "numbers", "contacts")

SCENES = [
    Scene("sign-in", "/sign-in", signed_in=False),
    Scene("sign-in-refused", "/sign-in", _refused, signed_in=False),
    Scene("welcome-new", "/welcome#token=new", signed_in=False, answers=_gives({}), of=FIRST),
    Scene("invitation-new", "/invitation#token=new", signed_in=False, answers=_gives(INVITED), of=INVITATION),
    Scene("welcome", "/welcome#token=gone", signed_in=False),
    Scene("invitation", "/invitation#token=gone", signed_in=False),
    Scene("home", "/"),
    Scene("home-viewer", "/", role="viewer"),
    Scene("home-partial", "/", answers=_fails, of=re.compile("/api/v1/overview")),
    Scene("home-bad", "/", answers=_changed(**BAD), of=re.compile("/api/v1/overview")),
    Scene("palette", "/", _palette),
    Scene("palette-typed", "/", _looked_for),
    Scene("palette-me", "/", lambda visit: visit.page.locator("[data-letters]").click()),
    Scene("conversations", "/conversations"),
    Scene("talk-booked", "/conversations?open={booked}&of=demo"),
    Scene("talk-people", "/conversations?open={people}&of=demo"),
    Scene("talk-viewer", TALK, role="viewer"),
    Scene("talk-long", "/conversations?open={long}&of=demo"),
    Scene("talk-trace", TALK, press=("conversations", "trace.toggle")),
    Scene("talk-details", TALK, press=("conversations", "details.toggle")),
    Scene(
        "talk-give", TALK, _pressed(("conversations", "details.toggle"), ("conversations", "handlings.give"))
    ),
    Scene("talk-menu", TALK, press=("conversations", "act.more")),
    Scene("talk-end", TALK, _menu("conversations", "act.end", of=("conversations", "act.more"))),
    Scene("talk-failed", TALK, answers=_changed(**FAILED), of=re.compile(r"/transcript")),
    Scene("talk-closed", TALK, answers=_closed, of=re.compile(r"/channels$|/conversations/[0-9a-f-]+$")),
    Scene(
        "talk-opted-out", TALK, answers=_changed(opted_out=True), of=re.compile(r"/conversations/[0-9a-f-]+$")
    ),
    Scene(
        "talk-partial",
        TALK,
        _pressed(("conversations", "details.toggle")),
        answers=_fails,
        of=re.compile("/notes"),
    ),
    Scene("talk-written", "/conversations?open={long}&of=demo", _written),
    Scene("talk-offline", "/conversations?open={long}&of=demo", _offline),
    Scene("talk-lost", "/conversations?open=01a218a7-0000-7000-8000-000000000000&of=demo"),
    Scene("conversations-found", "/conversations?q=table"),
    Scene("conversations-unfound", "/conversations?q=zzzz"),
    Scene("conversations-failed", "/conversations?status=failed"),
    Scene("bots", "/bots"),
    Scene("bots-new", "/bots", press=("bots", "new")),
    Scene("studio", "/bots/table-booking"),
    Scene("studio-step", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&pane=step"),
    Scene("studio-form", "/bots/table-booking?file=flows%2Fbooking.yaml&step=form&pane=step"),
    Scene("studio-split", "/bots/table-booking?file=flows%2Fbooking.yaml&step=confirm&view=split&pane=step"),
    Scene("studio-yaml", "/bots/table-booking?file=flows%2Fbooking.yaml&view=yaml&pane=preview"),
    Scene("studio-preview", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=preview"),
    Scene("studio-simulator", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=simulator", _simulated),
    Scene("studio-tests", "/bots/table-booking?file=flows%2Fbooking.yaml&pane=tests", _tested),
    Scene("studio-problems", "/bots/drinks?step=ask&pane=step"),
    Scene("studio-texts", "/bots/table-booking?place=texts"),
    Scene("studio-data", "/bots/table-booking?place=data"),
    Scene("studio-add", "/bots/table-booking", press=("studio", "palette.add")),
    Scene("studio-files", "/bots/table-booking", _files),
    Scene("studio-file-new", "/bots/table-booking", _file_new),
    Scene("studio-flow-removed", "/bots/table-booking?file=flows%2Fhours.yaml", _flow_removed),
    Scene("studio-flow", f"{TABLE}&pane=step"),
    Scene("studio-bot", "/bots/table-booking?file=bot.yaml"),
    Scene(
        "studio-form-preview",
        f"{TABLE}&pane=preview",
        lambda visit: visit.page.locator("#preview-as-form").click(),
    ),
    Scene("studio-persona", f"{TABLE}&pane=simulator", press=("studio", "personas.new")),
    Scene("studio-handed-off", f"{TABLE}&pane=simulator", _handed_off),
    Scene("studio-saved-test", f"{TABLE}&pane=simulator", _saved_test),
    Scene("studio-cannot-simulate", "/bots/drinks?pane=simulator"),
    Scene("studio-tests-failed", "/bots/seasons?pane=tests", _tested),
    Scene("studio-tests-none", "/bots/two-authors?pane=tests"),
    Scene("studio-rename", "/bots/table-booking?place=data", _renamed),
    Scene("studio-seek", "/bots/table-booking", _sought, press=("whole-bot", "seek.open")),
    Scene("studio-selected", TABLE, _selected),
    Scene("studio-connects", f"{TABLE}&step=welcome", _connects),
    Scene("studio-afar", TABLE, _from_afar),
    Scene("studio-gaps", "/bots/seasons?speaks=it"),
    Scene("studio-texts-gaps", "/bots/seasons?place=texts", _cell),
    Scene("studio-texts-download", "/bots/seasons?place=texts", press=("whole-bot", "texts.download")),
    Scene("studio-broken", "/bots/unreadable"),
    Scene("studio-broken-split", "/bots/unreadable?view=split"),
    Scene("studio-wordy", "/bots/{wordy}"),
    Scene("studio-wordy-step", "/bots/{wordy}?step=the_guest_is_asked_for_a_wish_number_010&pane=step"),
    Scene("studio-wordy-preview", "/bots/{wordy}?pane=preview"),
    Scene("studio-wordy-texts", "/bots/{wordy}?place=texts"),
    Scene("studio-wordy-data", "/bots/{wordy}?place=data&kind=step"),
    Scene("studio-offline", "/bots/two-authors?step=tea&pane=step", _offline),
    Scene("studio-not-saved", "/bots/two-authors?step=tea&pane=step", _not_saved),
    Scene("studio-clash", "/bots/two-authors?step=tea&pane=step", _clash),
    Scene("studio-unchecked", "/bots/two-authors", answers=_fails, of=CHECKED),
    Scene("studio-state-loading", "/bots/two-authors", answers=_waits, of=READ),
    Scene("studio-state-error", "/bots/two-authors", answers=_fails, of=READ),
    Scene("studio-missing", "/bots/nowhere"),
    Scene("studio-viewer", f"{TABLE}&step=confirm&pane=step", role="viewer"),
    Scene("studio-publish", "/bots/table-booking", press=("publishing", "publish.act")),
    Scene("studio-publish-replay", "/bots/table-booking", _replayed, press=("publishing", "publish.act")),
    Scene("studio-publish-changes", "/bots/seasons", _opened, press=("publishing", "publish.act")),
    Scene("studio-publish-errors", "/bots/drinks", press=("publishing", "publish.act")),
    Scene("studio-versions", "/bots/table-booking", press=("publishing", "versions.title")),
    Scene("studio-versions-canary", "/bots/seasons", press=("publishing", "versions.title")),
    Scene("studio-versions-compared", "/bots/seasons", _compared, press=("publishing", "versions.title")),
    Scene("studio-versions-none", "/bots/drinks", press=("publishing", "versions.title")),
    Scene("numbers", "/numbers"),
    Scene("numbers-new", "/numbers/new"),
    Scene("numbers-new-cloud", "/numbers/new?channel=cloud_api"),
    Scene("numbers-pairing", "/numbers/new?channel=linked_device&number=Shop"),
    Scene("numbers-new-linked", "/numbers/new?channel=linked_device"),
    Scene("numbers-new-refused", "/numbers/new?channel=simulator", _taken),
    Scene("numbers-ready", "/numbers/new?channel=cloud_api&number=Support of the whole northern region"),
    Scene("numbers-bad", "/numbers", answers=_changed(**BAD), of=re.compile("/api/v1/overview")),
    Scene("number-simulator", "/numbers/demo"),
    Scene("number-viewer", "/numbers/demo", role="viewer"),
    Scene("number-bot", "/numbers/demo", press=("numbers", "assign.change")),
    Scene(
        "number-menu",
        "/numbers/Shop",
        press=("numbers", "act.more"),
        answers=_changed(state="online"),
        of=ONE_NUMBER,
    ),
    Scene("number-remove", "/numbers/demo", _menu("numbers", "act.remove", of=("numbers", "act.more"))),
    Scene(
        "number-unlink",
        "/numbers/Shop",
        _menu("numbers", "act.unlink", of=("numbers", "act.more")),
        answers=_changed(state="online"),
        of=ONE_NUMBER,
    ),
    Scene("number-banned", "/numbers/Shop", answers=_changed(**BANNED), of=ONE_NUMBER),
    Scene("number-partial", "/numbers/Shop", answers=_fails, of=re.compile(r"/numbers/Shop/states")),
    Scene("number-lost", "/numbers/Nowhere"),
    Scene("number-linked", "/numbers/Shop"),
    Scene("number-cloud", "/numbers/Support of the whole northern region"),
    Scene("dead-letters", "/dead-letters"),
    Scene(
        "dead-letters-some",
        "/dead-letters",
        _chosen,
        answers=_gives(LETTERS),
        of=re.compile("/api/v1/dead-letters"),
    ),
    Scene("contacts", "/contacts"),
    Scene("contacts-viewer", "/contacts", role="viewer"),
    Scene("contacts-unfound", "/contacts?phone=%2B39000000"),
    Scene("contact", "/contacts?open={contact}"),
    Scene("contact-end", "/contacts?open={contact}", _at_end),
    Scene("contact-erase", "/contacts?open={contact}", press=("contacts", "erase.act")),
    Scene("contact-merge", "/contacts?open={contact}", press=("contacts", "merge.choose")),
    Scene("contact-merge-sure", "/contacts?open={contact}", _merged),
    Scene("contact-lost", "/contacts?open=01a218a7-0000-7000-8000-000000000000"),
    *(Scene(f"settings-{place}", f"/settings/{place}") for place in SETTINGS),
    Scene("settings-people-invite", "/settings/people", press=("settings", "people.invite")),
    Scene("settings-people-invited", "/settings/people", _invited, press=("settings", "people.invite")),
    Scene("settings-people-menu", "/settings/people", _menu_of_luca),
    Scene("settings-people-remove", "/settings/people", _removes_luca),
    Scene("settings-api-keys-make", "/settings/api-keys", press=("settings", "keys.make")),
    Scene("settings-api-keys-made", "/settings/api-keys", _key_made, press=("settings", "keys.make")),
    Scene("settings-api-keys-refused", "/settings/api-keys", _key_refused, press=("settings", "keys.make")),
    Scene("settings-api-keys-revoke", "/settings/api-keys", press=("settings", "keys.revoke")),
    Scene("settings-webhooks-add", "/settings/webhooks", press=("settings", "hooks.add")),
    Scene("settings-webhooks-secret", "/settings/webhooks", _secret_renewed),
    Scene("settings-webhooks-log", "/settings/webhooks", press=("settings", "hooks.log")),
    Scene("settings-actions-add", "/settings/actions", press=("settings", "actions.add")),
    Scene("settings-actions-broken", "/settings/actions", _json_broken, press=("settings", "actions.add")),
    Scene("settings-actions-try", "/settings/actions", _tried, press=("settings", "actions.try")),
    Scene("settings-events-add", "/settings/events", press=("settings", "events.add")),
    Scene("settings-fields-remove", "/settings/fields", press=("settings", "remove")),
    Scene("settings-account-factor", "/settings/account", _factor, press=("settings", "factor.turn_on")),
    Scene("settings-account-codes", "/settings/account", _factor_on, press=("settings", "factor.turn_on")),
    Scene("settings-retention-ask", "/settings/retention", _kept_thirty_days),
    Scene("settings-exports-data", "/settings/exports", _of_a_bot),
    Scene(
        "settings-exports-schedule", "/settings/exports", _each_week, press=("settings", "exports.schedule")
    ),
    Scene("settings-exports-cron", "/settings/exports", _by_cron, press=("settings", "exports.schedule")),
    Scene("settings-audit-verified", "/settings/audit", press=("settings", "audit.verify")),
    *(
        Scene(f"settings-{place}-viewer", f"/settings/{place}", role="viewer")
        for place in ("account", "people", "teams", "actions", "fields")
    ),
    Scene("menu-language", "/", press=("frame", "language.label")),
    Scene("menu-theme", "/", press=("frame", "theme.label")),
    Scene("menu-me", "/", lambda visit: visit.page.locator("[data-letters]").click()),
    Scene("not-found", "/nowhere"),
    *(
        Scene(f"state-{state}-{place}", f"/{place}", answers=answers)
        for place in LISTS
        for state, answers in STATES.items()
    ),
    Scene("state-error-home", "/", answers=_fails),
    Scene("state-loading-home", "/", answers=_waits),
]


def main() -> None:
    """Write the pictures."""
    asked = argparse.ArgumentParser(prog="python -m tests.ui.screenshots")
    asked.add_argument("folder", type=Path)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--width", type=int, action="append", choices=WIDTHS)
    asked.add_argument("--theme", action="append", choices=THEMES)
    asked.add_argument("--language", action="append", choices=LANGUAGES)
    given = asked.parse_args()
    ui.build()
    given.folder.mkdir(parents=True, exist_ok=True)
    scenes = [each for each in SCENES if not given.names or each.name.startswith(tuple(given.names))]
    looks = itertools.product(
        given.theme or THEMES, given.language or LANGUAGES, given.width or tuple(WIDTHS)
    )
    with _home() as (url, lived_in), sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=executable(play.chromium.executable_path), args=ARGUMENTS
        )
        for theme, language, width in looks:
            _draw(browser, url, lived_in, given.folder, scenes, theme, language, width)
        browser.close()


def _draw(
    browser: Browser,
    url: str,
    lived_in: LivedIn,
    folder: Path,
    scenes: list[Scene],
    theme: str,
    language: str,
    width: int,
) -> None:
    for signed_in in (False, True):
        chosen = [each for each in scenes if each.signed_in is signed_in]
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="dark" if theme == "dark" else "light",
            locale={"en": "en-GB", "it": "it-IT"}[language],
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        speak(context, language)
        if signed_in and chosen:
            answer = context.request.post(
                f"{url}/api/v1/sign-in", data={"email": EMAILS[theme, language], "password": PASSWORD}
            )
            assert answer.ok, answer.text()
            keep(context, SIGNED_IN, "1")
        for scene in chosen:
            page = context.new_page()
            if scene.answers:
                page.route(scene.of, scene.answers)
            if scene.role != "admin":
                page.route(re.compile("/api/v1/sign-in"), _is(scene.role))
            page.goto(url + scene.path.format(**vars(lived_in)))
            page.locator("main").first.wait_for()
            visit = Visit(page, language)
            if scene.answers is not _waits:
                _settle(visit)
            if scene.press:
                visit.press(*scene.press)
            if scene.act:
                scene.act(visit)
            if scene.press or scene.act:
                page.wait_for_timeout(SETTLED_MS)  # what is fetched when it is opened
            if scene.press and scene.answers is not _waits:
                _settle(visit)
            page.screenshot(path=folder / f"{scene.name}-{theme}-{language}-{width}.png")
            context.set_offline(False)
            page.close()
        context.close()


def _settle(visit: Visit) -> None:
    """Wait for what comes late."""
    expect(visit.page.locator("[role=status] > .sr-only")).to_have_count(0, timeout=30_000)
    expect(visit.page.get_by_text(visit.said("studio", "problems.checking"))).to_have_count(0, timeout=30_000)
    visit.page.wait_for_timeout(SETTLED_MS)


@contextmanager
def _home() -> Iterator[tuple[str, LivedIn]]:
    """An installation where something has happened; its address."""
    with tempfile.TemporaryDirectory(prefix="chatloom-pictures-", ignore_cleanup_errors=True) as folder:
        process, said = begin(
            "up", environment(CHATLOOM_HOME=folder, CHATLOOM_PORT="0", CHATLOOM_RATE_LIMIT="0")
        )
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, said
            with Client.operators(replace(load(), home=Path(folder)), found[0]) as api:
                lived_in = live_in(api, found[0], list(EMAILS.values()))
            yield found[0], lived_in
        finally:
            stop(process)


if __name__ == "__main__":
    main()
