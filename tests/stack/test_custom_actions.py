"""Custom actions on a number that runs: answered at once, later, never, and by a process that is killed meanwhile."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiohttp import web

from tests.installation import Installation
from tests.receiver import Receiver, receiver
from tests.stack.stage import Served, served, write_bot
from tests.until import until

PRIVATE = {"CHATLOOM_ALLOW_PRIVATE_WEBHOOKS": "1"}
FIND: dict[str, Any] = {
    "input_schema": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
    "outcomes": ["found", "missing"],
    "result_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
}
_count = itertools.count()


@asynccontextmanager
async def asked(
    installed: Installation, tmp_path: Path, **step: Any
) -> AsyncGenerator[tuple[Served, Receiver, str, str]]:
    """A number whose bot asks an integration about every message; the action's name and secret."""
    name = f"find_{next(_count)}"
    async with receiver() as crm:
        with installed.client() as api:
            made = api.post("/custom-actions", {**FIND, "name": name, "url": crm.url, **step})
        bot = write_bot(
            tmp_path,
            name.replace("_", "-"),
            f'{{id: find, action: {name}, with: {{email: "{{{{ message.text }}}}"}},'
            " then: {missing: none, failed: broken, timeout: late}}",
            "{id: found, action: send, with: {text: found}, next: stop}",
            "{id: none, action: send, with: {text: missing}, next: stop}",
            "{id: broken, action: send, with: {text: broken}, next: stop}",
            "{id: late, action: send, with: {text: late}, next: stop}",
        )
        async with served(installed, bot, environment=PRIVATE) as here:
            yield here, crm, name, made["secret"]


def answering(outcome: str, status: int = 200, **data: Any) -> Any:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"outcome": outcome, "data": data}, status=status)

    return answer


def test_an_answer_decides_where_the_talk_goes_on(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with asked(installed, tmp_path) as (here, crm, name, secret):
            crm.answer = answering("found", id="L-7")
            assert await here.ask("397001", "a@b.c") == ["found"]
            [said] = crm.verified(secret)
            assert (said["type"], said["action"], said["input"]) == ("action.call", name, {"email": "a@b.c"})
            assert (said["step"], said["number"]) == ("talk.find", here.number)
            assert crm.came[0][0]["webhook-id"] == said["id"]
            crm.answer = answering("missing", id=7)
            assert await here.ask("397002", "x") == ["broken"]  # a number, where a text is declared
            crm.answer = answering("missing", id="x")
            assert await here.ask("397003", "x") == ["missing"]
            crm.answer = answering("lost")
            assert await here.ask("397004", "x") == ["broken"]
            crm.answer = answering("found", 400)
            assert await here.ask("397005", "x") == ["broken"]

    asyncio.run(scene())


def test_an_answer_may_come_later_once(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with asked(installed, tmp_path) as (here, crm, _, secret):
            crm.answer = answering("", 202)
            await here.say("397101", "a@b.c")
            await until(lambda: bool(crm.came))
            [said] = crm.verified(secret)
            async with httpx.AsyncClient(trust_env=False) as anybody:
                unfit = await anybody.post(said["callback"]["url"], json={"outcome": "lost"})
                assert (unfit.status_code, unfit.json()["code"]) == (422, "action_callbacks.answer_unfit")
                answer = {"outcome": "found", "data": {"id": "L-7"}}
                taken = await anybody.post(said["callback"]["url"], json=answer)
                assert taken.status_code == 202, taken.text
                assert await here.heard("397101", 1) == ["found"]
                again = await anybody.post(said["callback"]["url"], json={"outcome": "missing", "data": {}})
                assert (again.status_code, again.json()["code"]) == (409, "action_callbacks.used")
            assert await here.rows("SELECT state, attempt FROM action_calls WHERE number_id = %s") == [
                ("done", 1)
            ]
            assert len(crm.came) == 1

    asyncio.run(scene())


def test_an_answer_that_does_not_come_in_time_is_a_timeout(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with asked(installed, tmp_path, answer_within_s=1) as (here, crm, _, secret):
            crm.answer = answering("", 202)
            assert await here.ask("397201", "a@b.c") == ["late"]
            [said] = crm.verified(secret)
            async with httpx.AsyncClient(trust_env=False) as anybody:
                over = await anybody.post(said["callback"]["url"], json={"outcome": "found", "data": {}})
            assert (over.status_code, over.json()["code"]) == (410, "action_callbacks.over")

    asyncio.run(scene())


def test_what_is_declared_anew_reaches_a_number_that_runs(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with asked(installed, tmp_path) as (here, crm, name, _):
            crm.answer = answering("twice", id="x")
            assert await here.ask("397301", "x") == ["broken"]
            with installed.client() as api:
                api.patch(f"/custom-actions/{name}", {"outcomes": ["found", "missing", "twice"]})
            for count in itertools.count():
                if await here.ask(f"3974{count:03}", "x") == ["found"]:  # no edge of its own: the next step
                    return

    asyncio.run(scene())


def test_a_kill_between_answer_and_commit_yields_one_result(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        async with asked(installed, tmp_path) as (here, crm, _, secret):
            crm.answer = answering("found", id="L-7")
            gate = await psycopg.AsyncConnection.connect(installed.database)

            async def shut(request: web.Request) -> web.StreamResponse:
                """From now on the number cannot commit."""
                await gate.execute("SELECT FROM leases WHERE number_id = %s FOR UPDATE", (here.number,))
                return await answering("found", id="L-7")(request)

            crm.answer = shut
            await here.say("397501", "a@b.c")
            waits = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%KEY SHARE%%'"
            await installed.until(f"SELECT EXISTS (SELECT {waits})")
            installed.kill(here.process)
            await installed.rows(f"SELECT pg_terminate_backend(pid) {waits}")  # it was sent, and would go on
            await gate.close()
            crm.answer = answering("found", id="L-8")
            process = installed.start_number(here.number, **PRIVATE)
            try:
                assert await here.heard("397501", 1) == ["found"]
                assert await here.ask("397501", "again") == ["found", "found"]
            finally:
                process.terminate()
                await asyncio.to_thread(process.wait, 20)
            first, second, third = crm.verified(secret)
            assert first["id"] == second["id"] != third["id"]
            results = await here.rows(
                "SELECT count(*) FROM inbox WHERE number_id = %s AND kind = 'action_done'"
            )
            assert results == [(2,)]

    asyncio.run(scene())
