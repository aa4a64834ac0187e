"""Sessions that are linked with a phone: their state and its history, and what admins order.

Revision ID: 0002
"""

from store.migrations.script import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0002_sessions.sql")
