"""The delivery watch of a number: marks what the channel seems to have lost, and has it sent again where that is wanted."""

import datetime as dt
from collections.abc import Callable

from flows.state import OWNER
from runtime import metrics
from runtime.ledger import Ledger
from sessions.settings import SendPolicy
from store import watch
from store.leases import Lease
from store.pool import Connection
from store.receipts import Folded

LOOKS_BACK = dt.timedelta(days=1)
WHY = "No delivery report came, though the contact was active afterwards."


async def look(
    conn: Connection,
    lease: Lease,
    ledger: Ledger,
    rules: SendPolicy,
    grace_s: float,
    channel: str,
    read_again: Callable[[], None],
) -> None:
    """Mark messages as unconfirmed. `grace_s`: how late a report may be. Raises `DatabaseUnreachable`."""
    if rules.unconfirmed == "off":
        return
    now = dt.datetime.now(dt.UTC)
    suspects = await watch.unconfirmed(
        conn, lease, now - LOOKS_BACK, now - dt.timedelta(seconds=grace_s), OWNER
    )
    if not suspects:
        return
    metrics.unconfirmed.labels(channel).inc(len(suspects))
    ledger.page.folded.extend(
        Folded(one.message_id, "unconfirmed", now, "unconfirmed", WHY) for one in suspects
    )
    again = [one.message_id for one in suspects if not one.resends] if rules.unconfirmed == "resend" else []
    if again:
        ledger.page.resent.extend(again)
        ledger.then(read_again)
    ledger.touch()
