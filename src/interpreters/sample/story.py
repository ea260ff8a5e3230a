"""The fifteen months of the sample network, drawn beforehand: every request and what became of it.

Counts are exact by construction: 1,400 sessions held, for 776 clients, one client in each and
each client at least once. Everything else is around them. The same seed draws the same story.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from interpreters.domain.travel import distance_km, travel_minutes
from interpreters.domain.windows import Window
from interpreters.sample import network
from interpreters.sample.days import at_clock, is_open, working_days
from interpreters.sample.network import City, Institution, Interpreter

T = TypeVar("T")
Fate: TypeAlias = Literal[
    "held", "cancelled", "client_no_show", "interpreter_no_show", "nobody_fits", "nobody_accepts"
]

SEED: Final = 20160518
HELD: Final = 1400
CLIENTS: Final = 776
AROUND: Final[tuple[tuple[Fate, int], ...]] = (
    ("cancelled", 118),
    ("client_no_show", 61),
    ("interpreter_no_show", 7),
    ("nobody_fits", 21),
    ("nobody_accepts", 23),
)
GIVEN_BACK: Final = 26  # of the held ones: somebody else came
MOST_SESSIONS: Final = 14  # of one client

# How busy each month was, from May 2016; the first and the last are half months.
MONTHS: Final = (
    ("2016-05", 26), ("2016-06", 66), ("2016-07", 62), ("2016-08", 70), ("2016-09", 88),
    ("2016-10", 98), ("2016-11", 102), ("2016-12", 78), ("2017-01", 96), ("2017-02", 100),
    ("2017-03", 116), ("2017-04", 92), ("2017-05", 112), ("2017-06", 96), ("2017-07", 84),
    ("2017-08", 44),
)  # fmt: skip
# Hour of the day by the clock in Riga: peaks at 10-12 and 13-15.
HOURS: Final = ((8, 2), (9, 9), (10, 24), (11, 21), (12, 5), (13, 17), (14, 15), (15, 5), (16, 2))
# Per hundred: in person, by phone, by video. The regions live on the phone.
MODES: Final = {"Riga": (71, 23, 6), "Jelgava": (46, 49, 5)}
REMOTE_MODES: Final = (12, 82, 6)
LENGTHS: Final = {
    "in_person": ((30, 10), (60, 55), (90, 25), (120, 10)),
    "phone": ((15, 40), (30, 45), (45, 15)),
    "video": ((30, 50), (60, 50)),
}
# Days between asking and the session; 0 is the same day.
LEADS: Final = ((0, 12), (1, 22), (2, 14), (3, 12), (5, 14), (7, 12), (10, 8), (14, 6))


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is helped, where they come to, and what they speak."""

    reference: str
    institution: Institution
    city: City
    language: str
    nationality: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One request: whose, for when, and its fate. `late` is by how much the session is longer."""

    number: int
    fate: Fate
    client: Client
    mode: str
    starts_at: datetime
    minutes: int
    asked_at: datetime
    topic: str
    late: int = 0
    is_given_back: bool = False


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, in the order of asking."""

    clients: Sequence[Client]
    requests: Sequence[Planned]


def draw_story(seed: int = SEED) -> Story:
    """Return the whole story."""
    chance = Random(seed)  # noqa: S311 - a story to be told the same way each time, no secret
    clients = _clients(chance)
    drawn = _Drawing(chance)
    held = [
        drawn.session(client, month, "held")
        for client, month in zip(_visits(chance, clients), _months(chance), strict=True)
    ]
    for place in chance.sample(
        [place for place in range(HELD) if _others(held[place])], GIVEN_BACK
    ):
        held[place] = msgspec.structs.replace(held[place], is_given_back=True)
    around = [
        drawn.session(chance.choice(_whom(clients, fate)), chance.choice(MONTHS)[0], fate)
        for fate, count in AROUND
        for _ in range(count)
    ]
    ordered = sorted([*held, *around], key=lambda one: (one.asked_at, one.starts_at))
    return Story(
        clients=clients,
        requests=[msgspec.structs.replace(one, number=place) for place, one in enumerate(ordered)],
    )


@cache
def who_could(language: str, city: City, mode: str) -> tuple[Interpreter, ...]:
    """Return who speaks the language and, for a session in person, travels to the city."""
    return tuple(
        one
        for one in network.INTERPRETERS
        if language in one.spoken and (mode != "in_person" or _km(one.city, city) <= one.radius)
    )


def _others(one: Planned) -> bool:
    return len(who_could(one.client.language, one.client.city, one.mode)) > 1


def _clients(chance: Random) -> list[Client]:
    homes = [
        (institution, city)
        for institution, count in zip(
            network.INSTITUTIONS,
            shares_of(CLIENTS, [one.share for one in network.INSTITUTIONS]),
            strict=True,
        )
        for (city, _), here in zip(
            institution.cities,
            shares_of(count, [share for _, share in institution.cities]),
            strict=True,
        )
        for _ in range(here)
    ]
    spoken = [
        one
        for one, count in zip(
            network.LANGUAGES,
            shares_of(CLIENTS, [one.share for one in network.LANGUAGES]),
            strict=True,
        )
        for _ in range(count)
    ]
    chance.shuffle(spoken)
    return [
        Client(
            reference=f"LV-{1001 + place}",
            institution=institution,
            city=city,
            language=language.code,
            nationality=chance.choice(language.nationalities),
        )
        for place, ((institution, city), language) in enumerate(zip(homes, spoken, strict=True))
    ]


def _visits(chance: Random, clients: Sequence[Client]) -> list[Client]:
    """Everybody once, and then those again who come again: few come often."""
    visits = dict.fromkeys(range(len(clients)), 1)
    often = [chance.paretovariate(1.3) for _ in clients]
    while sum(visits.values()) < HELD:
        (place,) = chance.choices(range(len(clients)), often)
        if visits[place] < MOST_SESSIONS:
            visits[place] += 1
    drawn = [clients[place] for place, count in visits.items() for _ in range(count)]
    chance.shuffle(drawn)
    return drawn


def _months(chance: Random) -> list[str]:
    counts = shares_of(HELD, [weight for _, weight in MONTHS])
    drawn = [month for (month, _), count in zip(MONTHS, counts, strict=True) for _ in range(count)]
    chance.shuffle(drawn)
    return drawn


def _whom(clients: Sequence[Client], fate: Fate) -> list[Client]:
    """Return for whom that may happen: where nobody would travel, or where few could come."""
    if fate == "nobody_fits":
        return [one for one in clients if not who_could(one.language, one.city, "in_person")]
    if fate == "nobody_accepts":
        return [one for one in clients if len(who_could(one.language, one.city, "phone")) <= 2]  # noqa: PLR2004 - few
    return list(clients)


class _Drawing:
    """Draws sessions such that somebody could hold each: it keeps a diary for every interpreter."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.diaries: dict[str, list[Window]] = {one.name: [] for one in network.INTERPRETERS}

    def session(self, client: Client, month: str, fate: Fate) -> Planned:
        """Return a session of the client in the month."""
        mode = self._mode(client, fate)
        minutes = self._of(LENGTHS[mode])
        starts_at = self._start(client, month, mode, minutes, fate)
        return Planned(
            number=0,
            fate=fate,
            client=client,
            mode=mode,
            starts_at=starts_at,
            minutes=minutes,
            asked_at=self._asked(starts_at),
            topic=self.chance.choice(client.institution.topics),
            late=self._of(((-10, 15), (-5, 20), (0, 40), (5, 12), (15, 10), (30, 3))),
        )

    def _mode(self, client: Client, fate: Fate) -> str:
        if fate == "nobody_fits":
            return "in_person"
        if fate in ("nobody_accepts", "interpreter_no_show"):
            return "phone"
        weights = MODES.get(client.city.name, REMOTE_MODES)
        (mode,) = self.chance.choices(("in_person", "phone", "video"), weights)
        if mode == "in_person" and not who_could(client.language, client.city, mode):
            return "phone"
        return str(mode)

    def _start(self, client: Client, month: str, mode: str, minutes: int, fate: Fate) -> datetime:
        days = working_days(month)
        for _ in range(500):
            day, hour = self.chance.choice(days), self._of(HOURS)
            starts_at = at_clock(day, hour * 60 + self.chance.choice((0, 0, 15, 30, 30, 45)))
            if fate == "nobody_fits" or self._note(client, mode, starts_at, minutes):
                return starts_at
        raise AssertionError("the roster is too small for the story")

    def _note(self, client: Client, mode: str, starts_at: datetime, minutes: int) -> bool:
        """Write the session in the diary of somebody who is free for it."""
        for one in who_could(client.language, client.city, mode):
            margin = 5
            if mode == "in_person":
                margin = max(20, travel_minutes(_km(one.city, client.city)))
            window = Window(
                starts_at=starts_at - timedelta(minutes=margin),
                ends_at=starts_at + timedelta(minutes=minutes + margin),
            )
            if not any(window.overlaps(other) for other in self.diaries[one.name]):
                self.diaries[one.name].append(window)
                return True
        return False

    def _asked(self, starts_at: datetime) -> datetime:
        """In office hours of a working day, at least an hour before the session."""
        lead = self._of(LEADS)
        if lead == 0:
            return starts_at - timedelta(minutes=self.chance.randint(60, 100))
        day = (starts_at - timedelta(days=lead)).date()
        while not is_open(day):
            day -= timedelta(days=1)
        return at_clock(day, self.chance.randint(8 * 60 + 30, 16 * 60 + 30))

    def _of(self, weighted: Sequence[tuple[T, int]]) -> T:
        values, weights = zip(*weighted, strict=True)
        (value,) = self.chance.choices(values, weights)
        return value  # type: ignore[no-any-return]  # zip forgets the kind of its columns


def other_starts(planned: Planned) -> Iterator[datetime]:
    """Yield when else the session could be: that day, then the month's other days, as asked."""
    yield planned.starts_at
    today = planned.starts_at.astimezone(UTC)
    for minutes in range(30, 6 * 60, 30):
        yield today + timedelta(minutes=minutes)
    days = working_days(today.strftime("%Y-%m"))
    for day in sorted(days, key=lambda one: abs((one - today.date()).days)):
        for hour in (17, 10, 13, 9, 15, 18):
            start = at_clock(day, hour * 60)
            if start > planned.asked_at + timedelta(hours=1):
                yield start


def _km(one: City, other: City) -> float:
    return distance_km(
        lat1=one.latitude, lon1=one.longitude, lat2=other.latitude, lon2=other.longitude
    )


def shares_of(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to the weights that add up to `total`."""
    exact = [total * weight / sum(weights) for weight in weights]
    counts = [int(one) for one in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in by_rest[: total - sum(counts)]:
        counts[place] += 1
    return counts
