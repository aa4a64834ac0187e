"""Erasing contacts.

Revision ID: 0020
"""

from store.migrations.script import run_file

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0020_erasures.sql")
