"""Indexes for the filters of conversations, and for tasks by when they are due.

Revision ID: 0031
"""

from store.migrations.script import run_file

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0031_filters.sql")
