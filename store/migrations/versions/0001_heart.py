"""The first schema: workspaces, bots, numbers, the hot tables of a number, and what guards them.

Revision ID: 0001
"""

from store.migrations.script import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0001_heart.sql")
    run_file("0001_guards.sql")
