"""People who do anything in any order, and what must hold all the same (hypothesis)."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import JELGAVA, LIEPAJA, MORNING, NUMBERS, RIGA, World, a_world

T = TypeVar("T")
CITIES: Final = ("riga", "jelgava", "liepaja", None)
REFUSALS: Final = frozenset(
    {"yes", "offer-taken", "offer-expired", "offer-withdrawn", "interpreter-is-busy",
     "wrong-state", "too-early"}
)  # fmt: skip
some = st.integers(min_value=0, max_value=1000)


class Hand:
    """Runs what is asynchronous from tests that are not, on a database of its own."""

    def __init__(self, runner: asyncio.Runner, pool: Pool) -> None:
        self.runner, self.pool = runner, pool

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@contextmanager
def a_hand(template: str) -> Iterator[Hand]:
    """Have a database of one's own, made from the template, as long as it is needed."""
    name = f"order_{next(NUMBERS)}"
    with asyncio.Runner() as runner:

        async def owner(statement: str) -> None:
            db = await asyncpg.connect(database_url(role="postgres", database="postgres"))
            await db.execute(statement)
            await db.close()

        runner.run(owner(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        pool = runner.run(
            open_pool(database_url(role="interpreters_app", database=name), vault=VAULT, size=8)
        )
        yield Hand(runner, pool)
        runner.run(pool.close())
        runner.run(owner(f'DROP DATABASE "{name}" WITH (FORCE)'))


class Centre(RuleBasedStateMachine):
    """Five people, three cities, two days; every rule may be refused, and none may fail."""

    hand: Hand
    refusals: frozenset[str] = REFUSALS

    def __init__(self) -> None:
        super().__init__()
        self.world: World = self.hand.run(
            a_world(self.hand.pool, people=5, homes=[RIGA, JELGAVA, RIGA, LIEPAJA])
        )

    @rule(
        quarter=st.integers(min_value=1, max_value=100),
        minutes=st.sampled_from([15, 60, 200]),
        city=st.sampled_from(CITIES),
        needed=st.sampled_from([1, 1, 2, 3]),
        partial_ok=st.booleans(),
    )
    def ask(
        self, *, quarter: int, minutes: int, city: str | None, needed: int, partial_ok: bool
    ) -> None:
        starts_at = self.world.now + timedelta(minutes=15 * quarter)
        asked = self.world.ask(
            city=city, starts_at=starts_at, minutes=minutes, needed=needed, partial_ok=partial_ok
        )
        self.hand.run(asked)

    @rule(which=some, times=st.integers(min_value=1, max_value=3))
    def accept(self, *, which: int, times: int) -> None:
        for number in range(times):
            if one := self.one("offers", which + number, "open"):
                self.said(self.world.accept(one))

    @rule(which=some)
    def accept_any(self, *, which: int) -> None:
        if one := self.one("offers", which):
            self.said(self.world.accept(one))

    @rule(which=some)
    def decline(self, *, which: int) -> None:
        if one := self.one("offers", which, "open"):
            self.said(self.world.decline(one))

    @rule(which=some)
    def give_back(self, *, which: int) -> None:
        if one := self.one("bookings", which):
            self.said(self.world.give_back(one["id"]))

    @rule(which=some)
    def cancel_booking(self, *, which: int) -> None:
        if one := self.one("bookings", which):
            self.said(self.world.cancel_booking(one["id"]))

    @rule(which=some)
    def cancel_request(self, *, which: int) -> None:
        if one := self.one("requests", which):
            self.said(self.world.cancel_request(one["id"]))

    @rule(which=some, whom=some)
    def assign(self, *, which: int, whom: int) -> None:
        if one := self.one("requests", which):
            person = self.world.people[whom % len(self.world.people)]
            self.said(self.world.assign(one["id"], person))

    @rule(which=some)
    def split(self, *, which: int) -> None:
        if one := self.one("requests", which):
            self.said(self.world.split(one["id"]))

    @rule(which=some, quarter=st.integers(min_value=1, max_value=100))
    def move(self, *, which: int, quarter: int) -> None:
        if one := self.one("requests", which):
            starts_at = self.world.now + timedelta(minutes=15 * quarter)
            self.said(self.world.move(one["id"], starts_at))

    @rule(which=some, verb=st.sampled_from(["start", "end", "client_no_show"]))
    def session(self, *, which: int, verb: str) -> None:
        if one := self.one("bookings", which, "confirmed", "in_progress"):
            self.said(self.world.session(verb, one["id"]))

    @rule(which=some)
    def interpreter_no_show(self, *, which: int) -> None:
        if one := self.one("bookings", which, "confirmed"):
            self.said(self.world.session("interpreter_no_show", one["id"]))

    @rule(which=some)
    def jobs_that_run_too_early_or_twice(self, *, which: int) -> None:
        if one := self.one("requests", which):
            self.said(self.world.step(one["id"]))
            self.said(self.world.expire(one["id"]))

    @rule(minutes=st.sampled_from([1, 15, 60, 240, 720]))
    def time_passes(self, *, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)
        self.work()

    @rule()
    def the_next_session_comes(self) -> None:
        coming = [
            one["session"].lower
            for one in self.rows("bookings", "confirmed")
            if one["session"].lower > self.world.now
        ]
        if coming:
            self.world.now = min(coming)
            self.work()

    @invariant()
    def the_tables_agree(self) -> None:
        self.hand.run(check_invariants(self.world))

    def teardown(self) -> None:
        """In the end nobody is searched any more, and it takes few steps to get there."""
        self.world.now = MORNING + timedelta(days=60)
        for _ in range(10):
            if not self.work():
                break
        self.the_tables_agree()
        assert not self.rows("request_seats", "open", "held")
        assert not self.rows("offers", "open")
        assert not self.rows("bookings", "held")

    def work(self) -> int:
        """Do what is due by now; return how much that was."""
        return self.hand.run(self.world.do_what_is_due())

    def rows(self, table: str, *states: str) -> Sequence[Mapping[str, Any]]:
        found = self.hand.run(self.world.rows(table))
        return [one for one in found if not states or one["state"] in states]

    def one(self, table: str, which: int, *states: str) -> Mapping[str, Any] | None:
        found = self.rows(table, *states)
        return found[which % len(found)] if found else None

    def said(self, call: Coroutine[Any, Any, Any]) -> str:
        """Make the call; return its code: a yes, or a refusal that there may be."""
        code = self.hand.run(self.world.said(call)).code
        assert code in self.refusals
        return code
