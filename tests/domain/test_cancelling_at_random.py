"""Any booking called off at any minute: the package agrees with an arithmetic that shares no code.

`make money-long` tries a hundred thousand.
"""

import os
import random
from datetime import timedelta
from typing import Any

import msgspec

from interpreters.domain.cancellations import Called, PolicyRule, fee, late_rule
from interpreters.domain.pricing import Priced
from interpreters.domain.tariffs import Terms
from interpreters.domain.windows import Window
from random_money import MODES, session, tariff
from slow_fees import slow_fee, slow_rule

NOTICES = int(os.environ.get("MONEY_SESSIONS", "5000")) // 10
SEED = int(os.environ.get("MONEY_SEED", "20260501"))


def policy(dice: random.Random) -> list[dict[str, Any]]:
    """Return one to eight rules, no two for the same notice."""
    made: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(dice.randrange(1, 9)):
        one: dict[str, Any] = {
            "min_minutes": dice.choice((0, 0, 60, 240)),
            "free_until_hours": dice.choice((0, 4, 18, 24, 36, 48, 72)),
            "clock": dice.choice(("elapsed", "working_time", "working_days")),
            "fee_percent": dice.choice((25, 33, 50, 100)),
        }
        if dice.random() < 0.7:
            one["mode"] = dice.choice(MODES)
        if dice.random() < 0.3:
            one["pay_percent"] = dice.choice((0, 66, 100))
        made[one.get("mode"), one["min_minutes"], one["free_until_hours"]] = one
    return list(made.values())


def test_every_notice_costs_what_counting_minutes_says() -> None:
    dice = random.Random(SEED)
    late = 0
    for _ in range(NOTICES):
        sent, asked, rules = tariff(dice), session(dice), policy(dice)
        starts_at = asked["starts_at"].replace(second=0)
        asked["starts_at"] = starts_at
        notice_at = starts_at - timedelta(minutes=dice.randrange(-60, 6 * 1440))
        where = {name: asked[name] for name in ("mode", "booked", "time_zone", "country")}
        slow = slow_rule(rules, starts_at=starts_at, notice_at=notice_at, **where)
        booked = Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=asked["booked"]))
        called = Called(
            mode=asked["mode"], booked=booked, km=asked["km"], time_zone=asked["time_zone"],
            country=asked["country"],
        )  # fmt: skip
        quick = late_rule(
            rules=msgspec.convert(rules, list[PolicyRule]), called=called, at=notice_at
        )
        assert quick == (None if slow is None else msgspec.convert(slow, PolicyRule))
        if slow is None or quick is None:
            continue
        late += 1
        whose = Priced(
            mode=asked["mode"], booked=booked, actual_minutes=0, time_zone=asked["time_zone"],
            country=asked["country"], qualification=asked["qualification"],
            is_urgent=asked["urgent"], km=asked["km"],
        )  # fmt: skip
        found = fee(session=whose, terms=msgspec.convert(sent, Terms), rule=quick)
        assert {"charge": found.charge_minor, "pay": found.pay_minor} == slow_fee(sent, slow, asked)
    assert late > NOTICES // 5
