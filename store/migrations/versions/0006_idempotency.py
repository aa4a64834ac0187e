"""Requests that bear an Idempotency-Key.

Revision ID: 0006
"""

from store.migrations.script import run_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0006_idempotency.sql")
