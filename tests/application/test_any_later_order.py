"""The same with all that may happen besides: series, rooms, longer sessions, conflicts, standby."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from any_order import REFUSALS, Centre, Hand, a_hand, some
from interpreters.application.series_changes import Scope
from later_invariants import check_entries, check_rooms, check_the_clock
from later_verbs import (
    a_room,
    cancel_dates,
    choose,
    do_all_that_is_due,
    extend,
    leave,
    move_dates,
    order,
    stand_by,
    two_parties,
)
from wider_worlds import EVERYTHING, a_person, widen

MODES: Final = (("phone",), ("in_person",), ("in_person", "phone"))
CODES: Final = ("illness", "conflict_of_interest", "wrong_dialect", "other")
SCOPES: Final[tuple[Scope, ...]] = ("this", "following", "all")
MORE_REFUSALS: Final = REFUSALS | {"room-is-taken", "conflict-of-interest", "validation"}


class Network(Centre):
    """The centre with people for relays and a room; whatever a worker does is done."""

    refusals = MORE_REFUSALS

    def __init__(self) -> None:
        super().__init__()
        self.room = self.hand.run(a_room(self.world))
        for pair in (("prs", "eng"), ("prs", "eng"), ("eng", "lav"), ("eng", "lav")):
            self.world.people.append(self.hand.run(a_person(self.world, *pair)))

    def work(self) -> int:
        return self.hand.run(do_all_that_is_due(self.world))

    @rule(
        quarter=st.integers(min_value=0, max_value=100),
        minutes=st.sampled_from([15, 60, 200]),
        modes=st.sampled_from(MODES),
        shift=st.sampled_from([0, 0, 60]),
        wide=st.booleans(),
        needed=st.sampled_from([1, 1, 1, 2]),
        emergency=st.sampled_from([False, False, False, True]),
    )
    def ask_widely(
        self,
        *,
        quarter: int,
        minutes: int,
        modes: tuple[str, ...],
        shift: int,
        wide: bool,
        needed: int,
        emergency: bool,
    ) -> None:
        starts_at = self.world.now + timedelta(minutes=15 * quarter) if quarter else None
        asked = order(
            self.world,
            starts_at=starts_at,
            duration_minutes=minutes,
            modes=modes if starts_at else ("phone",),
            site_id=self.world.sites["riga"],
            fallbacks={**(EVERYTHING if wide else {}), "shift_minutes": shift},
            interpreters_needed=needed,
            priority="emergency" if emergency else "routine",
        )
        self.said(asked)

    @rule(
        quarter=st.integers(min_value=12, max_value=100),
        briefing=st.sampled_from([0, 15]),
        needed=st.sampled_from([1, 2]),
        remote=st.booleans(),
    )
    def ask_for_the_room(self, *, quarter: int, briefing: int, needed: int, remote: bool) -> None:
        starts_at = self.world.now + timedelta(minutes=15 * quarter)
        asked = order(
            self.world,
            starts_at=starts_at,
            modes=("in_person",),
            site_id=self.world.sites["riga"],
            room_id=self.room,
            topic="supervised_contact",
            interpreters_needed=needed,
            fallbacks={"other_mode": remote},
            details={"parties": two_parties(starts_at), "briefing_minutes": briefing},
        )
        self.said(asked)

    @rule(
        quarter=st.integers(min_value=1, max_value=50),
        count=st.sampled_from([2, 3]),
        needed=st.sampled_from([1, 2]),
    )
    def ask_series(self, *, quarter: int, count: int, needed: int) -> None:
        starts_at = self.world.now + timedelta(minutes=15 * quarter)
        asked = order(
            self.world,
            starts_at=starts_at,
            interpreters_needed=needed,
            recurrence=f"FREQ=DAILY;COUNT={count}",
        )
        self.said(asked)

    @rule(which=some, scope=st.sampled_from(SCOPES))
    def cancel_dates(self, *, which: int, scope: Scope) -> None:
        if one := self.one("requests", which):
            self.said(cancel_dates(self.world, one["id"], scope))

    @rule(which=some, scope=st.sampled_from(SCOPES), quarter=st.integers(-20, 60))
    def move_dates(self, *, which: int, scope: Scope, quarter: int) -> None:
        if one := self.one("requests", which):
            starts_at = one["session"].lower + timedelta(minutes=15 * quarter)
            if starts_at > self.world.now:  # what the doors see to
                self.said(move_dates(self.world, one["id"], scope, starts_at))

    @rule(which=some, code=st.sampled_from(CODES))
    def leave(self, *, which: int, code: str) -> None:
        if one := self.one("bookings", which, "held", "confirmed", "in_progress"):
            self.said(leave(self.world, one["id"], code))

    @rule(which=some, minutes=st.sampled_from([5, 30, 240]))
    def extend(self, *, which: int, minutes: int) -> None:
        if one := self.one("bookings", which, "confirmed", "in_progress"):
            self.said(extend(self.world, one["id"], minutes))

    @rule(which=some)
    def accept_and_stand_by(self, *, which: int) -> None:
        one = self.one("offers", which, "taken", "open")
        if one is not None and self.said(self.world.accept(one)) == "offer-taken":
            self.said(stand_by(self.world, one))

    @rule(whom=some, auto_assign=st.booleans())
    def choose(self, *, whom: int, auto_assign: bool) -> None:
        person = self.world.people[whom % len(self.world.people)]
        self.said(choose(self.world, person, auto_assign=auto_assign))

    @rule(which=some, shift=st.sampled_from([0, 30]), relay=st.booleans())
    def widen(self, *, which: int, shift: int, relay: bool) -> None:
        if one := self.one("requests", which):
            more = {"shift_minutes": shift, "relay": relay, "other_mode": True}
            self.said(widen(self.world, one["id"], **more))

    @rule(which=some)
    def begin_on_time(self, *, which: int) -> None:
        """Let the time come to where a session begins, and begin it."""
        if one := self.one("bookings", which, "confirmed"):
            self.world.now = max(self.world.now, one["session"].lower)
            self.said(self.world.session("start", one["id"]))

    @rule(which=some, seconds=st.integers(min_value=1, max_value=120), missed=st.booleans())
    def lose_them_just_before_the_end(self, *, which: int, seconds: int, missed: bool) -> None:
        if one := self.one("bookings", which, "confirmed", "in_progress"):
            self.world.now = max(self.world.now, one["session"].upper - timedelta(seconds=seconds))
            if missed:
                self.said(self.world.session("interpreter_no_show", one["id"]))
            else:
                self.said(leave(self.world, one["id"], "wrong_dialect"))

    @rule()
    def whoever_works_has_done_it_all(self) -> None:
        for _ in range(5):
            if not self.work():
                break
        self.hand.run(check_the_clock(self.world))

    @invariant()
    def rooms_and_entries_agree(self) -> None:
        self.hand.run(check_rooms(self.world))
        self.hand.run(check_entries(self.world))


@pytest.fixture(scope="module")
def hand(template: str) -> Iterator[Hand]:
    with a_hand(template) as made:
        yield made


def test_the_tables_agree_whatever_else_happens_and_every_search_ends(hand: Hand) -> None:
    Network.hand = hand
    run_state_machine_as_test(
        Network,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            phases=(Phase.generate,),  # ids are new each time, so nothing could be shrunk
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
