"""Entries of the audit get their places in the chain, a moment after they were written."""

from jobs.job import Desk, Job
from keys.signer import Signer
from store import audit
from store.audit_chain import PURPOSE


async def do(desk: Desk) -> bool:
    """Chain a batch. True while there may be more."""
    return await audit.chain(desk.pool, Signer(desk.masters, PURPOSE))


JOB = Job("audit_chain", 2.0, do)
