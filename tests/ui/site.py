"""The web UI as a person meets it: the worker's installation, people who sign in, and pages that must stay clean."""

import asyncio
import itertools
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import redis
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route

from cli.client import Client
from tests.conftest import Stack
from tests.installation import Installation

PASSWORD = "unrelated words in a row"
SIGNED_IN = "chatloom.signed-in"  # what the page remembers of it: admin_ui/src/api/session.ts
ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
VIOLATION = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""

SETTINGS = (
    "account",
    "workspace",
    "people",
    "teams",
    "api-keys",
    "webhooks",
    "actions",
    "events",
    "fields",
    "secrets",
    "search",
    "retention",
    "exports",
    "audit",
)

_people = itertools.count()


@dataclass
class Faults:
    """What went wrong in pages. A test that breaks the connection on purpose forgives what that brings."""

    seen: list[str] = field(default_factory=list)
    _forgiven: list[re.Pattern[str]] = field(default_factory=lambda: [ANSWERED])

    def forgive(self, pattern: str) -> None:
        self._forgiven.append(re.compile(pattern))

    def left(self) -> list[str]:
        return [each for each in self.seen if not any(known.search(each) for known in self._forgiven)]

    def watch(self, context: BrowserContext) -> None:
        """All pages of it, also those that open later."""
        context.add_init_script(VIOLATION)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.seen.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(message.text)


@dataclass(frozen=True)
class Site:
    """The installation behind the pages. Its coroutines run in a thread: the browser's loop has ours."""

    stack: Stack

    @property
    def installed(self) -> Installation:
        return self.stack.installed

    @property
    def url(self) -> str:
        return self.installed.url

    def api(self) -> Client:
        """The operator's client, to set a scene."""
        return self.installed.client()

    def person(self, role: str = "admin", name: str = "") -> str:
        """Somebody new; his address. The password is `PASSWORD`."""
        email = f"{role}-{next(_people)}@example.com"
        body = {"email": email, "name": name or f"{role.title()} Rossi", "role": role, "password": PASSWORD}
        with self.api() as api:
            api.post("/users", body)
        return email

    def forget_tries(self) -> None:
        """All tests sign in from one address."""
        with redis.Redis.from_url(self.stack.redis.url) as wire:
            for key in wire.scan_iter("*tries*"):
                wire.delete(key)

    def fill_in(self, page: Page, email: str) -> None:
        """Sign in where the page asks for it."""
        self.forget_tries()
        fill_in(page, email)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine gives."""
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(asyncio.run, work).result()

    def until(self, sql: str, *params: Any) -> None:
        """Wait until a query's first value is true."""
        self.run(self.installed.until(sql, *params))

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        return self.run(self.installed.rows(sql, *params))


def fill_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    password.press("Enter")


def keep(context: BrowserContext, key: str, value: str) -> None:
    """What the page's storage holds from the first; what it changes itself stands."""
    context.add_init_script(
        f"if (location.protocol === 'http:') localStorage.getItem('{key}') ?? localStorage.setItem('{key}', '{value}')"
    )


def speak(context: BrowserContext, language: str) -> None:
    keep(context, "chatloom.language", language)


def width(page: Page) -> int:
    """How wide the page's content is, also where it scrolls in itself: more than its window is a fault on a phone."""
    return page.evaluate(
        """Math.max(...[document.documentElement, ...document.querySelectorAll(".overflow-y-auto")].map(
            (each) => each.scrollWidth > each.clientWidth ? each.scrollWidth + each.offsetLeft : 0
        ), document.documentElement.clientWidth)"""
    )


def lose_answer(route: Route) -> None:
    """The server does what is asked, and the page never learns of it."""
    route.fetch()
    route.abort()
