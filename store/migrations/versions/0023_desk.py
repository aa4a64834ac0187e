"""Reply drafts; files that people attach.

Revision ID: 0023
"""

from store.migrations.script import run_file

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0023_desk.sql")
