"""The sample network is what its story says, to the session and the client."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import list_networks
from interpreters.application.usage_reports import UsageQuestion, UsageReport, report_usage
from interpreters.database import Pool, transaction
from interpreters.domain.callers import house
from interpreters.sample.days import FIRST_DAY, LAST_DAY, at_clock
from interpreters.sample.live import is_ours, life_of
from interpreters.sample.network import INSTITUTIONS, INTERPRETERS, LANGUAGES, SLUG, UNFINISHED
from interpreters.sample.seeding import SampleNetwork, find, seed
from interpreters.sample.story import Planned, Story, draw_story, other_starts, who_could
from interpreters.sample.timeline import Timeline

pytestmark = pytest.mark.anyio
RIGA = ZoneInfo("Europe/Riga")
GROUPINGS = ("institution", "language", "mode", "site", "month", "nationality")


def held(story: Story) -> list[Planned]:
    return [one for one in story.requests if one.fate == "held"]


def local(one: Planned) -> datetime:
    return one.starts_at.astimezone(RIGA)


def beginning(count: int) -> Story:
    """The story's first requests, as if it had ended there."""
    story = draw_story()
    return msgspec.structs.replace(story, requests=story.requests[:count])


# The story, before anything is done with it


def test_the_roster_is_the_centres() -> None:
    assert len(INTERPRETERS) == 31
    assert len(LANGUAGES) == 18
    assert len({one.kind for one in INSTITUTIONS}) == 7
    assert {city.name for city, _ in INSTITUTIONS[0].cities} == {
        "Riga", "Liepāja", "Jelgava", "Daugavpils", "Cēsis",
    }  # fmt: skip
    assert sum(one.share for one in INSTITUTIONS) == 100
    assert sum(one.share for one in LANGUAGES) == 100
    assert all(who_could(one.code, INSTITUTIONS[0].cities[0][0], "phone") for one in LANGUAGES)


def test_exactly_1400_sessions_are_held_for_776_clients() -> None:
    sessions = held(draw_story())
    assert len(sessions) == 1400
    assert len({one.client.reference for one in sessions}) == 776
    assert len({one.client.language for one in sessions}) == 18
    assert max(Counter(one.client.reference for one in sessions).values()) <= 14


def test_everything_around_happens_too() -> None:
    fates = Counter(one.fate for one in draw_story().requests)
    assert set(fates) == {
        "held", "cancelled", "client_no_show", "interpreter_no_show", "nobody_fits",
        "nobody_accepts",
    }  # fmt: skip
    assert sum(one.is_given_back for one in draw_story().requests) == 26


def test_the_same_story_is_told_each_time() -> None:
    assert draw_story() == draw_story()
    assert draw_story(1) != draw_story(2)


def test_sessions_lie_within_the_fifteen_months_on_working_days() -> None:
    for one in draw_story().requests:
        assert FIRST_DAY <= local(one).date() <= LAST_DAY
        assert local(one).weekday() < 5
        assert one.asked_at <= one.starts_at - timedelta(minutes=60)


def test_peaks_are_at_10_to_12_and_13_to_15() -> None:
    hours = Counter(local(one).hour for one in held(draw_story()))
    peaks = [hours.pop(hour) for hour in (10, 11, 13, 14)]
    assert min(peaks) > max(hours.values())
    assert sum(peaks) > 0.7 * 1400


def test_the_regions_live_on_the_phone() -> None:
    far = [one for one in held(draw_story()) if one.client.city.name in ("Liepāja", "Daugavpils")]
    assert sum(one.mode == "phone" for one in far) > 0.75 * len(far)


def test_another_time_stays_in_the_month() -> None:
    for one in draw_story().requests[::40]:
        first, *others = other_starts(one)
        assert first == one.starts_at
        assert {start.strftime("%Y-%m") for start in others} == {one.starts_at.strftime("%Y-%m")}


# The virtual clock


async def test_half_a_day_is_over_before_the_next_begins() -> None:
    timeline, seen = Timeline(), list[str]()
    day = datetime(2016, 5, 18, 9, tzinfo=UTC)

    async def story(name: str) -> None:
        await timeline.reach(day + timedelta(hours=8))
        await asyncio.sleep(0)
        seen.append(f"asked {name}")
        await timeline.reach(day, "sessions")
        seen.append(f"held {name}")
        await timeline.reach(day - timedelta(days=3))
        seen.append(f"past {name}")
        await timeline.reach(day + timedelta(days=1))
        seen.append(f"next {name}")

    async def after(_: Any) -> None:
        seen.append("|")

    await timeline.run([story("a"), story("b")], after_each=after)
    assert seen == [
        "asked a", "asked b", "|", "held a", "past a", "held b", "past b", "|", "next a",
        "next b", "|",
    ]  # fmt: skip


# The network it becomes


async def counted(pool: Pool, sample: SampleNetwork, grouping: str) -> UsageReport:
    question = UsageQuestion(
        from_=FIRST_DAY, until=LAST_DAY + timedelta(days=1), groupings=(grouping,)
    )
    return await run(
        pool,
        sample.network_id,
        lambda db: report_usage(db, house(sample.network_id), question=lambda: question),
    )


def told_by(report: UsageReport, grouping: str) -> dict[str | None, tuple[int, int]]:
    """Sessions and clients by what the row is called; a site by its institution and city."""
    rows: dict[str | None, tuple[int, int]] = {}
    for key, counts in report.rows:
        if grouping in ("institution", "site"):
            named = report.names[getattr(key, f"{grouping}_id")]
            label = (
                named.name if grouping == "institution" else f"{named.institution_id} {named.name}"
            )
        else:
            label = getattr(key, grouping)
        if counts["sessions"]:
            rows[label] = (counts["sessions"], counts["clients"])
    return rows


def planned_by(story: Story, grouping: str, ids: dict[str, str]) -> dict[str, tuple[int, int]]:
    labels = {
        "institution": lambda one: one.client.institution.name,
        "language": lambda one: one.client.language,
        "mode": lambda one: one.mode,
        "site": lambda one: f"{ids[one.client.institution.name]} {one.client.city.name}",
        "month": lambda one: local(one).strftime("%Y-%m"),
        "nationality": lambda one: one.client.nationality,
    }
    sessions: Counter[str] = Counter()
    people: dict[str, set[str]] = {}
    for one in held(story):
        label = labels[grouping](one)
        sessions[label] += 1
        people.setdefault(label, set()).add(one.client.reference)
    return {label: (count, len(people[label])) for label, count in sessions.items()}


async def check_counts(pool: Pool, sample: SampleNetwork, story: Story) -> None:
    report = await counted(pool, sample, "institution")
    assert report.totals["sessions"] == len(held(story))
    assert report.totals["clients"] == len({one.client.reference for one in held(story)})
    ids = {named.name or "": str(one) for one, named in report.names.items()}
    for grouping in GROUPINGS:
        found = await counted(pool, sample, grouping)
        assert told_by(found, grouping) == planned_by(story, grouping, ids), grouping


OVERLAPPING = """
    SELECT count(*) FROM bookings a JOIN bookings b
      ON b.network_id = a.network_id AND b.interpreter_id = a.interpreter_id AND b.id > a.id
     AND b.session && a.session
    WHERE a.state IN ('completed', 'client_no_show') AND b.state IN ('completed', 'client_no_show')
"""
LEFT_OVER = """
    SELECT (SELECT count(*) FROM due) + (SELECT count(*) FROM outbox WHERE done_at IS NULL)
         + (SELECT count(*) FROM outbox WHERE NOT placed)
         + (SELECT count(*) FROM offers WHERE state = 'open')
         + (SELECT count(*) FROM requests WHERE state IN ('searching', 'partly_filled', 'filled'))
         + (SELECT count(*) FROM bookings WHERE state IN ('held', 'confirmed', 'in_progress'))
"""


async def check_it_is_over(pool: Pool, sample: SampleNetwork) -> None:
    """Nobody was in two places, nothing waits, nothing is still to be told."""
    async with transaction(pool, sample.network_id) as db:
        assert await db.fetchval(OVERLAPPING) == 0
        assert await db.fetchval(LEFT_OVER) == 0
        dates = await db.fetchrow("SELECT min(placed_at), max(placed_at) FROM events")
    assert at_clock(FIRST_DAY, 0) - timedelta(days=40) < dates[0]
    assert dates[1] < at_clock(LAST_DAY, 24 * 60)


UNPRICED = "SELECT count(*) FROM usage_entries WHERE rule IS NULL OR charge_minor = 0"
OWED = """
    SELECT sum(charge_minor)::bigint AS charge, sum(pay_minor)::bigint AS pay,
           sum((SELECT sum((line ->> 'charge_minor')::bigint)
                FROM jsonb_array_elements(lines) AS line))::bigint AS lines
    FROM usage_entries
"""


GRANTED = """
    SELECT count(*) AS entries,
           count(*) FILTER (WHERE u.funding_shares <> '[]') AS shared,
           count(*) FILTER (WHERE (u.funding_id IS NULL) = (i.kind IN ('bank', 'employer')))
               AS rightly,
           coalesce(sum(u.charge_minor) FILTER (WHERE u.funding_id IS NOT NULL), 0)::bigint
               AS charge,
           sum((SELECT coalesce(sum((share ->> 'charge_minor')::bigint), 0)
                FROM jsonb_array_elements(u.funding_shares) AS share))::bigint AS paid
    FROM usage_entries u JOIN institutions i ON i.network_id = u.network_id
     AND i.id = u.institution_id
"""


async def check_grant(pool: Pool, sample: SampleNetwork) -> None:
    """The grant pays for all that is not of banks and employers, and its donors for all of it."""
    async with transaction(pool, sample.network_id) as db:
        found = await db.fetchrow(GRANTED)
        funded = await db.fetchval(FUNDED)
    assert found["rightly"] == found["entries"]
    assert found["shared"] == funded > 0
    assert found["paid"] == found["charge"] > 0


FUNDED = "SELECT count(*) FROM usage_entries WHERE funding_id IS NOT NULL"


async def check_prices(pool: Pool, sample: SampleNetwork) -> None:
    """Everything has its price, and reports add up to entries, and entries to their lines."""
    async with transaction(pool, sample.network_id) as db:
        assert await db.fetchval(UNPRICED) == 0
        owed = await db.fetchrow(OWED)
    totals = (await counted(pool, sample, "month")).totals
    assert totals["charge_minor"] == owed["charge"] == owed["lines"] > 0
    assert totals["pay_minor"] == owed["pay"] > 0


async def test_the_beginning_of_the_story_becomes_a_network(pool: Pool, clock: Clock) -> None:
    story, steps = beginning(60), list[tuple[int, int]]()
    made = await seed(
        pool, progress=lambda done, total: steps.append((done, total)), now=clock(), story=story
    )
    assert steps == [(done, 60) for done in range(61)]
    assert await find(pool) == made
    assert await list_networks(pool) == {SLUG: made.network_id}
    await check_counts(pool, made, story)
    await check_it_is_over(pool, made)
    await check_prices(pool, made)
    await check_grant(pool, made)


async def test_one_that_was_broken_off_is_begun_anew(pool: Pool, clock: Clock) -> None:
    class BrokenOff(Exception):
        pass

    def break_off(done: int, _: int) -> None:
        if done == 5:
            raise BrokenOff

    with pytest.raises(BaseExceptionGroup):
        await seed(pool, progress=break_off, now=clock(), story=beginning(20))
    broken = await list_networks(pool)
    assert set(broken) == {UNFINISHED}
    assert await find(pool) is None

    story = beginning(10)
    made = await seed(pool, progress=lambda *_: None, now=clock(), story=story)
    assert await list_networks(pool) == {SLUG: made.network_id}
    assert made.network_id != broken[UNFINISHED]
    assert (await counted(pool, made, "month")).totals["sessions"] == len(held(story))


@pytest.mark.long
async def test_the_whole_story_reproduces_1400_and_776(pool: Pool, clock: Clock) -> None:
    made = await seed(pool, progress=lambda *_: None, now=clock())
    totals = (await counted(pool, made, "month")).totals
    assert (totals["sessions"], totals["clients"]) == (1400, 776)
    await check_counts(pool, made, draw_story())
    await check_it_is_over(pool, made)
    await check_prices(pool, made)
    await check_grant(pool, made)


# It goes on


async def test_what_goes_on_touches_only_its_own(pool: Pool, clock: Clock) -> None:
    sample = await seed(pool, progress=lambda *_: None, now=clock(), story=beginning(5))
    life = await life_of(pool, sample, clock=clock, chance=Random(1))
    before = await states(pool, sample)
    for _ in range(150):
        await life.look()
        clock.now += timedelta(seconds=20)
    after = await states(pool, sample)
    assert {one for one in after if not is_ours(one[0])} == {
        one for one in before if not is_ours(one[0])
    }
    moved = {state for mark, state in after if is_ours(mark)}
    assert {"closed"} <= moved
    async with transaction(pool, sample.network_id) as db:
        assert await db.fetchval(ASKED, sample.interpreter_id) == 0
        assert await db.fetchval(OVERLAPPING) == 0


# Offers made to the interpreter at the present.
ASKED = "SELECT count(*) FROM offers WHERE interpreter_id = $1 AND created_at > '2020-01-01'"


async def states(pool: Pool, sample: SampleNetwork) -> list[tuple[str | None, str]]:
    async with transaction(pool, sample.network_id) as db:
        rows = await db.fetch("SELECT external_reference, state FROM requests ORDER BY id")
    return [(row[0], row[1]) for row in rows]
