"""Whether a world is right after everything: its tables against what its clients were promised.

It shares no code with the application: its own statements, as the superuser, who sees all rows.
What people and machines were told is checked in `checker_told.py`.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from faults.checker_told import check_told
from faults.evidence import Evidence, Findings
from faults.journal import Entry, What, show, uuid_of

LATE: Final = timedelta(seconds=30)
ENDS: Final = ("accepted", "declined", "expired", "taken", "withdrawn")
LIVE: Final = "('held', 'confirmed', 'in_progress')"
# An offer of the present ladder: not of one that ended when somebody gave the booking back. Where
# the clock was put back between, only the order of events tells.
LADDER: Final = """
    o.created_at >= r.ladder_started_at AND NOT EXISTS (
        SELECT FROM events sent JOIN events back ON back.network_id = sent.network_id
            AND back.request_id = o.request_id AND back.type = 'booking.given_back'
            AND back.place > sent.place
        WHERE sent.network_id = o.network_id AND sent.offer_id = o.id AND sent.type = 'offer.sent')
"""
# What is wrong when the statement finds anything; the first column names it. $1 is the network.
NEVER: Final[Mapping[str, str]] = {
    "two live bookings of one interpreter overlap": f"""
        SELECT a.id::text || '/' || b.id::text FROM bookings a JOIN bookings b
          ON a.network_id = b.network_id AND a.interpreter_id = b.interpreter_id AND a.id < b.id
         AND a.blocked && b.blocked
        WHERE a.network_id = $1 AND a.state IN {LIVE} AND b.state IN {LIVE}""",
    "a seat has two standing bookings": f"""
        SELECT b.request_id::text || '#' || b.seat FROM bookings b
        WHERE b.network_id = $1 AND (b.state IN {LIVE} OR b.state = 'completed')
        GROUP BY b.request_id, b.seat HAVING count(*) > 1""",
    "a seat is filled and nobody is booked": f"""
        SELECT s.request_id::text || '#' || s.seat FROM request_seats s
        WHERE s.network_id = $1 AND s.state IN ('filled', 'held') AND NOT EXISTS (
            SELECT FROM bookings b WHERE b.network_id = $1 AND b.request_id = s.request_id
              AND b.seat = s.seat AND b.state IN {LIVE})""",
    "somebody is booked on a seat that is not filled": f"""
        SELECT b.id::text FROM bookings b JOIN request_seats s
          ON s.network_id = b.network_id AND s.request_id = b.request_id AND s.seat = b.seat
        WHERE b.network_id = $1 AND b.state IN {LIVE}
          AND s.state <> CASE b.state WHEN 'held' THEN 'held' ELSE 'filled' END""",
    "a yes has no booking": """
        SELECT o.id::text FROM offers o WHERE o.network_id = $1 AND o.state = 'accepted'
          AND (SELECT count(*) FROM bookings b
               WHERE b.network_id = $1 AND b.offer_id = o.id) <> 1""",
    "somebody was asked twice in one ladder": f"""
        SELECT min(o.id::text) FROM offers o JOIN requests r
          ON r.network_id = o.network_id AND r.id = o.request_id
        WHERE o.network_id = $1 AND {LADDER}
        GROUP BY o.request_id, o.interpreter_id, o.seat, o.mode, o.from_language, o.to_language,
                 o.session HAVING count(*) > 1""",
    "one wave was asked twice": f"""
        SELECT o.request_id::text || '#' || o.wave FROM offers o JOIN requests r
          ON r.network_id = o.network_id AND r.id = o.request_id
        WHERE o.network_id = $1 AND {LADDER}
        GROUP BY o.request_id, o.wave HAVING count(DISTINCT o.created_at) > 1""",
    "a completed booking has not one entry of its session": """
        SELECT b.id::text FROM bookings b WHERE b.network_id = $1
          AND (SELECT count(*) FROM usage_entries u WHERE u.network_id = $1
                 AND u.booking_id = b.id AND u.kind = 'session')
              <> CASE b.state WHEN 'completed' THEN 1 ELSE 0 END""",
    "an open seat is not searched": """
        SELECT s.request_id::text FROM request_seats s JOIN requests r
          ON r.network_id = s.network_id AND r.id = s.request_id
        WHERE s.network_id = $1 AND s.state = 'open' AND r.next_step_at IS NULL AND NOT EXISTS (
            SELECT FROM offers o WHERE o.network_id = $1 AND o.request_id = r.id
              AND o.state = 'open')""",
    "a next step is not in the clock": """
        SELECT r.id::text FROM requests r LEFT JOIN due d
          ON d.network_id = r.network_id AND d.kind = 'ladder' AND d.id = r.id
        WHERE r.network_id = $1 AND r.next_step_at IS NOT NULL AND d.id IS NULL""",
    "the end of an offer is not in the clock": """
        SELECT o.id::text FROM offers o LEFT JOIN due d
          ON d.network_id = o.network_id AND d.kind = 'offers' AND d.id = o.request_id
        WHERE o.network_id = $1 AND o.state = 'open' AND d.id IS NULL""",
    "an outbox row is left": """
        SELECT o.id::text FROM outbox o
        WHERE o.network_id = $1 AND (o.done_at IS NULL OR NOT o.placed)""",
    "an outbox row is not one event": """
        SELECT o.id::text FROM outbox o WHERE o.network_id = $1 AND (
            SELECT count(*) FROM events e WHERE e.network_id = $1 AND e.id = o.event_id
              AND e.type = o.type AND e.subject_id = o.subject_id) <> 1""",
    "an event comes from no outbox row": """
        SELECT e.place::text FROM events e WHERE e.network_id = $1 AND (
            SELECT count(*) FROM outbox o WHERE o.network_id = $1 AND o.event_id = e.id) <> 1""",
    "a place is missing in the feed, or its order is wrong": """
        SELECT n.place::text FROM (
            SELECT e.place, row_number() OVER w AS rank, e.id, lag(e.id) OVER w AS id_before,
                   e.placed_at, lag(e.placed_at) OVER w AS at_before
            FROM events e WHERE e.network_id = $1 WINDOW w AS (ORDER BY e.place)) n
        WHERE n.place <> n.rank OR n.id <= n.id_before OR n.placed_at < n.at_before""",
    "an offer has not one event of being sent": """
        SELECT o.id::text FROM offers o WHERE o.network_id = $1 AND (
            SELECT count(*) FROM events e WHERE e.network_id = $1 AND e.offer_id = o.id
              AND e.type = 'offer.sent') <> 1""",
    "an offer has not one event of its end": """
        SELECT o.id::text || ' ' || o.state FROM offers o WHERE o.network_id = $1 AND (
            SELECT coalesce(array_agg(e.type::text), '{}') FROM events e
            WHERE e.network_id = $1 AND e.offer_id = o.id AND e.subject_kind = 'offer'
              AND e.type <> 'offer.sent')
          <> CASE o.state WHEN 'open' THEN '{}' ELSE ARRAY['offer.' || o.state] END""",
    "a request was not created once": """
        SELECT r.id::text FROM requests r WHERE r.network_id = $1 AND (
            SELECT count(*) FROM events e WHERE e.network_id = $1 AND e.subject_id = r.id
              AND e.type = 'request.created') <> 1""",
    "a booking ended more or less than once": """
        SELECT b.id::text || ' ' || b.state FROM bookings b WHERE b.network_id = $1 AND (
            SELECT count(*) FROM events e WHERE e.network_id = $1 AND e.subject_id = b.id
              AND e.type IN ('booking.completed', 'booking.cancelled', 'booking.given_back'))
          <> CASE WHEN b.state IN ('completed', 'cancelled', 'given_back', 'released') THEN 1
             ELSE 0 END""",
    "a client's reference was taken for two requests": """
        SELECT r.external_reference FROM requests r
        WHERE r.network_id = $1 AND r.external_reference IS NOT NULL
        GROUP BY r.external_reference, coalesce(r.series_position, 1) HAVING count(*) > 1""",
}  # fmt: skip
# The same, with $2: nothing may have been due before it.
NEVER_LATE: Final[Mapping[str, str]] = {
    "a timer has not fired": """
        SELECT d.kind || ' ' || d.id FROM due d WHERE d.network_id = $1 AND d.at < $2""",
    "an offer is open after its time": """
        SELECT o.id::text FROM offers o
        WHERE o.network_id = $1 AND o.state = 'open' AND o.answer_by < $2""",
    "a next step was not taken": """
        SELECT r.id::text FROM requests r
        WHERE r.network_id = $1 AND r.next_step_at IS NOT NULL AND r.next_step_at < $2""",
    "a message waits": """
        SELECT m.id::text FROM messages m JOIN due d
          ON d.network_id = m.network_id AND d.kind = 'message' AND d.id = m.id
        WHERE m.network_id = $1 AND m.state = 'waiting' AND d.at < $2
        UNION ALL SELECT m.id::text FROM messages m WHERE m.network_id = $1
          AND m.state = 'waiting' AND NOT EXISTS (SELECT FROM due d WHERE d.network_id = $1
            AND d.kind = 'message' AND d.id = m.id)""",
}  # fmt: skip


async def check(db: asyncpg.Connection, evidence: Evidence, *, now: datetime) -> Findings:
    """Return every complaint about the world, by the run's clock `now`, and the figures."""
    findings = Findings()
    await check_timers(db, evidence, findings, now=now)
    for about, statement in NEVER.items():
        rows = await db.fetch(statement, evidence.network_id)
        findings.complain(about, [row[0] for row in rows])
    await _Promises(db, evidence, findings).check()
    await check_told(db, evidence, findings)
    return findings


async def check_timers(
    db: asyncpg.Connection, evidence: Evidence, findings: Findings, *, now: datetime
) -> None:
    """Complain of whatever should have happened half a minute ago."""
    for about, statement in NEVER_LATE.items():
        rows = await db.fetch(statement, evidence.network_id, now - LATE)
        findings.complain(about, [row[0] for row in rows])


class _Promises:
    """Each answer of success in the journal against the tables."""

    def __init__(self, db: asyncpg.Connection, evidence: Evidence, findings: Findings) -> None:
        self.db, self.network_id, self.findings = db, evidence.network_id, findings
        self.journal = evidence.journal

    def of(self, what: What) -> list[Entry]:
        return [one for one in self.journal if one.what == what and one.promised]

    def tried(self, *what: What) -> set[str]:
        return {one.thing for one in self.journal if one.what in what}

    async def rows(self, statement: str) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = await self.db.fetch(statement, self.network_id)
        return found

    async def check(self) -> None:
        self.requests = {
            show("req", row["id"]): row
            for row in await self.rows("SELECT * FROM requests WHERE network_id = $1")
        }
        self.bookings = {
            show("bkg", row["id"]): row
            for row in await self.rows("SELECT * FROM bookings WHERE network_id = $1")
        }
        self.check_created()
        await self.check_yeses()
        self.check_states()
        self.check_reasons()
        tried = Counter(one.what for one in self.journal)
        kept = Counter(one.what for one in self.journal if one.promised)
        for what in tried:
            self.findings.figures[f"calls: {what}"] = f"{tried[what]}, promised {kept[what]}"

    def check_created(self) -> None:
        lost = [
            one.thing
            for one in self.of("ask")
            if self.requests.get(one.made or "", {}).get("external_reference") != one.thing
        ]
        self.findings.complain("an acknowledged request is lost", lost)

    async def check_yeses(self) -> None:
        """Every yes that was answered with success is a booking, of that offer."""
        offers = {one["offer_id"] for one in self.bookings.values()}
        lost = [
            one.thing
            for one in self.of("accept")
            if self.bookings.get(one.made or "", {}).get("offer_id") != uuid_of(one.thing)
        ]
        links = {
            bytes(row["token_hash"]): row["offer_id"]
            for row in await self.rows("SELECT * FROM offer_links WHERE network_id = $1")
        }
        for one in self.of("tap"):
            offer = links.get(hashlib.sha256(one.thing.encode()).digest())
            if offer is None or offer not in offers:
                lost.append(f"the link of {offer}")
        lost += [one.thing for one in self.of("assign") if one.made not in self.bookings]
        self.findings.complain("an acknowledged yes is lost", lost)

    def check_states(self) -> None:
        """What was called off, given back or ended stays so."""
        wanted: list[tuple[What, Mapping[str, Any], str]] = [
            ("cancel-request", self.requests, "cancelled"),
            ("cancel-booking", self.bookings, "cancelled"),
            ("give-back", self.bookings, "given_back"),
            ("end", self.bookings, "completed"),
        ]
        for what, things, state in wanted:
            lost = [
                one.thing
                for one in self.of(what)
                if one.thing not in things or things[one.thing]["state"] != state
            ]
            self.findings.complain(f"an acknowledged {what} is lost", lost)

    def check_reasons(self) -> None:
        """No booking ends by itself: somebody has tried to end it."""
        left = self.tried("give-back")
        off = self.tried("cancel-booking")
        whole = {uuid_of(one) for one in self.tried("cancel-request")}
        # calling off one leg of a relay calls off the other
        whole |= {self.bookings[one]["request_id"] for one in off if one in self.bookings}
        lost = [
            shown
            for shown, one in self.bookings.items()
            if (one["state"] == "given_back" and shown not in left)
            or (one["state"] == "cancelled" and shown not in off and one["request_id"] not in whole)
        ]
        self.findings.complain("a booking has ended and nobody has asked for it", lost)
