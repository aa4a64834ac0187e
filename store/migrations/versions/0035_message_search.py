"""Words of messages, by which a workspace that wants it searches in what was said.

Revision ID: 0035
"""

from store.migrations.script import run_file

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0035_message_search.sql")
