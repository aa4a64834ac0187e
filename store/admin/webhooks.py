"""Webhook endpoints, and what went to them."""

import datetime as dt
from uuid import UUID

from sqlmodel import col, select, update

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page

BOTH_SIGN = dt.timedelta(hours=24)
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


async def _waiting_due(session: Session, row: WebhookEndpoint, due: dt.datetime) -> None:
    wanted = update(WebhookDelivery).where(
        col(WebhookDelivery.endpoint_id) == row.id, col(WebhookDelivery.state) == "waiting"
    )
    await session.exec(wanted.values(due_at=due))
