"""Teams, and the order of lists.

Revision ID: 0019
"""

from store.migrations.script import run_file

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0019_teams.sql")
