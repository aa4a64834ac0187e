"""A canary on a number that runs: who gets it, that runs keep their version, that nobody goes unanswered."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

from cli import folder
from flows.texts import stable_share
from tests.installation import Installation
from tests.stack.stage import Served, served, write_bot
from tests.until import PATIENCE_S

CONTACTS = 24


def write(tmp_path: Path, word: str) -> Path:
    return write_bot(
        tmp_path / word,
        "tried",
        f"{{id: hi, action: send, with: {{text: {word}}}}}",
        "{id: more, action: wait, with: {message: true}}",
        f"{{id: bye, action: send, with: {{text: bye {word}}}}}",
    )


def order(installed: Installation, method: str, path: str, body: Any = None) -> Any:
    with installed.client() as api:
        return api.call(method, f"/bots/tried{path}", body)


async def answered(here: Served, contacts: list[str]) -> dict[str, str]:
    """All write at once; what each was told last, once all were told one thing more."""
    said = await asyncio.gather(*(here.ask(contact, "hello") for contact in contacts))
    return {contact: told[-1] for contact, told in zip(contacts, said, strict=True)}


async def until_told(here: Served, wanted: set[str], prefix: str) -> None:
    """New contacts write, twelve at a time, until all of them are told what is wanted."""
    async with asyncio.timeout(PATIENCE_S):
        for count in itertools.count():
            told = await answered(here, [f"{prefix}{count:03}{each:02}" for each in range(12)])
            if set(told.values()) == wanted:
                return


def test_a_share_of_new_runs_gets_it_until_it_is_promoted(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(installed, write(tmp_path, "one")) as here:
            early = [f"3960000{count:03}" for count in range(3)]
            assert set((await answered(here, early)).values()) == {"one"}
            pushed = {"files": folder.read(write(tmp_path, "two")), "message": ""}
            assert order(installed, "PUT", "", pushed)["version"] == 2
            canary = order(installed, "POST", "/canary", {"version": 2, "percent": 50})
            await until_told(here, {"one", "two"}, "39610")
            contacts = [f"3962000{count:03}" for count in range(CONTACTS)]
            first = await answered(here, contacts)
            byes = {each: f"bye {word}" for each, word in first.items()}
            assert await answered(here, contacts) == byes
            assert await answered(here, contacts) == first
            assert set((await answered(here, early)).values()) == {"bye one"}
            rows = await here.rows(
                "SELECT r.version, c.contact_id FROM runs r JOIN conversations c ON c.number_id = r.number_id"
                " AND c.id = r.conversation_id JOIN canaries k ON r.id > k.id WHERE r.number_id = %s"
            )
            tried = {contact for version, contact in rows if version == 2}
            share = {contact for _, contact in rows if stable_share(str(contact), canary["id"], 100) < 50}
            assert share == tried
            shown = order(installed, "GET", "/canary")
            assert shown["canary"]["runs"] + shown["base"]["runs"] == len(rows)
            assert shown["canary"]["completion_rate"] == shown["base"]["completion_rate"] == 1.0
            order(installed, "POST", "/canary/promote")
            await until_told(here, {"two"}, "39630")
            assert await answered(here, contacts) == byes

    asyncio.run(scene())
