"""People, how they sign in, invitations and API keys.

Revision ID: 0004
"""

from store.migrations.script import run_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0004_people.sql")
