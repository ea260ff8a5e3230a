"""Breaks of sessions; requests that replace a booking which was called off late"""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
