"""Exports that are made again and again.

Revision ID: 0015
"""

from store.migrations.script import run_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0015_export_schedules.sql")
