"""Numbers that are served while a test looks at pages, and contacts who write to them."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.installation import ROOT
from tests.ui.site import Site

_words = itertools.count()


@dataclass(frozen=True)
class Served:
    """A simulated number whose process runs."""

    site: Site
    id: str
    name: str

    @classmethod
    def start(cls, site: Site, name: str, folder: Path = ROOT / "bots" / "table-booking") -> "Served":
        bot = site.installed.add_bot(folder)
        with site.api() as api:
            api.post("/numbers", {"name": name, "channel": "simulator", "bot": bot})
        return cls.run(site, name)

    @classmethod
    def run(cls, site: Site, name: str) -> "Served":
        """One that is there already."""
        with site.api() as api:
            number = api.get(f"/numbers/{name}")["id"]
        site.installed.start_number(number)
        site.run(site.installed.until_online([number]))
        return cls(site, number, name)

    def contact(self) -> "Contact":
        """Somebody new, who has said hello and was answered."""
        with self.site.api() as api:
            link = api.post(f"/numbers/{self.id}/simulator-links")["path"]
        with httpx.Client(trust_env=False, follow_redirects=True) as wire:
            place = str(wire.get(f"{self.site.url}{link}").url)
            found = Contact(place, httpx.Cookies(wire.cookies))
        before = {row[0] for row in self._talks()}
        found.say("hello")
        self.site.until(
            "SELECT count(DISTINCT conversation_id) > %s FROM messages WHERE number_id = %s AND direction = 'out'"
            " AND status <> 'queued'",
            len(before),
            self.id,
        )
        (found.conversation,) = {row[0] for row in self._talks()} - before
        return found

    def _talks(self) -> list[tuple[object, ...]]:
        return self.site.rows("SELECT id::text FROM conversations WHERE number_id = %s", self.id)


@dataclass
class Contact:
    """A visitor of the simulator's page."""

    place: str
    cookies: httpx.Cookies
    conversation: object = ""

    def say(self, text: str) -> None:
        body = {"id": f"said-{next(_words):06}", "text": text}
        with httpx.Client(trust_env=False, cookies=self.cookies) as wire:
            answer = wire.post(f"{self.place}/messages", json=body)
        assert answer.status_code == 202, answer.text
