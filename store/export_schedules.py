"""Exports that are due are ordered: by one worker at a time, each once, however long nobody looked."""

import datetime as dt
import logging

from psycopg.types.json import Jsonb

from schemas.ids import new_event_id
from store.alone import alone
from store.cron import CronUnfit, next_run
from store.named_sql import query
from store.pool import Pool

BATCH = 100
AGAIN = dt.timedelta(
    hours=1
)  # when the time zone of one is looked for again, where this host does not know it

log = logging.getLogger(__name__)


async def order_due(pool: Pool) -> int:
    """Order a batch of exports that are due. Returns how many.

    With the order, in one transaction, goes when the next is due; so one is never ordered twice, and those that fell
    due while no worker ran are made up by one. One whose next time cannot be told is put off, and holds up no other.
    """
    async with alone(pool, "export_schedules") as conn:
        if conn is None:
            return 0
        at = dt.datetime.now(dt.UTC)
        rows = await (
            await conn.execute(query("export_schedules", "due"), {"now": at, "limit": BATCH})
        ).fetchall()
        for key, workspace, cron, zone, args, new_only, covered, by in rows:
            try:
                next_at = next_run(cron, zone, at)
            except CronUnfit as problem:
                log.error("export schedule %s is put off for an hour: %s", key, problem)
                await conn.execute(query("export_schedules", "put_off"), {"id": key, "next": at + AGAIN})
                continue
            since = covered.astimezone(dt.UTC).isoformat() if new_only and covered else None
            params = {
                "id": key,
                "job": new_event_id(),
                "workspace": workspace,
                "args": Jsonb({**args, "since": since, "until": at.isoformat()}),
                "by": by,
                "now": at,
                "next": next_at,
            }
            await conn.execute(query("export_schedules", "order"), params)
            await conn.execute(query("export_schedules", "move_on"), params)
    return len(rows)
