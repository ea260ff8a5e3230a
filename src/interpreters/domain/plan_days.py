"""What one person can do: their days, with the ways between places, and the hours they are given.

The rules of travel are `travel.blocked`'s, reckoned here in whole minutes for many at once.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from interpreters.domain.planning import Busy, Job, Option, Question
from interpreters.domain.travel import NEAR, Point, distance_km, travel_minutes
from interpreters.domain.windows import MINUTE

NEAR_MINUTES: Final = NEAR // MINUTE
AROUND: Final = 24 * 60  # what lies farther away in time changes nobody's way
# What somebody does: start, end, place, minutes from home.
Doing: TypeAlias = tuple[int, int, Point | None, int]


class Days:
    """Everybody's days while they fill; whatever is added fits."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.doing: defaultdict[int, list[Doing]] = defaultdict(list)
        self.by_day: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.by_week: defaultdict[tuple[int, int], int] = defaultdict(int)
        for person, one in enumerate(question.people):
            for busy in one.busy:
                self._put(person, busy, _doing(busy, busy.place, busy.home_minutes))

    def fits(self, option: Option) -> bool:
        """Say whether the person can do this besides what they do already."""
        job, person = self.question.jobs[option.job], option.person
        if self.by_day[person, job.day] + job.minutes > self.question.most_a_day:
            return False
        if self.by_week[person, job.week] + job.minutes > self.question.most_a_week:
            return False
        doing = self.doing[person]
        near = [one for one in _near(doing, job) if one[1] > job.starts - AROUND]
        new = _doing(job, option.place, option.home_minutes)
        return can_do(sorted([*near, new], key=_start))

    def add(self, option: Option) -> None:
        """Have the person do it."""
        job = self.question.jobs[option.job]
        self._put(option.person, job, _doing(job, option.place, option.home_minutes))

    def take_out(self, option: Option) -> None:
        """Have the person not do it any more."""
        job, person = self.question.jobs[option.job], option.person
        self.doing[person].remove(_doing(job, option.place, option.home_minutes))
        self.by_day[person, job.day] -= job.minutes
        self.by_week[person, job.week] -= job.minutes

    def _put(self, person: int, one: Job | Busy, doing: Doing) -> None:
        insort(self.doing[person], doing, key=_start)
        self.by_day[person, one.day] += one.ends - one.starts
        self.by_week[person, one.week] += one.ends - one.starts


def can_do(doing: Sequence[Doing]) -> bool:
    """Say whether one person can do all of these, in order of their starts, with the ways."""
    if any(one[1] > two[0] for one, two in pairwise(doing)):
        return False
    there = [one for one in doing if one[2] is not None]
    taken = [(one[0], one[1]) for one in doing if one[2] is None]
    for place, one in enumerate(there):
        before = there[place - 1] if place else None
        after = there[place + 1] if place + 1 < len(there) else None
        taken.append((one[0] - _there(before, one), one[1] + _back(one, after)))
    taken.sort()
    return all(one[1] <= two[0] for one, two in pairwise(taken))


@lru_cache(maxsize=100_000)  # sites are few, and each pair is asked for again and again
def minutes_between(one: Point, other: Point) -> int:
    """Return the minutes of travel between two places."""
    return travel_minutes(
        distance_km(
            lat1=one.latitude, lon1=one.longitude, lat2=other.latitude, lon2=other.longitude
        )
    )


def _there(before: Doing | None, one: Doing) -> int:
    if before is not None and one[0] - before[1] < NEAR_MINUTES:
        assert before[2] is not None  # both are at places
        assert one[2] is not None
        return minutes_between(before[2], one[2])
    return one[3]


def _back(one: Doing, after: Doing | None) -> int:
    return 0 if after is not None and after[0] - one[1] < NEAR_MINUTES else one[3]


def _near(doing: Sequence[Doing], job: Job) -> Iterable[Doing]:
    """Those that start within a day and the longest session of the job."""
    first = bisect_left(doing, job.starts - 2 * AROUND, key=_start)
    last = bisect_left(doing, job.ends + AROUND, key=_start)
    return doing[first:last]


def _doing(one: Job | Busy, place: Point | None, home_minutes: int) -> Doing:
    return one.starts, one.ends, place, home_minutes


def _start(one: Doing) -> int:
    return one[0]
