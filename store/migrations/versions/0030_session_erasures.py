"""What linked phones' sessions are still to forget.

Revision ID: 0030
"""

from store.migrations.script import run_file

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0030_session_erasures.sql")
