"""Exports that are made again and again.

Revision ID: 0014
"""

from store.migrations.script import run_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0014_export_schedules.sql")
