"""Retention drops whole partitions, and reaches files.

Revision ID: 0016
"""

from store.migrations.script import run_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0016_retention_whole.sql")
