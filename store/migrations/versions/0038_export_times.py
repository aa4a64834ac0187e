"""Schedules of exports whose time can be changed.

Revision ID: 0038
"""

from store.migrations.script import run_file

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0038_export_times.sql")
