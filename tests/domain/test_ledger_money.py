"""The checker's own arithmetic: it agrees with a third one, and finds each thing that is off."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from interpreters.domain.ids import POLICY, TARIFF, show_id
from interpreters.domain.ledger_money import (
    CheckedMoney,
    EnteredMoney,
    Kept,
    Rules,
    money_faults,
)
from interpreters.domain.ledger_notices import rule_again
from interpreters.domain.ledger_prices import Facts, fee_again, price_again, shares_again
from random_money import session, tariff
from slow_fees import slow_fee, slow_rule
from slow_prices import slow_price
from slow_shares import slow_shares

RIGA = "Europe/Riga"
MINUTE = timedelta(minutes=1)


def facts(asked: dict[str, Any]) -> Facts:
    return Facts(
        mode=asked["mode"], starts_at=asked["starts_at"], booked=asked["booked"],
        actual=asked["actual"], breaks=asked["breaks"], time_zone=asked["time_zone"],
        country=asked["country"], qualification=asked["qualification"], urgent=asked["urgent"],
        unpaid=False, km=asked["km"] if asked["mode"] == "in_person" else None,
    )  # fmt: skip


def test_any_session_costs_what_fractions_say() -> None:
    dice = random.Random(1)
    for _ in range(600):
        sent, asked = tariff(dice), session(dice)
        slow, again = slow_price(sent, **asked), price_again(sent, facts(asked))
        assert again.billable == slow["billable"]
        assert [
            (line.get("when") or line["kind"], line.get("minutes") or line.get("km"),
             line["charge_minor"], line["pay_minor"]) for line in again.lines
        ] == slow["lines"]  # fmt: skip


def rules(dice: random.Random) -> list[dict[str, Any]]:
    steps = dice.sample((1, 4, 24, 36, 48, 72), dice.randint(1, 3))
    return [
        {"mode": dice.choice(("in_person", "phone")), "min_minutes": dice.choice((0, 60)),
         "free_until_hours": hours, "clock": dice.choice(("elapsed", "working_time",
         "working_days")), "fee_percent": dice.randint(1, 100)} for hours in steps
    ]  # fmt: skip


def test_any_notice_falls_under_the_rule_that_counting_minutes_says() -> None:
    dice = random.Random(2)
    late = 0
    for _ in range(300):
        kept, sent, asked = rules(dice), tariff(dice), session(dice)
        asked["starts_at"] = asked["starts_at"].replace(second=0)
        notice_at = asked["starts_at"] - dice.randint(0, 6000) * MINUTE
        known = {name: asked[name] for name in ("mode", "booked", "starts_at", "time_zone",
                                                "country")}  # fmt: skip
        slow = slow_rule(kept, notice_at=notice_at, **known)
        assert rule_again(kept, facts(asked), notice_at) == slow
        if slow is None:
            continue
        late += 1
        fee = fee_again(sent, slow, facts(asked))
        wanted = slow_fee(sent, slow, asked)
        assert sum(line["charge_minor"] for line in fee.lines) == wanted["charge"]
        assert sum(line["pay_minor"] for line in fee.lines) == wanted["pay"]
    assert late > 30


def test_a_charge_is_shared_to_the_last_cent_as_fractions_say() -> None:
    dice = random.Random(3)
    for _ in range(500):
        cuts = sorted(dice.sample(range(1, 10_000), dice.randint(0, 4)))
        parts = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        charge = dice.randint(-5000, 5000)
        assert shares_again(charge, parts) == slow_shares(charge, parts)


# One booking: Tuesday 5 May 2026, 17:30 to 18:30 in Riga, over at 18:40. 48.00 and 30.00 an hour,
# in half hours, evenings from 18:00 at 50 %: 90 minutes are 72.00 and 45.00, and 60 of the evening
# 24.00 and 15.00 (docs/tariffs.md).

STARTS = datetime(2026, 5, 5, 14, 30, tzinfo=UTC)
RATE = {"mode": "in_person", "qualification": "certified", "from_minutes": 0,
        "charge_per_hour_minor": 4800, "pay_per_hour_minor": 3000}  # fmt: skip
TERMS = {"rates": [RATE], "minimum_minutes": {"in_person": 60},
         "increment_minutes": {"in_person": 30}, "travel": None,
         "supplements": [
             {"when": "evening", "from": "18:00", "to": "22:00", "percent": 50},
         ]}  # fmt: skip
FREE = {"mode": "in_person", "free_until_hours": 24, "clock": "elapsed", "fee_percent": 50}
TARIFF_ID, POLICY_ID = show_id(TARIFF, UUID(int=1)), show_id(POLICY, UUID(int=2))
KNOWN = Rules(
    tariffs={TARIFF_ID: Kept(valid_from=date(2026, 1, 1), valid_until=None, content=TERMS)},
    policies={POLICY_ID: Kept(valid_from=date(2026, 1, 1), valid_until=None, content=[FREE])},
)
BASE = {"kind": "base", "minutes": 90, "charge_minor": 7200, "pay_minor": 4500}
EVENING = {"kind": "supplement", "when": "evening", "percent": 50, "minutes": 60,
           "charge_minor": 2400, "pay_minor": 1500}  # fmt: skip
RULE = {"tariff": {"id": TARIFF_ID}, "rate": RATE, "qualification": "certified",
        "time_zone": RIGA, "country": "LV", "urgent": False}  # fmt: skip
SHARES = [{"donor": "A", "share_basis_points": 7500, "charge_minor": 7200},
          {"donor": "B", "share_basis_points": 2500, "charge_minor": 2400}]  # fmt: skip
ENTRY = EnteredMoney(
    id=UUID(int=3), kind="session", mode="in_person", booked_starts_at=STARTS, booked_minutes=60,
    actual_minutes=70, billable_minutes=90, charge_minor=9600, pay_minor=6000,
    lines=[BASE, EVENING], rule=RULE, funding_shares=SHARES, reason_code=None,
)  # fmt: skip
HELD = CheckedMoney(
    id=UUID(int=4), mode="in_person", starts_at=STARTS, ends_at=STARTS + 60 * MINUTE,
    time_zone=RIGA, started_at=STARTS - MINUTE, ended_at=STARTS + 70 * MINUTE, closed_at=None,
    first_started_at=None, first_ended_at=None, asked_at=STARTS - timedelta(days=3),
    asked_for_now=False, entries=[ENTRY],
)  # fmt: skip


def found(one: CheckedMoney, known: Rules = KNOWN) -> list[str]:
    return [fault.what for fault in money_faults(one, known)]


def changed(booking: dict[str, Any] | None = None, **entry: Any) -> CheckedMoney:
    """The booking with other facts, or another entry."""
    made = msgspec.structs.replace(ENTRY, **entry)
    return msgspec.structs.replace(HELD, entries=[made], **(booking or {}))


def test_what_was_entered_rightly_is_left_alone() -> None:
    assert found(HELD) == []


CENT = {**BASE, "charge_minor": 7201}
TAMPERED: dict[str, tuple[Callable[[], CheckedMoney], str]] = {
    "a cent in the sum and in its line": (
        lambda: changed(lines=[CENT, EVENING], charge_minor=9601, funding_shares=[]),
        "it comes to a charge of 9600 and a pay of 6000, it says 9601 and 6000"),
    "a cent moved between lines": (
        lambda: changed(lines=[CENT, {**EVENING, "charge_minor": 2399}]),
        "its lines are not those it comes to"),
    "a cent moved between donors": (
        lambda: changed(funding_shares=[{**SHARES[0], "charge_minor": 7201},
                                        {**SHARES[1], "charge_minor": 2399}]),
        "its donors pay 7200, 2400 by their shares"),
    "minutes billed": (lambda: changed(billable_minutes=120),
                       "it comes to 90 billed minutes, it says 120"),
    "minutes held": (lambda: changed(actual_minutes=75),
                     "its times come to 70 minutes, it says 75"),
    "breaks": (lambda: changed(break_minutes=10), "its breaks were 0 minutes, it says 10"),
    "breaks of the booking": (lambda: changed({"break_minutes": 10}),
                              "its breaks were 10 minutes, it says 0"),
    "breaks taken off that are paid": (
        lambda: changed({"break_minutes": 10}, break_minutes=10,
                        rule={**RULE, "unpaid_break_minutes": 10}),
        "by its tariff 0 minutes of breaks are taken off, it says 10"),
    "a later end": (lambda: changed({"ended_at": STARTS + 95 * MINUTE}),
                    "its times come to 95 minutes, it says 70"),
    "another start": (lambda: changed({"starts_at": STARTS - MINUTE}),
                      "its mode or its booked start is not the booking's"),
    "another place": (lambda: changed({"time_zone": "Europe/London"}),
                      "it was reckoned in Europe/Riga, the booking is in Europe/London"),
    "asked at the last minute": (lambda: changed({"asked_at": STARTS - 119 * MINUTE}),
                                 "whether it was urgent is not what the request says"),
    "another rate": (lambda: changed(rule={**RULE, "rate": {**RATE, "pay_per_hour_minor": 1}}),
                     "its rate is not that of its tariff"),
    "a tariff that is not there": (lambda: changed(rule={**RULE, "tariff": {"id": "tar_x"}}),
                                   "it names a tariff that is not there"),
    "a way by phone": (
        lambda: changed({"mode": "phone"}, mode="phone"),
        "it comes to a charge of 0 and a pay of 0, it says 9600 and 6000"),
    "no rule": (lambda: changed(rule=None, lines=[]),
                "it costs or pays something, and names no rule"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_is_off_is_named(how: str) -> None:
    make, what = TAMPERED[how]
    assert what in found(make())


def test_a_tariff_of_other_days_is_named() -> None:
    later = Kept(valid_from=date(2026, 5, 6), valid_until=None, content=TERMS)
    known = msgspec.structs.replace(KNOWN, tariffs={TARIFF_ID: later})
    assert found(HELD, known) == ["it was reckoned by rules that did not hold on 2026-05-05"]


def test_the_first_entry_is_of_the_first_times_and_all_of_them_of_the_last() -> None:
    """Corrected to end at 18:25: 60 minutes, half of them in the evening."""
    less = {**BASE, "minutes": -30, "charge_minor": -2400, "pay_minor": -1500}
    evening = {**EVENING, "minutes": -30, "charge_minor": -1200, "pay_minor": -750}
    correction = msgspec.structs.replace(
        ENTRY, kind="adjustment", reason_code="changed-times", booked_minutes=0, actual_minutes=-15,
        billable_minutes=-30, charge_minor=-3600, pay_minor=-2250, lines=[less, evening],
        funding_shares=[],
    )  # fmt: skip
    right = msgspec.structs.replace(
        HELD, ended_at=STARTS + 55 * MINUTE, first_ended_at=STARTS + 70 * MINUTE,
        entries=[ENTRY, correction],
    )  # fmt: skip
    assert found(right) == []
    wrong = msgspec.structs.replace(correction, lines=[less], charge_minor=-2400)
    assert found(msgspec.structs.replace(right, entries=[ENTRY, wrong])) == [
        "its entries are not what its present times come to"
    ]


def test_breaks_that_are_not_paid_come_off_the_end() -> None:
    """Held for 100 minutes with a break of 30: billed 90 all the same, to 19:00."""
    known = msgspec.structs.replace(
        KNOWN, tariffs={TARIFF_ID: msgspec.structs.replace(
            KNOWN.tariffs[TARIFF_ID], content={**TERMS, "breaks_paid": False})},
    )  # fmt: skip
    right = changed(
        {"ended_at": STARTS + 100 * MINUTE, "break_minutes": 30}, actual_minutes=100,
        break_minutes=30, rule={**RULE, "unpaid_break_minutes": 30},
    )  # fmt: skip
    assert found(right, known) == []
    assert "it comes to 120 billed minutes, it says 90" in found(right)
    unsaid = changed(
        {"ended_at": STARTS + 100 * MINUTE, "break_minutes": 30}, actual_minutes=100,
        break_minutes=30,
    )  # fmt: skip
    assert found(unsaid, known) == ["by its tariff 30 minutes of breaks are taken off, it says 0"]


def called_off(**fields: Any) -> CheckedMoney:
    """Called off a day and a minute less before: half of 60 minutes, 48.00, and 30 of evening."""
    notice_at = STARTS - timedelta(hours=24) + MINUTE
    rule = {**RULE, "policy": {"id": POLICY_ID}, "policy_rule": FREE,
            "notice_at": notice_at.isoformat()}  # fmt: skip
    entry = msgspec.structs.replace(
        ENTRY, kind="late_cancellation", actual_minutes=0, billable_minutes=60, charge_minor=3000,
        pay_minor=1875, rule=rule, funding_shares=[], lines=[
            {**BASE, "minutes": 60, "charge_minor": 2400, "pay_minor": 1500},
            {**EVENING, "minutes": 30, "charge_minor": 600, "pay_minor": 375},
        ],
    )  # fmt: skip
    facts_of = {"closed_at": notice_at, "started_at": None, "ended_at": None} | fields
    return msgspec.structs.replace(HELD, entries=[entry], **facts_of)


def test_a_fee_is_reckoned_from_the_notice_and_the_policy() -> None:
    assert found(called_off()) == []
    assert found(called_off(closed_at=STARTS - timedelta(hours=24))) == [
        "the notice is not of when the booking was called off"
    ]
    stricter = Kept(valid_from=date(2026, 1, 1), valid_until=None,
                    content=[FREE, {**FREE, "free_until_hours": 23}])  # fmt: skip
    known = msgspec.structs.replace(KNOWN, policies={POLICY_ID: stricter})
    assert found(called_off(), known) == []
    earlier = Kept(valid_from=date(2026, 1, 1), valid_until=None,
                   content=[FREE, {**FREE, "min_minutes": 60}])  # fmt: skip
    known = msgspec.structs.replace(KNOWN, policies={POLICY_ID: earlier})
    assert found(called_off(), known) == [
        "by its policy the notice falls under another rule, or none"
    ]
