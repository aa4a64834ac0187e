"""Indexes by which old notes go, and by which conversations are filtered.

Revision ID: 0025
"""

from store.migrations.script import run_file

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0025_lists.sql")
