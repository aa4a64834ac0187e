"""What a conversation learned of a contact reaches the workspace's profile and the contact's other talks."""

from jobs.job import Desk, Job
from store import chores


async def do(desk: Desk) -> bool:
    """Apply a batch. True while there may be more."""
    applied, woken = await chores.apply_contact_changes(desk.pool, desk.shelf)
    desk.notifier.wake(*woken)
    return applied >= chores.CHANGES


JOB = Job("contact_changes", 2.0, do)
