"""Apps: accounts with vendors that sign their webhooks."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import orjson
from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound, Refused
from schemas.tables.apps import App
from schemas.tables.columns import now
from schemas.tables.numbers import Number
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, page


class AppInUse(Refused):
    """Numbers still use the app."""

    code = "apps.in_use"
    status = 409
    sentence = "App {name!r} still serves {numbers}. Remove the numbers first."


async def listed(session: Session, window: Window) -> tuple[list[App], Cursor | None]:
    """All, by name."""
    return await page(session, select(App), [col(App.name)], window)


async def named(session: Session, name: str) -> App:
    """One, by name or id. Raises `NotFound`."""
    found = (await session.exec(select(App).where(col(App.name) == name))).first()
    if found is None and (key := _uuid(name)):
        found = await session.get(App, key)
    if found is None:
        raise NotFound(what="app", name=name)
    return found


async def names(session: Session, keys: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Of those with these ids, by id."""
    wanted = select(App.id, App.name).where(col(App.id).in_({key for key in keys if key}))
    return dict((await session.exec(wanted)).all())


async def add(session: Session, sealer: Sealer, app: App, secrets: dict[str, str]) -> App:
    """Keep a new app with its secrets sealed. Raises `Taken`."""
    app.secrets = sealer.seal("apps", "secrets", app.id.bytes, orjson.dumps(secrets))
    async with unique(session, "app", app.name):
        session.add(app)
    return app


async def set_secrets(
    session: Session, sealer: Sealer, app: App, secrets: dict[str, str], both: dt.timedelta
) -> None:
    """Replace those secrets that are given; the others stay. Those before open too for the time `both`."""
    await session.refresh(app, with_for_update=True)
    kept = orjson.loads(sealer.open("apps", "secrets", app.id.bytes, app.secrets))
    app.old_secrets, app.old_until = (app.secrets, now() + both) if both else (None, None)
    app.secrets = sealer.seal("apps", "secrets", app.id.bytes, orjson.dumps({**kept, **secrets}))
    session.add(app)


async def remove(session: Session, name: str) -> None:
    """Forget an app that no number uses. Raises `NotFound`, `AppInUse`."""
    app = await named(session, name)
    users = (await session.exec(select(Number).where(col(Number.app_id) == app.id))).all()
    if serving := [each.name for each in users if each.removed_at is None]:
        raise AppInUse(name=app.name, numbers=", ".join(serving))
    for number in users:
        number.app_id = None
        session.add(number)
    await session.flush()
    await session.delete(app)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
