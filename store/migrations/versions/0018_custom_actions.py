"""Custom actions.

Revision ID: 0018
"""

from store.migrations.script import run_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0018_custom_actions.sql")
