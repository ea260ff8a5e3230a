"""The fault run's checker complains of every kind of broken world, and of no right one."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import asyncpg
import pytest

from api import serving
from centre import START, Centre
from conftest import NUMBERS, Clock
from faults.checker import NEVER, NEVER_LATE, check
from faults.checker_told import NETWORK
from faults.evidence import Evidence, Fault
from faults.journal import Entry, show
from faults.outside import Heard
from interpreters.application.messages import Message
from interpreters.database import open_pool
from people_post import Post
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
MORNING: Final = START - timedelta(days=1)
COPY: Final = """
    DO $$ DECLARE columns text; BEGIN
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attnum > 0 AND attgenerated = ''
          AND attname <> 'id' AND NOT attisdropped;
        EXECUTE format('INSERT INTO {table} (id, %s) SELECT gen_random_uuid(), %s FROM {table}
                        WHERE {where} LIMIT 1', columns, columns);
    END $$
"""
# What is done to the tables, and of what the checker must complain then.
TABLES: Final[Mapping[str, str]] = {
    "two live bookings of one interpreter overlap":
        "ALTER TABLE bookings DROP CONSTRAINT bookings_interpreter_is_free;"
        "DROP INDEX bookings_seat_is_taken_once;"
        + COPY.format(table="bookings", where="state = ''confirmed''"),
    "a seat has two standing bookings":
        "DROP INDEX bookings_seat_is_taken_once;"
        + COPY.format(table="bookings", where="state = ''completed''"),
    "a seat is filled and nobody is booked":
        "UPDATE bookings SET state = 'released' WHERE state = 'confirmed'",
    "somebody is booked on a seat that is not filled":
        "UPDATE request_seats SET state = 'unfilled' WHERE state = 'filled'",
    "a yes has no booking": "UPDATE bookings SET offer_id = NULL",
    "somebody was asked twice in one ladder": COPY.format(
        table="offers", where="state = ''taken''"
    ),
    "one wave was asked twice": "UPDATE offers SET created_at = created_at + interval '1 second'"
        " WHERE id = (SELECT id FROM offers WHERE state = 'open' LIMIT 1)",
    "a completed booking has not one entry of its session": "DELETE FROM usage_entries",
    "an open seat is not searched":
        "UPDATE offers SET state = 'expired' WHERE state = 'open';"
        "UPDATE requests SET next_step_at = NULL",
    "a next step is not in the clock": "DELETE FROM due WHERE kind = 'ladder'",
    "the end of an offer is not in the clock": "DELETE FROM due WHERE kind = 'offers'",
    "an outbox row is left": "UPDATE outbox SET done_at = NULL",
    "an outbox row is not one event": "DELETE FROM events WHERE type = 'booking.confirmed'",
    "an event comes from no outbox row": "DELETE FROM outbox WHERE type = 'booking.confirmed'",
    "a place is missing in the feed, or its order is wrong":
        "UPDATE events SET place = place + 1000 WHERE type = 'booking.completed'",
    "an offer has not one event of being sent": "DELETE FROM events WHERE type = 'offer.sent'",
    "an offer has not one event of its end":
        "UPDATE events SET type = 'offer.withdrawn' WHERE type = 'offer.taken'",
    "a request was not created once": "DELETE FROM events WHERE type = 'request.created'",
    "a booking ended more or less than once": "DELETE FROM events WHERE type = 'booking.completed'",
    "a client's reference was taken for two requests":
        "UPDATE requests SET external_reference = 'R-1'",
    "a timer has not fired": "UPDATE due SET at = at - interval '30 days'",
    "an offer is open after its time":
        "UPDATE offers SET answer_by = answer_by - interval '30 days' WHERE state = 'open'",
    "a next step was not taken":
        "UPDATE requests SET next_step_at = next_step_at - interval '30 days'",
    "a message waits": "UPDATE messages SET state = 'waiting' WHERE purpose = 'offer'",
    "an acknowledged request is lost":
        "UPDATE requests SET external_reference = 'R-9' WHERE external_reference = 'R-1'",
    "an acknowledged yes is lost":
        "SET session_replication_role = replica; DELETE FROM bookings WHERE state = 'confirmed'",
    "an acknowledged end is lost":
        "UPDATE bookings SET state = 'in_progress' WHERE state = 'completed'",
    "a booking has ended and nobody has asked for it":
        "UPDATE bookings SET state = 'given_back' WHERE state = 'confirmed'",
    "a message has arrived that nobody has sent": "DELETE FROM messages WHERE purpose = 'offer'",
    "a message was given up": "UPDATE messages SET state = 'failed'",
    "the same was said in two messages": COPY.format(
        table="messages", where="purpose = ''offer-taken''"
    ),
    "a loser was not told": "DELETE FROM messages WHERE purpose = 'offer-taken'",
}  # fmt: skip


@dataclass
class Judged:
    """A right world, its evidence, and a line to its database that sees all."""

    db: asyncpg.Connection
    evidence: Evidence
    clock: Clock

    async def complaints(self, evidence: Evidence | None = None) -> list[str]:
        found = await check(self.db, evidence or self.evidence, now=self.clock())
        return found.complaints


class Ears:
    """What carries messages: it hears them, at once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heard: list[Heard] = []

    async def carry(self, message: Message) -> str | None:
        at = self.clock().timestamp()
        self.heard.append(Heard("mail", str(message.id), message.recipient, at, taken=True))
        return None


@pytest.fixture(scope="module")
async def judged(template: str) -> AsyncIterator[Judged]:
    """One offer taken from three others, one session held, one search that goes on."""
    name = f"judged_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    pool = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=4
    )
    clock = Clock(MORNING)
    db = await asyncpg.connect(database_url(role="postgres", database=name))
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        evidence = await lived(centre, clock)
        evidence.heard += await hooked(db, evidence, clock)
        yield Judged(db, evidence, clock)
    await db.close()
    await pool.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def lived(centre: Centre, clock: Clock) -> Evidence:
    """Let something of everything happen; return the evidence of it, without webhooks."""
    ears = Ears(clock)
    post = Post(centre, {"mail": ears})
    people = await centre.people(6)
    journal: list[Entry] = []

    def promise(what: Any, thing: str, made: str) -> None:
        at = clock().timestamp()
        journal.append(Entry(what=what, thing=thing, at=at, said=200, made=made))

    async def booked(number: int, **order: Any) -> tuple[Any, str]:
        made = await centre.asked(external_reference=f"R-{number}", **order)
        promise("ask", f"R-{number}", made["id"])
        await post.work()
        clock.now += timedelta(minutes=1)
        asked = [person for person in people if await person.offers()]
        one = asked[0]
        offer = (await one.offers())[0]["id"]
        answer = await one.api.post(f"/v1/offers/{offer}/accept")
        promise("accept", offer, answer.json()["id"])
        clock.now += timedelta(seconds=1)
        await post.work()
        return one, answer.json()["id"]

    await booked(1)
    one, session = await booked(2, starts_at=..., starts="now", modes=["phone"], site_id=...)
    for verb in ("start", "end"):
        clock.now += timedelta(minutes=5)
        assert (await one.api.post(f"/v1/bookings/{session}/{verb}")).status_code == 200
    promise("end", session, session)
    made = await centre.asked(
        external_reference="R-3", starts_at=(START + timedelta(days=3)).isoformat()
    )
    promise("ask", "R-3", made["id"])
    await post.work()
    await post.work()
    return Evidence(centre.network.id, {"network": None}, journal, ears.heard, [(0.0, 0.0)], [])


async def hooked(db: asyncpg.Connection, evidence: Evidence, clock: Clock) -> list[Heard]:
    """Return each event as an endpoint takes it."""
    rows = await db.fetch("SELECT * FROM events WHERE network_id = $1", evidence.network_id)
    prefix = {"request_id": "req", "booking_id": "bkg", "offer_id": "off",
              "institution_id": "ins", "interpreter_id": "int"}  # fmt: skip
    heard = []
    for row in sorted(rows, key=lambda one: one["place"]):
        if row["type"] not in NETWORK:
            continue
        shown = show("evt", row["id"])
        ids = {k: None if row[k] is None else show(p, row[k]) for k, p in prefix.items()}
        data = {"event_id": shown, "ids": ids, "state": row["state"]}
        text = json.dumps({"type": row["type"], "data": data})
        at = row["recorded_at"].timestamp() + 0.4
        signed = row["recorded_at"]
        heard.append(
            Heard("webhook", shown, "network", at, taken=True, text=text, signed_at=signed)
        )
    return heard


async def test_a_right_world_is_right(judged: Judged) -> None:
    states = await judged.db.fetch("SELECT DISTINCT o.state FROM offers o ORDER BY 1")
    assert [row[0] for row in states] == ["accepted", "open", "taken"]
    assert await judged.complaints() == []


def test_every_statement_of_the_checker_is_broken_here() -> None:
    assert set(TABLES) >= {*NEVER, *NEVER_LATE}


@pytest.mark.parametrize("about", TABLES)
async def test_broken_tables_are_complained_of(judged: Judged, about: str) -> None:
    changing = judged.db.transaction()
    await changing.start()
    try:
        await judged.db.execute(TABLES[about])
        complaints = await judged.complaints()
    finally:
        await changing.rollback()
    assert [one for one in complaints if one.startswith(about + ": ")], complaints


def hooks(evidence: Evidence) -> list[Heard]:
    return [one for one in evidence.heard if one.kind == "webhook"]


def mails(evidence: Evidence) -> list[Heard]:
    return [one for one in evidence.heard if one.kind == "mail"]


def lose_a_webhook(evidence: Evidence) -> None:
    evidence.heard.remove(hooks(evidence)[3])


def not_take_a_webhook(evidence: Evidence) -> None:
    hooks(evidence)[3].taken = False


def swap_two_webhooks(evidence: Evidence) -> None:
    first, second = hooks(evidence)[:2]
    here, there = evidence.heard.index(first), evidence.heard.index(second)
    evidence.heard[here], evidence.heard[there] = second, first


def repeat_a_webhook(evidence: Evidence) -> None:
    one = deepcopy(hooks(evidence)[0])
    one.at += 12
    evidence.heard.append(one)


def repeat_a_mail(evidence: Evidence) -> None:
    one = deepcopy(mails(evidence)[0])
    one.at += 90
    evidence.heard.append(one)


def break_a_signature(evidence: Evidence) -> None:
    hooks(evidence)[0].wrong = "signature"


def sign_with_an_old_time(evidence: Evidence) -> None:
    one = hooks(evidence)[0]
    assert one.signed_at is not None
    one.signed_at -= timedelta(seconds=301)


def say_something_else(evidence: Evidence) -> None:
    one = hooks(evidence)[0]
    one.text = one.text.replace("request.created", "request.cancelled")


def tell_a_stranger(evidence: Evidence) -> None:
    evidence.hooks["school"] = evidence.network_id  # an institution that has nothing
    stray = deepcopy(hooks(evidence)[0])
    stray.to = "school"
    evidence.heard.append(stray)


def lose_a_mail(evidence: Evidence) -> None:
    evidence.heard.remove(mails(evidence)[0])


def slow_everybody(evidence: Evidence) -> None:
    for one in mails(evidence):
        one.at += 6


def invent_a_yes(evidence: Evidence) -> None:
    one = next(one for one in evidence.journal if one.what == "accept")
    evidence.journal.append(
        Entry(
            what="accept",
            thing=one.thing,
            at=one.at,
            said=200,
            made=show("bkg", evidence.network_id),
        )
    )


def invent_a_tap(evidence: Evidence) -> None:
    evidence.journal.append(Entry(what="tap", thing="ol_NOBODY", at=0, said=200))


def invent_a_give_back(evidence: Evidence) -> None:
    one = next(one for one in evidence.journal if one.what == "accept")
    evidence.journal.append(Entry(what="give-back", thing=one.made or "", at=one.at, said=200))


LOGS: Final[list[tuple[Callable[[Evidence], None], str]]] = [
    (lose_a_webhook, "the endpoint network was not told"),
    (not_take_a_webhook, "the endpoint network was not told"),
    (swap_two_webhooks, "the endpoint network was told in another order"),
    (repeat_a_webhook, "something was said twice and no process had died"),
    (repeat_a_mail, "something was said twice and no process had died"),
    (break_a_signature, "the endpoint network was told what it cannot verify"),
    (sign_with_an_old_time, "the endpoint network was told what it cannot verify"),
    (say_something_else, "the endpoint network was told something else"),
    (tell_a_stranger, "the endpoint school was told what is not its own"),
    (lose_a_mail, "a message that was sent has not arrived"),
    (slow_everybody, "a loser was told late"),
    (repeat_a_mail, "an offer was sent that was answered before"),
    (invent_a_yes, "an acknowledged yes is lost"),
    (invent_a_tap, "an acknowledged yes is lost"),
    (invent_a_give_back, "an acknowledged give-back is lost"),
]


@pytest.mark.parametrize(("spoil", "about"), LOGS)
async def test_broken_logs_are_complained_of(
    judged: Judged, spoil: Callable[[Evidence], None], about: str
) -> None:
    evidence = deepcopy(judged.evidence)
    spoil(evidence)
    complaints = await judged.complaints(evidence)
    assert [one for one in complaints if one.startswith(about + ": ")], complaints


async def test_a_repeat_is_right_where_a_process_died_between_sending_and_marking(
    judged: Judged,
) -> None:
    evidence = deepcopy(judged.evidence)
    repeat_a_webhook(evidence)
    at = hooks(evidence)[0].at
    evidence.faults.append(Fault("kill-worker", began=at + 0.1, ended=at + 0.1))
    assert await judged.complaints(evidence) == []


async def test_a_webhook_that_is_under_way_when_the_clock_jumps_was_signed_in_time(
    judged: Judged,
) -> None:
    evidence = deepcopy(judged.evidence)
    for one in hooks(evidence):
        evidence.jumps += [(one.at - 0.2, 400.0), (one.at + 0.2, 0.0)]
    assert [one for one in await judged.complaints(evidence) if "verify" in one] == []


async def test_a_slow_mail_says_nothing_on_a_machine_with_too_much_to_do(judged: Judged) -> None:
    evidence = deepcopy(judged.evidence)
    slow_everybody(evidence)
    evidence.crowded += [one.at - 1 for one in evidence.heard]
    found = [one for one in await judged.complaints(evidence) if "late" in one]
    assert found == []


async def test_a_slow_mail_is_right_while_something_was_wrong(judged: Judged) -> None:
    evidence = deepcopy(judged.evidence)
    slow_everybody(evidence)
    began = min(one.at for one in evidence.heard)
    evidence.faults.append(Fault("mail-away", began=began - 60, ended=began + 86_400))
    found = [one for one in await judged.complaints(evidence) if "late" in one]
    assert found == []
