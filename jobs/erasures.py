"""Contacts who are to be forgotten are."""

import logging

from jobs.job import Desk, Job
from store import erasures

log = logging.getLogger(__name__)


async def do(desk: Desk) -> bool:
    """Sweep what is due. False: what a number still holds is looked for again at the next turn of the job."""
    for one in await erasures.due(desk.pool, desk.shelf):
        if await erasures.sweep(desk.pool, desk.notifier, one, desk.home / "media"):
            log.info("contact %s is erased%s", one.contact, ", what came late too" if one.again else "")
    return False


JOB = Job("erasures", 2.0, do)
