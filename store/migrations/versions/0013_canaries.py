"""Canaries.

Revision ID: 0013
"""

from store.migrations.script import run_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0013_canaries.sql")
