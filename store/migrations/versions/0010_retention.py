"""How long a workspace keeps what was said, what was collected, and its audit.

Revision ID: 0010
"""

from store.migrations.script import run_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0010_retention.sql")
