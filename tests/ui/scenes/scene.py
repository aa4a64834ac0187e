"""What a picture shows: a page, and what brings it there. Used by the scenes beside it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.installation import ROOT

SETTLED_MS = 400  # after the page is loaded: what is drawn late
LISTED = re.compile(r"/api/v1/(conversations|bots|numbers|contacts|overview)(\?|$)")
FAILURE = '{"code": "store.unreachable", "title": "The database cannot be reached", "detail": "Try again in a moment."}'
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
            expect(self.page.locator("form [aria-busy=true]")).to_have_count(0, timeout=30_000)


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


def fails(route: Route) -> None:
    route.fulfill(status=500, content_type="application/problem+json", body=FAILURE)


def empty(route: Route) -> None:
    if "/overview" in route.request.url:  # figures are no list
        route.continue_()
        return
    route.fulfill(json={"items": [], "next": None})


def waits(_route: Route) -> None:
    """It is never answered."""


def changed(**facts: Any) -> Callable[[Route], None]:
    """What there is, but for these facts; of each item, where it is a list."""

    def answer(route: Route) -> None:
        given = route.fetch()
        told = given.json() if given.ok else None
        if isinstance(told, list) or (told and "items" in told):
            for each in told if isinstance(told, list) else told["items"]:
                put(each, facts)
        elif told:
            put(told, facts)
        if told:
            route.fulfill(response=given, json=told)
        else:
            route.fulfill(response=given)

    return answer


def put(into: dict[str, Any], facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            into[name] |= value
        elif name in into:
            into[name] = value(into) if callable(value) else value


def gives(body: object) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=body)


def menu(catalogue: str, key: str, *, of: tuple[str, str]) -> Act:
    """Open a menu, and choose."""

    def act(visit: Visit) -> None:
        visit.press(*of)
        visit.page.get_by_role("menuitem", name=visit.said(catalogue, key), exact=True).click()

    return act


def pressed(*buttons: tuple[str, str]) -> Act:
    def act(visit: Visit) -> None:
        for each in buttons:
            visit.press(*each)
            visit.page.wait_for_timeout(SETTLED_MS)

    return act
