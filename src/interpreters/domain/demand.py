"""What a network will be asked for: drawn from calibrated shares, the same for each seed.

`data/demand.toml` holds the figures with their sources. Nothing is known here of who interprets.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import ceil
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from interpreters.domain.draws import Draws
from interpreters.domain.windows import DAY, at_place, local_instant

RosterName: TypeAlias = Literal["centre", "court", "city"]
ROSTERS: Final[tuple[RosterName, ...]] = get_args(RosterName)
Modes: TypeAlias = tuple[str, ...]
Weighted: TypeAlias = tuple[tuple[int, float], ...]

DAYS_A_MONTH: Final = 365.25 / 12
OFFICE_OPENS: Final = 8 * 60 + 30
OFFICE_CLOSES: Final = 16 * 60 + 30
EARLIEST: Final = 7 * 60 + 30  # nobody asks at night for something later that day
FRIDAY: Final = 4
URGENT: Final = timedelta(hours=2)
# When somebody calls off, as a share of the time from asking to the start: some before anybody
# answered, some late (the sample network's story).
CALLED_OFF_AT: Final = ((0.01, 25.0), (0.2, 25.0), (0.6, 25.0), (0.95, 25.0))


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one kind of network is asked for: shares, weights and lengths."""

    about: str
    time_zone: str
    country: str
    currency: str
    working_language: str
    first_day: date
    a_month: float
    sessions_per_client: float
    hours: Weighted
    weekdays: tuple[float, float, float, float, float, float, float]
    leads: tuple[tuple[float, float, float], ...]
    modes: Mapping[Literal["near", "far"], tuple[tuple[Modes, float], ...]]
    lengths: Mapping[str, Weighted]
    certified: float
    same_gender: float
    called_off: float
    client_stays_away: float
    unknown: float


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where sessions are: how much of the demand, and whether interpreters live near."""

    institution: str
    name: str
    share: float
    latitude: float
    longitude: float
    near: bool
    topics: tuple[str, ...]


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: the places, and the languages (ISO 639-3) with their weights."""

    places: Sequence[Place]
    languages: Sequence[tuple[str, float]]
    unknown: Sequence[tuple[str, float]]  # that nobody on the roster speaks


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it will be made. `place` is its number among the market's.

    `called_off_at` is when the requester calls it off, whoever was found by then.
    """

    number: int
    client: int
    place: int
    language: str
    modes: Modes
    topic: str
    asked_at: datetime
    starts_at: datetime
    minutes: int
    starts_now: bool = False
    certified: bool = False
    gender: str | None = None
    called_off_at: datetime | None = None
    client_comes: bool = True

    @property
    def ends_at(self) -> datetime:
        """When the session is over, as booked."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_urgent(self) -> bool:
        """Whether it starts within two hours of being asked for."""
        return self.starts_now or self.starts_at - self.asked_at <= URGENT


@cache
def shapes() -> Mapping[RosterName, Shape]:
    """Return the shapes of the three kinds of networks."""
    text = files("interpreters.domain").joinpath("data/demand.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[RosterName, Shape])


def draw_demand(*, shape: Shape, market: Market, count: int, draws: Draws) -> list[Asked]:
    """Return so many requests in the order they are asked, as they come at the shape's rate."""
    days = _days(shape, count)
    clients = max(1, round(count / shape.sessions_per_client))
    drawn = [_Drawing(shape, market, draws, number).asked(days, clients) for number in range(count)]
    return sorted(drawn, key=lambda one: (one.asked_at, one.number))


def _days(shape: Shape, count: int) -> list[tuple[date, float]]:
    """The days that the demand fills, each with its weight."""
    last = max(1, ceil(count / shape.a_month * DAYS_A_MONTH))
    days = [shape.first_day + place * DAY for place in range(max(7, last))]
    weights = [shape.weekdays[day.weekday()] for day in days]
    return list(zip(days, accumulate(weights), strict=True))


class _Drawing:
    """Draws one request."""

    def __init__(self, shape: Shape, market: Market, draws: Draws, number: int) -> None:
        self.shape = shape
        self.market = market
        self.draws = draws
        self.number = number

    def asked(self, days: Sequence[tuple[date, float]], clients: int) -> Asked:
        draws, number, shape = self.draws, self.number, self.shape
        client = int(draws.uniform("client", number) * clients)
        place = draws.pick(
            [(at, one.share) for at, one in enumerate(self.market.places)], "place", client
        )
        modes, lead = self._modes(place), self._lead()
        if lead == 0:
            modes = tuple(one for one in modes if one != "in_person") or ("phone",)
        starts_at = self._starts_at(days, exact=lead == 0)
        asked_at = self._asked_at(starts_at, lead)
        return Asked(
            number=number,
            client=client,
            place=place,
            language=self._language(client),
            modes=modes,
            topic=draws.pick(
                [(topic, 1.0) for topic in self.market.places[place].topics], "topic", number
            ),
            asked_at=asked_at,
            starts_at=starts_at,
            minutes=draws.pick(shape.lengths[modes[0]], "length", number),
            starts_now=lead == 0,
            certified=draws.happens(shape.certified, "certified", number),
            gender=self._gender(),
            called_off_at=None if lead == 0 else self._called_off_at(asked_at, starts_at),
            client_comes=not draws.happens(shape.client_stays_away, "client stays away", number),
        )

    def _language(self, client: int) -> str:
        unknown = self.market.unknown
        if unknown and self.draws.happens(self.shape.unknown, "unknown", client):
            return self.draws.pick(unknown, "language", client)
        return self.draws.pick(self.market.languages, "language", client)

    def _modes(self, place: int) -> Modes:
        weighted = self.shape.modes["near" if self.market.places[place].near else "far"]
        return self.draws.pick(weighted, "modes", self.number)

    def _lead(self) -> float:
        """Minutes from asking to the start."""
        low, high = self.draws.pick(
            [((low, high), weight) for low, high, weight in self.shape.leads], "lead", self.number
        )
        return 0 if high == 0 else self.draws.between(low, high, "how long", self.number)

    def _gender(self) -> str | None:
        if not self.draws.happens(self.shape.same_gender, "gender", self.number):
            return None
        return self.draws.pick((("female", 4.0), ("male", 1.0)), "which gender", self.number)

    def _starts_at(self, days: Sequence[tuple[date, float]], *, exact: bool) -> datetime:
        goal = self.draws.uniform("day", self.number) * days[-1][1]
        day = next(day for day, sum_so_far in days if sum_so_far > goal)
        hour = self.draws.pick(self.shape.hours, "hour", self.number)
        within = self.draws.uniform("minute", self.number)
        minute = int(within * 60) if exact else int(within * 4) * 15
        return local_instant(
            date=day, minute_of_day=hour * 60 + minute, time_zone=self.shape.time_zone
        )

    def _asked_at(self, starts_at: datetime, lead: float) -> datetime:
        """Days before it in office hours; on the same day not before people are up."""
        zone = self.shape.time_zone
        there = at_place(instant=starts_at, time_zone=zone)
        if lead < DAY.total_seconds() / 60:
            asked = starts_at - timedelta(minutes=int(lead))
            morning = local_instant(date=there.date(), minute_of_day=EARLIEST, time_zone=zone)
            latest = starts_at - timedelta(minutes=min(int(lead), 30))
            return asked if asked >= morning else max(asked, min(morning, latest))
        day = there.date() - timedelta(minutes=lead) // DAY * DAY
        while day.weekday() > FRIDAY:
            day -= DAY
        share = self.draws.uniform("asked", self.number)
        minute = OFFICE_OPENS + int(share * (OFFICE_CLOSES - OFFICE_OPENS))
        return local_instant(date=day, minute_of_day=minute, time_zone=zone)

    def _called_off_at(self, asked_at: datetime, starts_at: datetime) -> datetime | None:
        if not self.draws.happens(self.shape.called_off, "called off", self.number):
            return None
        share = self.draws.pick(CALLED_OFF_AT, "called off when", self.number)
        minutes = int((starts_at - asked_at).total_seconds() * share / 60)
        return (asked_at + timedelta(minutes=minutes)).astimezone(UTC)
