"""Any session at any price: the package agrees with an arithmetic that shares no code with it.

`make money-long` tries a million.
"""

import os

from random_money import differences

SESSIONS = int(os.environ.get("MONEY_SESSIONS", "5000"))
SEED = int(os.environ.get("MONEY_SEED", "20260501"))


def test_every_session_costs_and_earns_what_minute_by_minute_arithmetic_says() -> None:
    assert differences(seed=SEED, count=SESSIONS) == []
