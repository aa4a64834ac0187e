"""Drafts of bots.

Revision ID: 0007
"""

from store.migrations.script import run_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0007_drafts.sql")
