"""Whether everybody was told: the messages and events in the tables against what was heard."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from faults.evidence import Evidence, Findings
from faults.journal import show, uuid_of
from faults.outside import Heard

TOLERANCE: Final = 300.0  # seconds since a webhook's signature that the standard's library allows
# Of API's list of events: what goes to addresses, and of it what an institution hears of its own.
PUBLIC: Final = {
    "request": "created searching partly_filled filled unfilled changed cancelled",
    "offer": "sent accepted declined expired taken withdrawn",
    "booking": "confirmed started completed cancelled given_back no_show disputed",
    "usage": "recorded",
    "statement": "issued",
}
NETWORK: Final = {f"{kind}.{one}" for kind, names in PUBLIC.items() for one in names.split()}
INSTITUTION: Final = {one for one in NETWORK if not one.startswith("offer.")}
# When an offer ended, and whether who was asked had heard of it. $1 network_id
LOSERS: Final = """
    SELECT o.id AS offer_id, e.recorded_at, x.done_at,
           upper(coalesce(o.session, r.session)) AS over,
           (SELECT m.id FROM messages m WHERE m.network_id = $1 AND m.offer_id = o.id
              AND m.purpose = 'offer') AS asked,
           (SELECT array_agg(m.id) FROM messages m WHERE m.network_id = $1 AND m.offer_id = o.id
              AND m.purpose IN ('offer-taken', 'offer-withdrawn')) AS told
    FROM offers o JOIN requests r ON r.network_id = o.network_id AND r.id = o.request_id
    JOIN events e ON e.network_id = o.network_id AND e.offer_id = o.id
     AND e.type = 'offer.' || o.state AND e.subject_kind = 'offer'
    JOIN outbox x ON x.network_id = o.network_id AND x.event_id = e.id
    WHERE o.network_id = $1 AND o.state IN ('taken', 'withdrawn')
"""
# $1 network_id
ENDED: Final = """
    SELECT m.id, e.recorded_at FROM messages m JOIN events e
      ON e.network_id = m.network_id AND e.offer_id = m.offer_id AND e.subject_kind = 'offer'
     AND e.type IN ('offer.accepted', 'offer.declined', 'offer.expired', 'offer.taken',
                    'offer.withdrawn')
    WHERE m.network_id = $1 AND m.purpose = 'offer'
"""
# $1 network_id
DOUBLED: Final = """
    SELECT m.purpose || ' ' || min(m.id::text) FROM messages m
    WHERE m.network_id = $1 AND (m.offer_id IS NOT NULL
        OR (m.booking_id IS NOT NULL AND m.purpose IN (
            'booking-cancelled', 'booking-given-back')))
    GROUP BY m.purpose, m.offer_id, m.booking_id, m.interpreter_id HAVING count(*) > 1
"""
# Requests of which a webhook failed once: what follows it waits for it. $1 network_id
HELD_UP: Final = """
    SELECT DISTINCT d.subject_id FROM webhook_deliveries d
    WHERE d.network_id = $1 AND d.tries > 1
"""


async def check_told(db: asyncpg.Connection, evidence: Evidence, findings: Findings) -> None:
    """Complain of whoever was not told, told twice or told too late."""
    told = _Told(db, evidence, findings)
    await told.check_messages()
    await told.check_losers()
    await told.check_late_offers()
    await told.check_hooks()
    told.check_repeats()


class _Told:
    def __init__(self, db: asyncpg.Connection, evidence: Evidence, findings: Findings) -> None:
        self.db, self.evidence, self.findings = db, evidence, findings
        self.by_message: defaultdict[str, list[Heard]] = defaultdict(list)
        self.by_hook: defaultdict[str, list[Heard]] = defaultdict(list)
        for one in evidence.heard:
            if one.kind == "webhook":
                self.by_hook[one.to].append(one)
            else:
                self.by_message[one.id].append(one)

    async def rows(self, statement: str) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = await self.db.fetch(
            statement, self.evidence.network_id
        )
        return found

    def is_quiet(self, since: float, until: float) -> bool:
        """Tell whether nothing was wrong while it should have been told."""
        return self.evidence.is_quiet(since, min(until, since + self.evidence.prompt))

    async def check_messages(self) -> None:
        """What is noted as sent has arrived; what has arrived is known; each thing is said once."""
        rows = await self.rows("SELECT * FROM messages WHERE network_id = $1")
        known = {str(row["id"]) for row in rows}
        sent = [str(row["id"]) for row in rows if row["state"] == "sent"]
        lost = [one for one in sent if one not in self.by_message]
        self.findings.complain("a message that was sent has not arrived", lost)
        strange = [one for one in self.by_message if one not in known]
        self.findings.complain("a message has arrived that nobody has sent", strange)
        failed = [str(row["id"]) for row in rows if row["state"] == "failed"]
        self.findings.complain("a message was given up", failed)
        doubled = [row[0] for row in await self.rows(DOUBLED)]
        self.findings.complain("the same was said in two messages", doubled)
        self.findings.figures["messages sent"] = str(len(sent))

    async def check_losers(self) -> None:
        """Who had heard of an offer hears that it is over, unless its session is over as well."""
        silent, slow, took = [], [], list[float]()
        for row in await self.rows(LOSERS):
            asked = self.by_message.get(str(row["asked"]))
            if not asked or row["done_at"] is None or row["over"] <= row["done_at"]:
                continue
            heard = [
                one for name in row["told"] or [] for one in self.by_message.get(str(name), [])
            ]
            if not heard:
                silent.append(str(row["offer_id"]))
                continue
            seconds = self.evidence.between(row["recorded_at"], min(one.at for one in heard))
            ended = self.evidence.real(row["recorded_at"])
            first = min(one.at for one in heard)
            if seconds is None or not all(self.is_quiet(at, first) for at in ended):
                continue
            took.append(seconds)
            crowded = any(self.evidence.is_crowded(at, first) for at in ended)
            if seconds > self.evidence.prompt and not crowded:
                slow.append(f"{row['offer_id']} after {seconds:.1f} s")
        self.findings.complain("a loser was not told", silent)
        self.findings.complain("a loser was told late", slow)
        self.findings.time("losers told, while nothing was wrong", took)

    async def check_late_offers(self) -> None:
        """Nobody is asked for a yes that nobody waits for."""
        late = []
        for row in await self.rows(ENDED):
            for one in self.by_message.get(str(row["id"]), []):
                ended = self.evidence.real(row["recorded_at"])
                if ended and one.at - max(ended) > self.evidence.prompt:
                    late.append(f"{row['id']} {one.at - max(ended):.1f} s after the end")
        self.findings.complain("an offer was sent that was answered before", late)

    async def check_hooks(self) -> None:
        rows = await self.rows("SELECT * FROM events WHERE network_id = $1 ORDER BY place")
        events = {show("evt", row["id"]): row for row in rows}
        for name, owner in self.evidence.hooks.items():
            self._check_hook(name, owner, events)
        held_up = {row["subject_id"] for row in await self.rows(HELD_UP)}
        took = list[float]()
        for one in self.by_hook["network"]:
            row = events.get(one.id)
            if one.taken and row is not None and row["request_id"] not in held_up:
                gone = self.evidence.between(row["recorded_at"], one.at)
                if gone is not None and self.is_quiet(one.at - gone, one.at):
                    took.append(gone)
        self.findings.time("webhooks taken, while nothing was wrong", took)
        self.findings.figures["events"] = str(len(events))

    def _check_hook(
        self, name: str, owner: UUID | None, events: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Everything that concerns it, nothing else, signed; in order for each request."""
        kinds = NETWORK if owner is None else INSTITUTION
        wanted = {
            shown: row
            for shown, row in events.items()
            if row["type"] in kinds and owner in (None, row["institution_id"])
        }
        taken: dict[str, float] = {}
        for one in self.by_hook[name]:
            if one.taken:
                taken.setdefault(one.id, one.at)
        heard = {one.id for one in self.by_hook[name]}
        missing = [f"{one} ({wanted[one]['type']})" for one in wanted if one not in taken]
        self.findings.complain(f"the endpoint {name} was not told", missing)
        foreign = [one for one in heard if one not in wanted]
        self.findings.complain(f"the endpoint {name} was told what is not its own", foreign)
        wrong = [
            f"{one.id} {one.wrong or 'timestamp'}"
            for one in self.by_hook[name]
            if one.wrong or not self._signed_of_late(one)
        ]
        self.findings.complain(f"the endpoint {name} was told what it cannot verify", wrong)
        other = [
            one.id
            for one in self.by_hook[name]
            if one.id in wanted and not _says(one.text, one.id, wanted[one.id])
        ]
        self.findings.complain(f"the endpoint {name} was told something else", other)
        last: dict[UUID, int] = {}
        early = []
        for shown in taken:  # in the order of the first time each was taken
            if shown not in wanted:
                continue
            row = wanted[shown]
            subject = row["request_id"] or row["booking_id"] or row["subject_id"]
            if row["place"] < last.get(subject, 0):
                early.append(shown)
            last[subject] = max(last.get(subject, 0), row["place"])
        self.findings.complain(f"the endpoint {name} was told in another order", early)
        self.findings.figures[f"webhooks to {name}"] = str(len(taken))

    def _signed_of_late(self, one: Heard) -> bool:
        """Tell whether a webhook's time was right when it was sent: a jump may come between."""
        gone = None if one.signed_at is None else self.evidence.between(one.signed_at, one.at)
        return gone is not None and gone <= TOLERANCE

    def check_repeats(self) -> None:
        """The same is handed over again only where a process died between sending and marking."""
        times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        for one in self.evidence.heard:
            if one.taken:
                times[one.to if one.kind == "webhook" else one.kind, one.id].append(one.at)
        again = [
            (f"{to} {name} {second - first:.1f} s later", self.evidence.cause(first, second))
            for (to, name), at in times.items()
            for first, second in pairwise(at)
        ]
        causeless = [told for told, cause in again if cause is None]
        self.findings.complain("something was said twice and no process had died", causeless)
        causes = Counter(cause for _, cause in again)
        self.findings.figures["said twice, after a death between sending and marking"] = str(
            causes["death"]
        )
        self.findings.figures["said twice, as the clock jumped over a lease"] = str(causes["jump"])


def _says(body: str, shown: str, row: Mapping[str, Any]) -> bool:
    """Tell whether a webhook's body is about that event."""
    told = msgspec.json.decode(body)
    ids = told["data"]["ids"]
    return (
        told["type"] == row["type"]
        and told["data"]["event_id"] == shown
        and told["data"]["state"] == row["state"]
        and all(
            (None if ids[name] is None else uuid_of(ids[name])) == row[name]
            for name in ("request_id", "booking_id", "offer_id", "institution_id", "interpreter_id")
        )
    )
