"""Who ended a canary.

Revision ID: 0037
"""

from store.migrations.script import run_file

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0037_canary_enders.sql")
