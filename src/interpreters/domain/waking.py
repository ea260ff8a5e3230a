"""When somebody's time is free again: which searches that wakes."""

from datetime import datetime, timedelta
from typing import Final

# A request that begins earlier than this before the time is not looked for: longer ones are rare.
LONGEST: Final = timedelta(days=1)
RESIGNED: Final = timedelta(hours=24)
"""Who was told that nobody was found helps themselves when it is as near as this, and would have to
call off, for a fee, whoever is found then: by themselves such searches do not begin again."""


def given_up_after(now: datetime) -> datetime:
    """Return after which moment requests must start to be searched again though given up."""
    return now + RESIGNED
