"""Who is on call: weekly hours of people, by the network's clock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.domain.availability import DAYS, Day
from interpreters.domain.windows import at_place


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Every week on `day`, from minute `from_` of the day up to, not including, minute `to`.

    Of several at one time the lowest `position` is rung first.
    """

    user_id: UUID
    day: Day
    from_: int
    to: int
    position: int = 1


def on_duty(*, rota: Sequence[Duty], at: datetime, time_zone: str) -> list[UUID]:
    """Return who is on call at the instant, each once, in the order they are rung.

    Somebody is when the wall clock of the zone then shows a weekday and a time of theirs: an hour
    that autumn shows twice is theirs twice, one that spring leaves out is nobody's.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    wall = at_place(instant=at, time_zone=time_zone)
    day, minute = DAYS[wall.weekday()], wall.hour * 60 + wall.minute
    there = [one for one in rota if one.day == day and one.from_ <= minute < one.to]
    ranked = sorted(there, key=lambda one: (one.position, one.from_, one.user_id))
    return list(dict.fromkeys(one.user_id for one in ranked))


def turn(people: Sequence[UUID], round_: int) -> list[UUID]:
    """Return whom the nth ring (from 1) goes to: one after the other, then the first again."""
    return [people[(round_ - 1) % len(people)]] if people else []
