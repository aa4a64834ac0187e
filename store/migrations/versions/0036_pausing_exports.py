"""Schedules of exports that can be paused.

Revision ID: 0036
"""

from store.migrations.script import run_file

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0036_pausing_exports.sql")
