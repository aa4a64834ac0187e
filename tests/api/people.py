"""People for tests of the API: added through it, signed in through it, and a second workspace."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import psycopg

from schemas.ids import new_event_id
from store.admin import workspaces
from store.admin.desk import Desk
from tests.live import MASTERS, Live

PASSWORD = "unrelated words in a row"
ROLES = ["viewer", "agent", "editor", "admin"]
COOKIE = "chatloom_refresh"
_count = itertools.count()


@dataclass(frozen=True)
class Person:
    """Somebody signed in: his client bears the access token and the refresh token's cookie."""

    email: str
    id: str
    client: httpx.Client

    def refresh(self) -> httpx.Response:
        return self.client.post("/api/v1/sign-in/refresh", headers={"X-Chatloom": "1"})


def fresh_email(name: str = "ana") -> str:
    return f"{name}-{next(_count)}@example.com"


def sign_in(server: Live, email: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
    with server.client(None) as anybody:
        return anybody.post("/api/v1/sign-in", json={"email": email, "password": password, "code": code})


def signed_in(client: httpx.Client, email: str, code: str = "") -> Person:
    answer = client.post("/api/v1/sign-in", json={"email": email, "password": PASSWORD, "code": code})
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return Person(email, answer.json()["user"]["id"], client)


def add(api: httpx.Client, role: str) -> str:
    """A new person's address."""
    email = fresh_email(role)
    body = {"email": email, "name": role.title(), "role": role, "password": PASSWORD}
    added = api.post("/api/v1/users", json=body)
    assert added.status_code == 201, added.text
    return email


def elsewhere(server: Live, role: str = "admin") -> str:
    """The address of somebody of a new workspace."""
    workspace = new_event_id()

    async def make() -> None:
        desk = Desk(server.config.database_url, 1)
        try:
            async with desk.transaction(workspace) as session:
                await workspaces.make(session, MASTERS, workspace, "other")
        finally:
            await desk.close()

    asyncio.run(make())
    with server.client() as api:
        email = add(api, role)
    sql(server, "UPDATE users SET workspace_id = %s WHERE email = %s", workspace, email)
    return email


def sql(server: Live, statement: str, *values: object) -> None:
    """What no call can bring about: time that passes, another workspace."""
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        db.execute(statement, values)  # type: ignore[call-overload]


Enter = Callable[[str], Person]
