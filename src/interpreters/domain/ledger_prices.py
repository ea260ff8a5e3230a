"""What a session costs, reckoned a second time and another way: for the ledger's checker alone.

Minute by minute, from the JSON of a tariff as it is stored, in whole numbers. Nothing here is used
to make an entry, and nothing that makes entries is used here; both know the same calendars. What
the arithmetic is, is said in docs/tariffs.md.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from interpreters.domain.public_holidays import is_public_holiday

Json: TypeAlias = Mapping[str, Any]
MINUTE: Final = timedelta(minutes=1)
SATURDAY: Final = 6  # of the ISO week


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of a session; `km` is the way there and back, where somebody travelled."""

    mode: str
    starts_at: datetime
    booked: int
    actual: int
    breaks: int = 0
    time_zone: str
    country: str | None
    qualification: str | None
    urgent: bool
    unpaid: bool
    km: int | None


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What comes out: billed minutes, the rate, and lines as the ledger keeps them."""

    billable: int
    rate: Json | None
    lines: Sequence[dict[str, Any]]


def price_again(terms: Json | None, facts: Facts) -> Again:
    """Return what the session costs by the terms; without any, or a rate, its minutes alone."""
    longer = max(facts.booked, facts.actual)
    if terms is None:
        return Again(billable=longer, rate=None, lines=())
    worked = longer if terms.get("breaks_paid", True) else longer - facts.breaks
    billed = max(worked, (terms.get("minimum_minutes") or {}).get(facts.mode, 0))
    step = (terms.get("increment_minutes") or {}).get(facts.mode, 1)
    if billed % step:
        billed += step - billed % step
    rate = _rate(terms["rates"], facts, billed)
    if rate is None:
        return Again(billable=longer, rate=None, lines=())
    return Again(billable=billed, rate=rate, lines=_lines(terms, rate, facts, billed))


def fee_again(terms: Json | None, rule: Json, facts: Facts) -> Again:
    """Return what calling off late costs: the rule's share of each line of the booked price."""
    most = rule.get("at_most_minutes")
    booked = facts.booked if most is None else max(1, min(most, facts.booked))
    whole = price_again(terms, msgspec.structs.replace(facts, booked=booked, actual=0, breaks=0))
    charged = rule["fee_percent"]
    paid = charged if rule.get("pay_percent") is None else rule["pay_percent"]
    lines = [
        line
        | {
            "charge_minor": half_up(line["charge_minor"] * charged, 100),
            "pay_minor": half_up(line["pay_minor"] * paid, 100),
        }
        for line in whole.lines
        if rule.get("with_travel") or line["kind"] != "travel"
    ]
    return msgspec.structs.replace(whole, lines=lines)


def shares_again(charge_minor: int, basis_points: Sequence[int]) -> list[int]:
    """Return what each donor pays of a charge, by the largest remainder, the first of equals."""
    sign, amount = (-1, -charge_minor) if charge_minor < 0 else (1, charge_minor)
    paid = [amount * share // 10_000 for share in basis_points]
    rests = [amount * share % 10_000 for share in basis_points]
    while sum(paid) < amount and any(rest >= 0 for rest in rests):
        place = rests.index(max(rests))
        paid[place] += 1
        rests[place] = -1
    return [sign * one for one in paid]


def half_up(amount: int, parts: int) -> int:
    """Divide; half a unit and more is a whole one."""
    whole, rest = divmod(amount, parts)
    return whole + (rest * 2 >= parts)


def _rate(rates: Sequence[Json], facts: Facts, billed: int) -> Json | None:
    """Return the rate of who has this qualification, else that of anybody, of the longest step."""
    for wanted in (facts.qualification, None):
        steps = {
            one.get("from_minutes", 0): one
            for one in rates
            if one["mode"] == facts.mode
            and one.get("qualification") == wanted
            and one.get("from_minutes", 0) <= billed
        }
        if steps:
            return steps[max(steps)]
    return None


def _lines(terms: Json, rate: Json, facts: Facts, billed: int) -> list[dict[str, Any]]:
    charge, pay = rate["charge_per_hour_minor"], rate["pay_per_hour_minor"]
    if facts.unpaid:
        pay = 0
    lines: list[dict[str, Any]] = [
        {"kind": "base", "minutes": billed, "charge_minor": half_up(billed * charge, 60),
         "pay_minor": half_up(billed * pay, 60)}
    ]  # fmt: skip
    supplements = terms.get("supplements") or ()
    for one, minutes in zip(supplements, _minutes(supplements, facts, billed), strict=True):
        if minutes:
            share = minutes * one["percent"]
            lines.append(
                {"kind": "supplement", "when": one["when"], "percent": one["percent"],
                 "minutes": minutes, "charge_minor": half_up(share * charge, 6000),
                 "pay_minor": half_up(share * pay, 6000)}
            )  # fmt: skip
    way = terms.get("travel")
    if way is not None and facts.km:
        paid = 0 if facts.unpaid else facts.km * way["pay_per_km_minor"]
        charged = facts.km * way["charge_per_km_minor"]
        lines.append({"kind": "travel", "km": facts.km, "charge_minor": charged, "pay_minor": paid})
    return lines


def _minutes(supplements: Sequence[Json], facts: Facts, billed: int) -> list[int]:
    """Return how many minutes each supplement has: a minute has the highest that covers it."""
    counts = [0] * len(supplements)
    if not supplements:
        return counts
    zone, begins = ZoneInfo(facts.time_zone), facts.starts_at.astimezone(UTC)
    for number in range(billed):
        wall = (begins + number * MINUTE).astimezone(zone)
        best: int | None = None
        for place, one in enumerate(supplements):
            if _covers(one, wall, facts) and (
                best is None or one["percent"] > supplements[best]["percent"]
            ):
                best = place
        if best is not None:
            counts[best] += 1
    return counts


def _covers(one: Json, wall: datetime, facts: Facts) -> bool:
    if one["when"] == "urgent":
        return facts.urgent
    if one["when"] == "weekend":
        return wall.isoweekday() >= SATURDAY
    if one["when"] == "public_holiday":
        return is_public_holiday(day=wall.date(), country=facts.country)
    clock, begins, ends = f"{wall:%H:%M}", one["from"], one["to"]  # texts of five letters compare
    if begins < ends:
        return bool(begins <= clock < ends)
    return bool(clock >= begins or clock < ends)
