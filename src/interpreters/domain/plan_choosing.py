"""Choosing options one by one, so that all that was chosen can be done; for plans and beside them.

Taken in order of arrival, or the scarcest first, this is also what a plan is compared with.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from interpreters.domain.plan_days import Days
from interpreters.domain.planning import Question


class Chosen:
    """The options chosen so far; `values` are what each is worth."""

    def __init__(self, question: Question, values: Sequence[float]) -> None:
        self.question = question
        self.values = values
        self.days = Days(question)
        self.left = [one.seats for one in question.jobs]
        self.picked: set[int] = set()
        self.by_job: defaultdict[int, list[int]] = defaultdict(list)
        for place, one in enumerate(question.options):
            self.by_job[one.job].append(place)
        self.together: defaultdict[int, list[int]] = defaultdict(list)
        for place, job in enumerate(question.jobs):
            if job.whole:
                self.together[job.request].append(place)

    def places(self) -> list[int]:
        """Return the options chosen, in the question's order."""
        return sorted(self.picked)

    def take(self, order: Iterable[int]) -> None:
        """Take what can be taken, in this order; of a whole request all or nothing."""
        order = list(order)
        ranks = {place: rank for rank, place in enumerate(order)}
        tried: set[int] = set()
        for place in order:
            number = self.question.options[place].job
            job = self.question.jobs[number]
            if not job.whole:
                self._take(place)
            elif job.request not in tried:
                tried.add(job.request)
                self._take_whole(job.request, ranks)

    def swap(self, jobs: Collection[int]) -> None:
        """Fill these jobs too where somebody can be freed for them: another takes what they had."""
        for job in jobs:
            options = sorted(self.by_job[job], key=lambda one: (-self.values[one], one))
            while self.left[job] and any(self._swapped(one) for one in options):
                pass

    def _take(self, place: int) -> bool:
        option = self.question.options[place]
        if place in self.picked or not self.left[option.job] or not self.days.fits(option):
            return False
        self.days.add(option)
        self.left[option.job] -= 1
        self.picked.add(place)
        return True

    def _take_out(self, place: int) -> None:
        option = self.question.options[place]
        self.days.take_out(option)
        self.left[option.job] += 1
        self.picked.remove(place)

    def _take_whole(self, request: int, ranks: dict[int, int]) -> None:
        taken: list[int] = []
        for job in self.together[request]:
            known = [one for one in self.by_job[job] if one in ranks]
            taken += [one for one in sorted(known, key=ranks.__getitem__) if self._take(one)]
        if any(self.left[job] for job in self.together[request]):
            for place in taken:
                self._take_out(place)

    def _swapped(self, wanted: int) -> bool:
        """Take the option in exchange for another of its person that somebody else can take."""
        if wanted in self.picked:
            return False
        if self._take(wanted):
            return True
        person = self.question.options[wanted].person
        for place in sorted(self._of_person(person)):
            had = self.question.options[place].job
            if self.question.jobs[had].whole:
                continue
            self._take_out(place)
            if self._take(wanted):
                others = sorted(self.by_job[had], key=lambda one: (-self.values[one], one))
                if any(self._take(one) for one in others):
                    return True
                self._take_out(wanted)
            self._take(place)
        return False

    def _of_person(self, person: int) -> list[int]:
        return [one for one in self.picked if self.question.options[one].person == person]


def in_order_of_arrival(question: Question, values: Sequence[float]) -> int:
    """Return how many seats are filled when each job takes the best who is left, as they came."""
    return _filled(question, values, lambda job: question.jobs[job].asked_at)


def scarcest_first(question: Question, values: Sequence[float]) -> int:
    """Return how many are filled when the jobs with the fewest options choose first."""
    counts: defaultdict[int, int] = defaultdict(int)
    for one in question.options:
        counts[one.job] += 1
    return _filled(question, values, lambda job: counts[job] / question.jobs[job].seats)


def _filled(question: Question, values: Sequence[float], turn: Callable[[int], float]) -> int:
    chosen = Chosen(question, values)
    chosen.take(
        sorted(
            range(len(values)),
            key=lambda one: (
                turn(question.options[one].job),
                question.options[one].job,
                -values[one],
                one,
            ),
        )
    )
    return len(chosen.picked)
