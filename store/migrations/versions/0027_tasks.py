"""Tasks for teams, and notes and tasks of flows.

Revision ID: 0027
"""

from store.migrations.script import run_file

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0027_tasks.sql")
