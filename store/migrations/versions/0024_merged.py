"""Contacts that were merged into others.

Revision ID: 0024
"""

from store.migrations.script import run_file

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0024_merged.sql")
