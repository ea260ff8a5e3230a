"""Random tariffs and sessions, from one seed: for the suite, and by the million."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from interpreters.domain.pricing import Price, Priced, price
from interpreters.domain.tariffs import Terms
from interpreters.domain.windows import Window
from slow_prices import slow_price

ZONES: Final = {
    "Europe/Riga": "LV",
    "Europe/London": "GB",
    "Asia/Tehran": "IR",
    "Asia/Kathmandu": "NP",  # 5 h 45 min
    "America/New_York": "US",
    "America/St_Johns": "CA",  # half an hour off
    "Australia/Lord_Howe": "AU",  # its clock changes by half an hour
    "Africa/Casablanca": "MA",  # its clock changes around Ramadan
    "Pacific/Apia": "WS",
    "UTC": None,
}
MODES: Final = ("in_person", "phone", "video")
QUALIFICATIONS: Final = ("certified", "trained", "language_speaker")
YEN_TO_DINAR: Final = (1, 100, 10_000, 999_983)  # how large the numbers of a currency are


def tariff(dice: random.Random) -> dict[str, Any]:
    """Return a tariff as it is sent."""
    size = dice.choice(YEN_TO_DINAR)
    steps = sorted({0, *dice.sample(range(1, 600), dice.randrange(3))})
    rates = [
        {
            "mode": mode,
            "qualification": qualification,
            "from_minutes": least,
            "charge_per_hour_minor": dice.randrange(size * 50),
            "pay_per_hour_minor": dice.randrange(size * 30),
        }
        for mode in MODES
        for qualification in (*QUALIFICATIONS, None)
        for least in steps
        if dice.random() < 0.7
    ]
    made: dict[str, Any] = {
        "rates": rates,
        "minimum_minutes": {mode: dice.choice((0, 15, 30, 60, 150)) for mode in MODES},
        "increment_minutes": {mode: dice.choice((1, 6, 15, 30, 60)) for mode in MODES},
        "supplements": supplements(dice),
    }
    if dice.random() < 0.5:
        made["breaks_paid"] = dice.random() < 0.3
    if dice.random() < 0.7:
        made["travel"] = {
            "charge_per_km_minor": dice.randrange(size),
            "pay_per_km_minor": dice.randrange(size),
        }
    return made


def supplements(dice: random.Random) -> list[dict[str, Any]]:
    """Return none to six of them, of which several may cover a minute."""
    every: list[dict[str, Any]] = [
        {"when": "weekend"},
        {"when": "public_holiday"},
        {"when": "urgent"},
        {"when": "evening", "from": "18:00", "to": "22:00"},
        {"when": "evening", "from": "22:00", "to": "06:00"},
        {"when": "evening", "from": "01:30", "to": "02:45"},
        {"when": "evening", "from": "17:07", "to": "24:00"},
    ]
    return [
        {**one, "percent": dice.choice((1, 25, 33, 50, 75, 100, 100, 250))}
        for one in dice.sample(every, dice.randrange(7))
    ]


def session(dice: random.Random) -> dict[str, Any]:
    """Return a session, often on a night when clocks change, or at a turn of the year."""
    zone = dice.choice(list(ZONES))
    length = 1500 if dice.random() < 0.2 else 120
    near = dice.choice(
        (
            datetime(2026, 3, 29, tzinfo=UTC),
            datetime(2026, 10, 25, tzinfo=UTC),
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2026, 4, 4, 12, tzinfo=UTC),
            datetime(2026, 12, 31, 12, tzinfo=UTC),
            datetime(2026, 2, 15, tzinfo=UTC) + timedelta(days=dice.randrange(365)),
        )
    )
    actual = dice.choice((0, 30, 61, dice.randrange(1, 300), dice.randrange(1, length)))
    return {
        "mode": dice.choice(MODES),
        "qualification": dice.choice(QUALIFICATIONS),
        "starts_at": near + timedelta(seconds=dice.choice((60, 60, 1)) * dice.randrange(2000)),
        "booked": dice.choice((15, 30, 60, dice.randrange(1, 300), dice.randrange(1, length))),
        "actual": actual,
        "breaks": dice.choice((0, dice.randrange(actual or 1))),
        "time_zone": zone,
        "country": dice.choice((ZONES[zone], ZONES[zone], None)),
        "urgent": dice.random() < 0.2,
        "km": dice.choice((None, 0, 1, dice.randrange(500))),
    }


def quick_price(terms: Terms, asked: dict[str, Any]) -> Price:
    """Ask the package for the price of the session."""
    starts_at: datetime = asked["starts_at"]
    return price(
        session=Priced(
            mode=asked["mode"],
            booked=Window(
                starts_at=starts_at, ends_at=starts_at + timedelta(minutes=asked["booked"])
            ),
            actual_minutes=asked["actual"],
            break_minutes=asked["breaks"],
            time_zone=asked["time_zone"],
            country=asked["country"],
            qualification=asked["qualification"],
            is_urgent=asked["urgent"],
            km=asked["km"] if asked["mode"] == "in_person" else None,
        ),
        terms=terms,
    )


def differences(*, seed: int, count: int) -> list[dict[str, Any]]:
    """Return the sessions on which the two do not agree, of so many."""
    dice = random.Random(seed)
    found = []
    sent: dict[str, Any] = {}
    terms = Terms(rates=())
    for number in range(count):
        if number % 10 == 0:
            sent = tariff(dice)
            terms = msgspec.convert(sent, Terms)
        asked = session(dice)
        slow, quick = slow_price(sent, **asked), quick_price(terms, asked)
        lines = [
            (one.when or one.kind, one.minutes or one.km, one.charge_minor, one.pay_minor)
            for one in quick.lines
        ]
        same = (quick.billable_minutes, quick.charge_minor, quick.pay_minor, lines) == (
            slow["billable"], slow["charge"], slow["pay"], slow["lines"],
        )  # fmt: skip
        if not same:
            found.append({"tariff": sent, "session": asked, "slow": slow, "quick": quick})
    return found
