"""The history of numbers, and rotating the secrets of apps.

Revision ID: 0017
"""

from store.migrations.script import run_file

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
phase = "pre"


def upgrade() -> None:
    run_file("0017_numbers_and_apps.sql")
