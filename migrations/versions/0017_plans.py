"""Plans: what competes for the same people, assigned as one, for a coordinator to accept"""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0019"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
