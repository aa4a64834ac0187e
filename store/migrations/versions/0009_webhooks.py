"""Webhooks out: endpoints, what they are told, each delivery and each try of it.

Revision ID: 0009
"""

from store.migrations.script import run_file

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0009_webhooks.sql")
