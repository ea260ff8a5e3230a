"""What a replacement comes to at least; and what the checker says of fees that moved wrongly."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from interpreters.domain.ids import BOOKING, show_id
from interpreters.domain.ledger_prices import Again
from interpreters.domain.ledger_replacements import (
    Moved,
    Standing,
    raised_again,
    replaced_faults,
)
from interpreters.domain.pricing import Price
from interpreters.domain.replacements import floor_of, raised
from interpreters.domain.tariffs import Terms
from random_money import quick_price, session, tariff

SECOND = UUID(int=7)
LINES: list[dict[str, Any]] = [
    {"kind": "base", "minutes": 180, "charge_minor": 14400, "pay_minor": 9000},
    {"kind": "travel", "km": 26, "charge_minor": 780, "pay_minor": 650},
]
TAKEN: list[dict[str, Any]] = [
    {**one, **{name: -value for name, value in one.items() if name != "kind"}} for one in LINES
]
RULE: dict[str, Any] = {"policy_rule": {"replacement": True}}


def kept(price: Price) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(one) for one in price.lines]


def owed(price: Price, side: str) -> tuple[int, int]:
    """Return what the time and the way come to."""
    way = sum(getattr(one, f"{side}_minor") for one in price.lines if one.kind == "travel")
    return sum(getattr(one, f"{side}_minor") for one in price.lines) - way, way


def test_the_larger_of_both_is_owed_time_against_time_and_way_against_way() -> None:
    dice = random.Random(3)
    more = 0
    for _ in range(400):
        sent = tariff(dice)
        terms = msgspec.convert(sent, Terms)
        asked = session(dice)
        first = quick_price(terms, asked)
        later = asked | {
            "mode": dice.choice((asked["mode"], "phone")), "actual": dice.randrange(200),
            "breaks": 0, "booked": dice.randrange(1, asked["booked"] + 1),
            "starts_at": asked["starts_at"] + timedelta(minutes=dice.randrange(60)),
        }  # fmt: skip
        second = quick_price(terms, later)
        found = raised(second, floor_of(booking="bkg_x", lines=kept(first)))
        again = raised_again(
            Again(
                billable=second.billable_minutes,
                rate=None if second.rate is None else {},
                lines=kept(second),
            ),
            kept(first),
        )
        if second.rate is None:
            assert found == second
            continue
        for side in ("charge", "pay"):
            (time, way), (time_then, way_then) = owed(second, side), owed(first, side)
            assert sum(getattr(one, f"{side}_minor") for one in found.lines) == max(
                time, time_then
            ) + max(way, way_then)
        assert kept(found) == list(again.lines) or second.lines == found.lines
        more += found != second
    assert more > 100


def moved(reason: str, lines: list[dict[str, Any]], **fields: Any) -> Moved:
    given: dict[str, Any] = {
        "reason_code": reason, "booked_minutes": 0, "actual_minutes": 0, "billable_minutes": 0,
        "lines": lines, "rule": RULE | {"replaced_by": show_id(BOOKING, SECOND)},
    }  # fmt: skip
    return Moved(**(given | fields))


GONE = moved("replaced", TAKEN)
BACK = moved("replacement-called-off", LINES)
STANDS = Standing(id=SECOND, state="confirmed", close_reason_code=None)
OFF = Standing(id=SECOND, state="cancelled", close_reason_code=None)


@pytest.mark.parametrize(
    ("entries", "standing"),
    [
        pytest.param([], [], id="never replaced"),
        pytest.param([GONE], [STANDS], id="replaced"),
        pytest.param([GONE, BACK], [OFF], id="called off"),
        pytest.param([GONE], [msgspec.structs.replace(OFF, close_reason_code="system_fault")],
                     id="called off by our fault"),
        pytest.param([GONE], [msgspec.structs.replace(OFF, state="given_back"),
                              Standing(id=UUID(int=8), state="confirmed", close_reason_code=None)],
                     id="given back, and another came"),
    ],
)  # fmt: skip
def test_what_moved_rightly_is_left_alone(entries: list[Moved], standing: list[Standing]) -> None:
    assert list(replaced_faults(RULE, LINES, entries, standing)) == []


@pytest.mark.parametrize(
    ("entries", "standing", "what"),
    [
        ([], [STANDS], "something else stands for it, and it was not taken back"),
        ([GONE], [], "it was taken back for a booking that does not stand for it"),
        ([GONE, GONE], [STANDS], "it was taken back, or came back, more than once"),
        ([moved("replaced", TAKEN[:1])], [STANDS], "what was taken back is not all of it"),
        ([moved("replaced", TAKEN, billable_minutes=-180)], [STANDS],
         "what was taken back is not all of it"),
        ([GONE, moved("replacement-called-off", LINES[:1])], [OFF],
         "what came back is not all of it"),
        ([GONE, BACK], [STANDS], "it came back, and what stood for it was not called off"),
        ([GONE], [OFF], "what stood for it was called off, and it did not come back"),
    ],
)  # fmt: skip
def test_whatever_is_off_is_named(
    entries: list[Moved], standing: list[Standing], what: str
) -> None:
    assert list(replaced_faults(RULE, LINES, entries, standing)) == [what]


def test_a_rule_without_replacements_is_named() -> None:
    assert list(replaced_faults({"policy_rule": {}}, LINES, [GONE], [STANDS])) == [
        "it was taken back, and its rule lets nothing stand for it"
    ]
