"""What is older than its workspace keeps it is deleted."""

from jobs.job import Desk, Job
from keys.signer import Signer
from store import retention
from store.audit_chain import PURPOSE


async def do(desk: Desk) -> bool:
    """Delete a batch. True while there may be more."""
    return await retention.apply(desk.pool, Signer(desk.masters, PURPOSE), desk.shelf, desk.home / "media")


JOB = Job("retention", 3600.0, do)
