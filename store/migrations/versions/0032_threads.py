"""Threads: one handling of a conversation by people.

Revision ID: 0032
"""

from store.migrations.script import run_file

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0032_threads.sql")
