"""What the sample network charges and pays, and what calling off costs there: invented figures."""

from datetime import date, datetime
from typing import Any, Final

import msgspec

from interpreters.application.cancellation_policies import PolicyOrder, create_policy
from interpreters.application.tariffs import TariffOrder, create_tariff
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.cancellations import PolicyRule
from interpreters.domain.tariffs import Terms

FIRST_DAY: Final = date(2016, 5, 1)
NAME: Final = "From May 2016"
# Cents an hour, charged and paid: in person, then by phone and by video.
HOURS: Final = {
    "certified": ((2400, 1600), (1800, 1200)),
    "trained": ((2000, 1300), (1500, 1000)),
    "language_speaker": ((1600, 1000), (1200, 800)),
}
REST: Final[dict[str, Any]] = {
    "minimum_minutes": {"in_person": 60, "phone": 15, "video": 15},
    "increment_minutes": {"in_person": 30, "phone": 15, "video": 15},
    "supplements": [
        {"when": "evening", "from": "18:00", "to": "22:00", "percent": 25},
        {"when": "weekend", "percent": 50},
        {"when": "public_holiday", "percent": 100},
    ],
    "travel": {"charge_per_km_minor": 15, "pay_per_km_minor": 15},
}
RULES: Final = (
    PolicyRule(
        mode="in_person",
        free_until_hours=24,
        clock="working_time",
        fee_percent=100,
        replacement=True,
    ),
    PolicyRule(free_until_hours=4, fee_percent=50),
)


async def set_prices(db: Db, caller: Caller, *, now: datetime) -> None:
    """Give the network its tariff and its cancellation policy."""
    tariff = TariffOrder(
        name=NAME, is_default=True, currency=None, valid_from=FIRST_DAY, valid_until=None,
        terms=msgspec.convert({"rates": _rates(), **REST}, Terms),
    )  # fmt: skip
    policy = PolicyOrder(
        name=NAME, is_default=True, valid_from=FIRST_DAY, valid_until=None, rules=RULES
    )
    await create_tariff(db, caller, order=lambda: tariff, now=now)
    await create_policy(db, caller, order=lambda: policy, now=now)


def _rates() -> list[dict[str, Any]]:
    return [
        {
            "mode": mode,
            "qualification": qualification,
            "charge_per_hour_minor": charge,
            "pay_per_hour_minor": pay,
        }
        for qualification, (there, away) in HOURS.items()
        for mode, (charge, pay) in (("in_person", there), ("phone", away), ("video", away))
    ]
