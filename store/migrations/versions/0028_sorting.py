"""Indexes by which lists are sorted.

Revision ID: 0028
"""

from store.migrations.script import run_file

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0028_sorting.sql")
