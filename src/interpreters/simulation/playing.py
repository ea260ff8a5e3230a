"""Plays a demand against one policy, event by event, on a clock that jumps from one to the next.

The product's use-cases decide everything that it decides in earnest: who is asked and when, whose
yes is a booking, what a give-back does. Only the people are drawn (`domain/answering.py`).
"""

import heapq
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.simulations import Booking, Offer, Standing
from interpreters.domain.answering import Habits, Word, answer_of, answered_at, word_of
from interpreters.domain.demand import URGENT, Asked
from interpreters.domain.draws import Draws
from interpreters.domain.quiet_hours import notice_at
from interpreters.simulation.acts import WAITED, Acts
from interpreters.simulation.cast import QUIET
from interpreters.simulation.course import Course
from interpreters.simulation.crews import Crew

Event: TypeAlias = Callable[[datetime], Awaitable[None]]
BUSY: Final = "interpreter-is-busy"
SECOND: Final = timedelta(seconds=1)


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What is played: the network, what it is asked for, how people are, and by which chances."""

    crew: Crew
    demand: Sequence[Asked]
    habits: Habits
    draws: Draws


class Player:
    """Plays it once, in one network."""

    def __init__(self, play: Play, acts: Acts, progress: Callable[[], None]) -> None:
        self.play = play
        self.acts = acts
        self.progress = progress
        self.zone = play.crew.shape.time_zone
        self.courses = [Course(one) for one in play.demand]
        self._events: list[tuple[datetime, int, Event]] = []
        self._numbers = count()

    async def run(self) -> list[Course]:
        """Play to the end, and return the courses in the order of asking."""
        for course in self.courses:
            self._at(course.asked.asked_at, partial(self._ask, course))
        while self._events:
            at, _, event = heapq.heappop(self._events)
            await event(at)
        return self.courses

    def _at(self, at: datetime, event: Event) -> None:
        heapq.heappush(self._events, (at, next(self._numbers), event))

    async def _ask(self, course: Course, now: datetime) -> None:
        asked = course.asked
        self._look(course, await self.acts.ask(asked), now)
        if asked.called_off_at is not None:
            self._at(asked.called_off_at, partial(self._call_off, course))
        if asked.starts_now:
            self._at(asked.ends_at, partial(self._over, course))
        else:
            self._at(asked.starts_at, partial(self._begin, course))

    def _look(self, course: Course, standing: Standing, now: datetime) -> None:
        """Plan the next steps of the ladder, and the answers of those who were just asked."""
        course.look(standing)
        if course.next_step_at is not None:
            at = max(course.next_step_at, now)
            self._at(at, partial(self._step, course, course.next_step_at))
        if course.first_end is not None:
            self._at(max(course.first_end, now), partial(self._expire, course, course.first_end))
        fresh = [one for one in standing.offers if one.id not in course.told]
        for offer in sorted(fresh, key=lambda one: self.acts.cast.people[one.interpreter_id]):
            course.told.add(offer.id)
            course.offers += 1
            self._plan_answer(course, offer, now)

    def _plan_answer(self, course: Course, offer: Offer, now: datetime) -> None:
        asked, person = course.asked, self.acts.cast.people[offer.interpreter_id]
        answer = answer_of(self.play.habits, self.play.draws, request=asked.number, person=person)
        if answer.says == "nothing":
            return
        at = heard_and_answered(
            asked, now, minutes=answer.minutes, zone=self.zone, habits=self.play.habits,
            urgent=self.play.crew.people[person].urgent,
        )  # fmt: skip
        course.answers_late[person] = at >= offer.answer_by
        event = self._yes if answer.says == "yes" else self._no
        self._at(at, partial(event, course, offer))

    async def _step(self, course: Course, planned: datetime, now: datetime) -> None:
        if course.request_id is not None and course.next_step_at == planned:
            self._look(course, await self.acts.step(course.request_id, now), now)

    async def _expire(self, course: Course, planned: datetime, now: datetime) -> None:
        if course.request_id is not None and course.first_end == planned:
            self._look(course, await self.acts.expire(course.request_id, now), now)

    async def _yes(self, course: Course, offer: Offer, now: datetime) -> None:
        if course.state in ("cancelled", "closed"):
            return  # they were told, and read it before they answered
        if course.booking is not None and self._will_keep(course, course.booking):
            course.too_late += 1  # the use-case would say so, and being on standby for nothing
            return
        said = await self.acts.accept(offer.id, offer.interpreter_id, now)
        if isinstance(said, Booking):
            course.said_yes(said, offer, now)
            if course.outcome == "interpreter_no_show":  # for the rest of it
                self._at(said.session.ends_at, partial(self._held, course, said))
            else:
                self._plan_keeping(course, said, now)
        elif said == BUSY:
            course.busy += 1
            await self._no(course, offer, now)
        else:
            course.too_late += 1

    async def _no(self, course: Course, offer: Offer, now: datetime) -> None:
        if course.is_searching and now < offer.answer_by and course.request_id is not None:
            standing = await self.acts.decline(
                course.request_id, offer.id, offer.interpreter_id, now
            )
            if standing is not None:
                self._look(course, standing, now)

    def _plan_keeping(self, course: Course, booking: Booking, now: datetime) -> None:
        """Some give back what they took."""
        word = self._word(course, booking.interpreter_id)
        starts_at = booking.session.starts_at
        if word.gives_back is not None and starts_at > now:
            self._at(
                now + word.gives_back * (starts_at - now), partial(self._give_back, course, booking)
            )

    async def _give_back(self, course: Course, booking: Booking, now: datetime) -> None:
        if course.booking is booking and course.request_id is not None:
            course.booking = None
            standing = await self.acts.give_back(
                course.request_id, booking.id, booking.interpreter_id, now
            )
            self._look(course, standing, now)

    async def _call_off(self, course: Course, now: datetime) -> None:
        """Who asked calls it off; not when they were told before that nobody was found."""
        if course.request_id is None or course.state == "unfilled":
            return
        booking = course.booking
        woken = await self.acts.call_off(
            course.request_id, None if booking is None else booking.id, now
        )
        course.stood, course.filled = booking, booking is not None
        course.state, course.outcome, course.booking = "cancelled", "cancelled", None
        course.next_step_at = course.first_end = None
        self._wake(woken, now)

    def _wake(self, woken: Collection[UUID], now: datetime) -> None:
        """Have searches go on that can use the time; who called off by now is not asked again."""
        for course in self.courses:
            gone = course.asked.called_off_at
            if course.request_id in woken and (gone is None or now < gone):
                course.next_step_at = now
                self._at(now, partial(self._step, course, now))

    async def _begin(self, course: Course, now: datetime) -> None:
        """The session begins, if somebody is booked; else nothing does."""
        self.progress()
        booking = course.booking
        if course.state == "cancelled" or booking is None or course.request_id is None:
            return
        course.stood, course.filled = booking, True
        if not self._word(course, booking.interpreter_id).comes:
            course.outcome, course.booking = "interpreter_no_show", None
            at = now + WAITED
            self._at(at, partial(self._missed, course, booking))
            return
        course.state = "closed"
        comes = course.asked.client_comes
        course.outcome = "held" if comes else "client_no_show"
        self._at(booking.session.ends_at, partial(self._held, course, booking))

    async def _missed(self, course: Course, booking: Booking, now: datetime) -> None:
        assert course.request_id is not None  # somebody was booked for it
        self._look(course, await self.acts.miss(course.request_id, booking.id, now), now)

    async def _held(self, course: Course, booking: Booking, _now: datetime) -> None:
        rest = course.outcome == "interpreter_no_show"
        await self.acts.hold(booking, client_comes=rest or course.asked.client_comes)

    async def _over(self, course: Course, _now: datetime) -> None:
        """What was wanted at once is over: it was held, if anybody said yes meanwhile."""
        self.progress()
        if course.booking is not None and course.state != "cancelled":
            course.state, course.outcome = "closed", "held"
            course.stood, course.filled = course.booking, True
            await self.acts.hold(course.booking, client_comes=True)

    def _will_keep(self, course: Course, booking: Booking) -> bool:
        word = self._word(course, booking.interpreter_id)
        return word.gives_back is None and (word.comes or course.asked.starts_now)

    def _word(self, course: Course, interpreter_id: UUID) -> Word:
        return word_of(
            self.play.habits, self.play.draws, request=course.asked.number,
            person=self.acts.cast.people[interpreter_id],
        )  # fmt: skip


def heard_and_answered(
    asked: Asked, now: datetime, *, minutes: float, zone: str, habits: Habits, urgent: bool
) -> datetime:
    """Return when somebody asked at `now` has answered: quiet hours delay the notice."""
    is_urgent = asked.starts_now or asked.starts_at - now <= URGENT
    told_at = notice_at(now, QUIET, zone, urgent=is_urgent, opt_in=urgent)
    rings = is_urgent and urgent
    return answered_at(told_at, minutes=minutes, zone=zone, habits=habits, rings=rings)
