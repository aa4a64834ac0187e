"""A day with Chatloom through HTTP alone: from an invitation to the audit, every process real."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.installation import Installation
from tests.receiver import Receiver, receiver
from tests.until import until

PASSWORD = "unrelated words in a row"
FILES = {
    "bot.yaml": "chatloom: bot/v1\nid: club\ntitle: Club\nflows: [join, paid]\nfallback: join\n",
    "flows/join.yaml": """chatloom: flow/v1
id: join
data:
  schema:
    type: object
    required: [name]
    properties:
      name: {type: string, minLength: 2, title: Your name}
steps:
  - {id: form, action: collect, with: {fields: [name]}}
  - {id: welcome, action: send, with: {text: "Welcome, {{ data.name }}."}}
""",
    "flows/paid.yaml": """chatloom: flow/v1
id: paid
triggers:
  - event: {name: fee.paid}
steps:
  - {id: thanks, action: send, with: {text: "Your fee is paid."}}
""",
    "tests/join.yaml": """test: somebody joins
talk:
  - user: hello
  - bot: {contains: Your name}
  - user: Ana
  - bot: Welcome, Ana.
expect: {ended: join}
""",
}
_ids = itertools.count()


class Api:
    """The API as somebody calls it. What is refused fails the test."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.http.request(method, f"/api/v1{path}", **more)
        assert answer.status_code == status, (path, answer.text)
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer.text

    async def get(self, path: str, **params: Any) -> Any:
        return await self.call("GET", path, params=params)

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self.call("POST", path, status, json=body)


class Visitor:
    """Somebody at the simulator's page."""

    def __init__(self, admin: Api, http: httpx.AsyncClient, number: str) -> None:
        self._admin, self._http, self._number = admin, http, number

    async def open(self) -> None:
        link = await self._admin.post(f"/numbers/{self._number}/simulator-links", 201)
        page = await self._http.get(link["path"], follow_redirects=True)
        assert page.status_code == 200

    async def say(self, text: str) -> None:
        body = {"kind": "text", "id": f"day-{next(_ids):08}", "text": text}
        answer = await self._http.post(f"/simulator/{self._number}/messages", json=body)
        assert answer.status_code == 202, answer.text


class Day:
    """What stays the same from morning to evening."""

    boss: Api
    secret: str

    def __init__(self, installed: Installation, hook: Receiver, ends: AsyncExitStack) -> None:
        self.installed, self.hook, self._ends = installed, hook, ends

    async def client(self, token: str = "") -> httpx.AsyncClient:
        """One that is closed in the evening."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx.AsyncClient(base_url=self.installed.url, headers=headers, timeout=60, trust_env=False)
        return await self._ends.enter_async_context(made)

    async def conversations(self) -> list[dict[str, Any]]:
        return (await self.boss.get("/numbers/desk/conversations"))["items"]

    async def lines(self, conversation: str) -> list[dict[str, Any]]:
        return (await self.boss.get(f"/numbers/desk/conversations/{conversation}/transcript"))["items"]

    async def talk(self, *said: str) -> dict[str, Any]:
        """A new visitor says all that, each when the last is answered; the conversation."""
        known = {one["id"] for one in await self.conversations()}
        visitor = Visitor(self.boss, await self.client(), "desk")
        await visitor.open()
        found: list[dict[str, Any]] = []

        async def answered(count: int) -> bool:
            found[:] = [one for one in await self.conversations() if one["id"] not in known]
            if not found:
                return False
            lines = await self.lines(found[0]["id"])
            return sum(line["direction"] == "out" for line in lines) >= count

        for count, text in enumerate(said, 1):
            await visitor.say(text)
            await until(lambda count=count: answered(count))
        return found[0]

    async def heard(self, kind: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """A webhook of that type, whose signature the reference library has verified."""
        found: list[dict[str, Any]] = []

        async def came() -> bool:
            found[:] = [
                one for one in self.hook.verified(self.secret) if one["type"] == kind and fits(one["data"])
            ]
            return bool(found)

        await until(came)
        return found[0]


@asynccontextmanager
async def day(folder: Path) -> AsyncGenerator[Day]:
    environment = {"CHATLOOM_ALLOW_PRIVATE_WEBHOOKS": "true"}
    async with Installation(folder / "h", environment=environment) as installed, receiver() as hook:
        installed.start("work", "-m", "cli.main", "work")
        async with AsyncExitStack() as ends:
            here = Day(installed, hook, ends)
            here.boss = Api(await here.client((installed.home / "operator.key").read_text().strip()))
            yield here


async def _editor(day: Day) -> Api:
    invited = await day.boss.post("/invitations", 201, email="eva@example.com", role="editor")
    nobody = Api(await day.client())
    accept = {"token": invited["token"], "name": "Eva", "password": PASSWORD}
    await nobody.post("/invitations/accept", 201, **accept)
    signed = await nobody.post("/sign-in", email="eva@example.com", password=PASSWORD)
    return Api(await day.client(signed["access_token"]))


async def _publishes_a_bot(eva: Api) -> None:
    faulty = {**FILES, "flows/join.yaml": FILES["flows/join.yaml"].replace("data.name }}", "data.nmae }}")}
    await eva.call("PUT", "/bots/club/draft", 201, json={"files": faulty}, headers={"If-None-Match": "*"})
    [fault] = [
        one for one in (await eva.post("/bots/club/draft/check"))["diagnostics"] if one["severity"] == "error"
    ]
    assert (fault["file"], fault["line"]) == ("flows/join.yaml", 11)
    assert "nmae" in fault["message"]
    refused = await eva.post("/bots/club/draft/publish", 422, message="too early")
    assert refused["code"] == "bots.unfit"
    draft = await eva.get("/bots/club/draft")
    await eva.call(
        "PUT",
        "/bots/club/draft/files/flows/join.yaml",
        json={"text": FILES["flows/join.yaml"]},
        headers={"If-Match": f'"{draft["etags"]["flows/join.yaml"]}"'},
    )
    tested = await eva.post("/bots/club/draft/test")
    assert '"name":"somebody joins","passed":true' in tested
    published = await eva.post("/bots/club/draft/publish", message="The club opens")
    assert (published["version"], published["current"]) == (1, True)


async def _changes_it_carefully(day: Day, eva: Api) -> None:
    """A canary that some new talks get, promoted, and taken back."""
    text = FILES["flows/join.yaml"].replace("Welcome, {{ data.name }}", "Dear {{ data.name }}, welcome")
    tests = FILES["tests/join.yaml"].replace("Welcome, Ana.", "Dear Ana, welcome.")
    files = {**FILES, "flows/join.yaml": text, "tests/join.yaml": tests}
    await eva.call("PUT", "/bots/club", 201, json={"files": files, "message": "Politer"})
    compared = await eva.get("/bots/club/versions/1/diff/2")
    assert "welcome" in json.dumps(compared)
    await eva.post("/bots/club/canary", 201, version=2, percent=50)
    seen = {1: 0, 2: 0}
    while not all(seen.values()):
        assert sum(seen.values()) < 20, seen
        seen[await _welcomed(day)] += 1
    shown = await eva.get("/bots/club/canary")
    assert (shown["base"]["completed"], shown["canary"]["completed"]) == (seen[1], seen[2])
    assert (await eva.post("/bots/club/canary/promote"))["version"] == 2
    assert await _welcomed(day) == 2
    assert (await eva.post("/bots/club/rollback"))["version"] == 1
    assert await _welcomed(day) == 1


async def _welcomed(day: Day) -> int:
    """By which version a new visitor is welcomed."""
    talk = await day.talk("hello", "Zoe")
    texts = [line["body"].get("text") for line in await day.lines(talk["id"])]
    return 2 if "Dear Zoe, welcome." in texts else 1


async def _hears_of_a_payment(day: Day, conversation: str) -> None:
    program = await day.boss.post("/api-keys", 201, name="shop", role="agent")
    shop = Api(await day.client(program["key"]))
    said = {"name": "fee.paid", "conversation": conversation, "data": {}}
    for _ in range(2):
        await shop.call("POST", "/events", 202, json=said, headers={"Idempotency-Key": "fee-1"})

    async def told() -> bool:
        return [line["body"].get("text") for line in await day.lines(conversation)].count(
            "Your fee is paid."
        ) == 1

    await until(told)


async def _exports(day: Day) -> None:
    export = await day.boss.post("/exports", 202, what="data", format="jsonl", bot="club")

    async def done() -> bool:
        return (await day.boss.get(f"/exports/{export['id']}"))["state"] == "done"

    await until(done)
    link = await day.boss.post(f"/exports/{export['id']}/link", 201)
    found = await Api(await day.client()).http.get(link["url"])
    names = [json.loads(line)["data"].get("name") for line in found.text.splitlines()]
    assert "Ana Canary" in names


async def _forgets(day: Day, conversation: dict[str, Any]) -> None:
    contact = conversation["contact"]
    await day.boss.call("DELETE", f"/contacts/{contact}", 202, params={"sure": "true"})

    async def gone() -> bool:
        return conversation["id"] not in {one["id"] for one in await day.conversations()}

    await until(gone)
    await day.boss.call("GET", f"/contacts/{contact}", 404)


async def _verifies_the_audit(day: Day) -> None:
    async def chained() -> bool:
        return (await day.boss.get("/audit/verification"))["waiting"] == 0

    await until(chained)
    found = await day.boss.get("/audit/verification")
    assert found["broken"] is None
    done = {one["action"] for one in (await day.boss.get("/audit", limit=200))["items"]}
    assert {"canary.start", "canary.promote", "export.start", "contact.erase"} <= done


def test_a_day(tmp_path: Path) -> None:
    async def scene() -> None:
        async with day(tmp_path) as here:
            boss = here.boss
            eva = await _editor(here)
            await _publishes_a_bot(eva)
            hook = await boss.post("/webhooks", 201, name="crm", url=here.hook.url, types=["run.ended"])
            here.secret = hook["secret"]
            added = await boss.post("/numbers", 201, name="desk", channel="simulator", bot="club")
            here.installed.start_number(added["id"])
            await here.installed.until_online([added["id"]])
            ana = await here.talk("hello", "Ana Canary")
            told = await here.heard("run.ended", lambda data: data["conversation"] == ana["id"])
            assert told["data"]["run"]["data"] == {"name": "Ana Canary"}
            await _changes_it_carefully(here, eva)
            await _hears_of_a_payment(here, ana["id"])
            await _exports(here)
            await _forgets(here, ana)
            await _verifies_the_audit(here)

    asyncio.run(scene())
