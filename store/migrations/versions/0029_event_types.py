"""A version of a bot keeps the schemas of the events that it names.

Revision ID: 0029
"""

from store.migrations.script import run_file

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0029_event_types.sql")
