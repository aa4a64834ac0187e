"""Webhook endpoints, and what went to them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select, update

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookTry
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page

BOTH_SIGN = dt.timedelta(hours=24)
MOST_REPLAYED = 10_000
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


async def listed(session: Session, window: Window) -> tuple[list[WebhookEndpoint], Cursor | None]:
    """Endpoints, the latest first."""
    return await page(session, select(WebhookEndpoint), [col(WebhookEndpoint.id)], window, newest_first=True)


async def found(session: Session, key: UUID, change: bool = False) -> WebhookEndpoint:
    """One endpoint; to `change` it, locked. Raises `NotFound`."""
    wanted = select(WebhookEndpoint).where(col(WebhookEndpoint.id) == key)
    row = (await session.exec(wanted.with_for_update() if change else wanted)).first()
    if row is None:
        raise NotFound(what="webhook endpoint", name=str(key))
    return row


def seal_secret(sealer: Sealer, endpoint: UUID, secret: str) -> bytes:
    """An endpoint's secret, sealed."""
    return sealer.seal("webhook_endpoints", "secret", endpoint.bytes, secret.encode())


def renew_secret(row: WebhookEndpoint, sealer: Sealer, secret: str) -> None:
    """Give it a new secret; the one before signs too for a day."""
    row.old_secret, row.old_until = row.secret, now() + BOTH_SIGN
    row.secret = seal_secret(sealer, row.id, secret)


async def enable(session: Session, row: WebhookEndpoint) -> None:
    """Tell it things again; what waited goes now."""
    row.disabled_at, row.disabled_why, row.failing_since = None, "", None
    await _waiting_due(session, row, now())


async def disable(session: Session, row: WebhookEndpoint, why: str) -> None:
    """Tell it nothing more; what waits, waits."""
    row.disabled_at, row.disabled_why = now(), why
    await _waiting_due(session, row, NEVER)


async def post(session: Session, row: WebhookEndpoint, event: WebhookEvent) -> WebhookDelivery:
    """Send an event to one endpoint, whatever it asked for."""
    session.add(event)
    await session.flush()
    delivery = WebhookDelivery(
        workspace_id=row.workspace_id, endpoint_id=row.id, event_id=event.id, lane=event.id
    )
    session.add(delivery)
    await session.flush()
    return delivery


async def deliveries(
    session: Session, row: WebhookEndpoint, window: Window, state: str | None
) -> tuple[list[WebhookDelivery], Cursor | None]:
    """An endpoint's deliveries, the latest first; only those of a `state`, if one is named."""
    wanted = select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == row.id)
    if state is not None:
        wanted = wanted.where(col(WebhookDelivery.state) == state)
    return await page(session, wanted, [col(WebhookDelivery.seq)], window, newest_first=True)


async def delivery(session: Session, row: WebhookEndpoint, seq: int) -> WebhookDelivery:
    """One of an endpoint's deliveries. Raises `NotFound`."""
    found = await session.get(WebhookDelivery, seq)
    if found is None or found.endpoint_id != row.id:
        raise NotFound(what="delivery", name=str(seq))
    return found


async def events(session: Session, found: Sequence[WebhookDelivery]) -> dict[UUID, WebhookEvent]:
    """The events of deliveries, by id."""
    wanted = select(WebhookEvent).where(col(WebhookEvent.id).in_({one.event_id for one in found}))
    return {event.id: event for event in await session.exec(wanted)}


async def tries(session: Session, row: WebhookDelivery) -> list[WebhookTry]:
    """Each try of a delivery, in their order."""
    wanted = select(WebhookTry).where(col(WebhookTry.delivery_seq) == row.seq)
    return list(await session.exec(wanted.order_by(col(WebhookTry.attempt))))


def open_exchange(sealer: Sealer, row: WebhookTry) -> dict[str, Any]:
    """What was said in a try."""
    name = f"{row.delivery_seq}.{row.attempt}".encode()
    return orjson.loads(sealer.open("webhook_tries", "exchange", name, row.exchange))


async def replay(
    session: Session, row: WebhookEndpoint, since: dt.datetime, until: dt.datetime, failed_only: bool
) -> int:
    """Deliver once more, in their order, the events that went to an endpoint, by when they happened.

    At most `MOST_REPLAYED`, the earliest. What still waits is left alone. Returns how many.
    """
    done = await session.sql(
        """
        INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)
        SELECT workspace_id, endpoint_id, event_id, lane FROM (
            SELECT DISTINCT ON (d.event_id) d.*, e.at AS happened FROM webhook_deliveries d
            JOIN webhook_events e ON e.id = d.event_id
            WHERE d.endpoint_id = :endpoint AND e.at >= :since AND e.at < :until
            ORDER BY d.event_id, d.seq DESC
        ) AS last
        WHERE state = ANY(:states) ORDER BY happened, seq LIMIT :most
        """,
        endpoint=row.id,
        since=since,
        until=until,
        states=["failed"] if failed_only else ["failed", "delivered"],
        most=MOST_REPLAYED,
    )
    return done.rowcount


async def again(session: Session, row: WebhookDelivery) -> WebhookDelivery:
    """Deliver an event once more; what waits goes now."""
    if row.state == "waiting":
        row.due_at = now()
        session.add(row)
        return row
    new = WebhookDelivery(
        workspace_id=row.workspace_id, endpoint_id=row.endpoint_id, event_id=row.event_id, lane=row.lane
    )
    session.add(new)
    await session.flush()
    return new


async def _waiting_due(session: Session, row: WebhookEndpoint, due: dt.datetime) -> None:
    wanted = update(WebhookDelivery).where(
        col(WebhookDelivery.endpoint_id) == row.id, col(WebhookDelivery.state) == "waiting"
    )
    await session.exec(wanted.values(due_at=due))
