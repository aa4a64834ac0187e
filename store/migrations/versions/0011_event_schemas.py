"""Schemas of posted events.

Revision ID: 0011
"""

from store.migrations.script import run_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0011_event_schemas.sql")
