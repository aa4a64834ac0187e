"""An index by which messages that failed are found.

Revision ID: 0033
"""

from store.migrations.script import run_file

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0033_failed.sql")
