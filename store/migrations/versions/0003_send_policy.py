"""What a number's send policy counts and remembers; messages that were changed, or sent again unconfirmed.

Revision ID: 0003
"""

from store.migrations.script import run_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0003_send_policy.sql")
