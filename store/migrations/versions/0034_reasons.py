"""Codes beside the sentences that say why a number or its session is as it is.

Revision ID: 0034
"""

from store.migrations.script import run_file

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0034_reasons.sql")
