"""How long what is kept: rules as data, and when in a network's night they are carried out.

A network may set another number of days for each kind, within its bounds, or None: kept until
somebody erases it. Bookings, events, usage entries and counts are under no rule: they hold ids,
never what a person wrote (docs/privacy.md, which is held to be the same as this by a test).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec

from interpreters.domain.windows import at_place, local_instant

Kind: TypeAlias = Literal[
    "instructions", "connection_details", "reasons", "client_voices", "client_links",
    "inactive_clients", "suspended_interpreters", "messages", "sign_in_attempts", "sign_ins",
    "operations", "answers", "notices", "freed_slots", "plans",
]  # fmt: skip
MOST: Final = 3650  # ten years
NIGHT: Final = 3 * 60  # 03:00 by the network's clock, in minutes


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is forgotten, and when: `days` after `since`, unless the network says otherwise.

    `least` is what something still working needs. `ground` names the article of the GDPR
    (Regulation (EU) 2016/679) that it is kept under until then.
    """

    kind: Kind
    what: str
    since: str
    days: int | None
    least: int = 1
    most: int = MOST
    why: str
    ground: str


SERVICE: Final = "Art. 6(1)(b), (e): the service that was asked for"
RECORD: Final = "Art. 6(1)(c), (e): accounting for public money"
SECURITY: Final = "Art. 6(1)(f): keeping strangers out"

RULES: Final = (
    Rule(
        kind="instructions", what="Instructions for a session, and what else was written of it",
        since="the session", days=30, why="Questions about a session come within weeks",
        ground=SERVICE,
    ),
    Rule(
        kind="connection_details", what="Numbers, addresses and codes to connect with",
        since="the session", days=1, why="They open a call, and nothing else", ground=SERVICE,
    ),
    Rule(
        kind="reasons",
        what="Why something was cancelled, declined, given back, closed, disputed, rated or "
        "corrected, and the answers",
        since="it was closed", days=365, why="A fee is questioned within the year's accounts",
        ground=RECORD,
    ),
    Rule(
        kind="client_voices", what="What clients said through their link, and the answers",
        since="it was said", days=365, why="A complaint is followed up", ground=SERVICE,
    ),
    Rule(
        kind="client_links", what="Links given to clients", since="they ended", days=30,
        why="To tell an old link from a false one", ground=SECURITY,
    ),
    Rule(
        kind="inactive_clients",
        what="Clients: the person is erased, nationality and counts stay",
        since="the last request", days=None, least=30,
        why="How long a case may come back is the institutions' to say", ground=RECORD,
    ),
    Rule(
        kind="suspended_interpreters",
        what="Interpreters who are suspended: the person is erased, bookings stay",
        since="the last booking, offer or change", days=None, least=30,
        why="Unpaid work and disputes come first", ground=RECORD,
    ),
    Rule(
        kind="messages",
        what="That a message was sent (its text and recipient go at once), and when an offer was "
        "seen",
        since="it was written", days=90, why="To show that somebody was told", ground=SERVICE,
    ),
    Rule(
        kind="sign_in_attempts", what="Attempts to sign in by a code", since="the attempt",
        days=1, why="To count them: too many are refused", ground=SECURITY,
    ),
    Rule(
        kind="sign_ins",
        what="Devices that were signed in, invitations, challenges, addresses of calendars",
        since="they ended", days=30, why="To look into a stolen device", ground=SECURITY,
    ),
    Rule(
        kind="operations", what="Files that were imported or exported, and what came of them",
        since="the end of the work", days=1, why="To correct a file at once", ground=SERVICE,
    ),
    Rule(
        kind="answers", what="Answers to repeat under an Idempotency-Key", since="the answer",
        days=7, least=7, why="The interface promises seven days", ground=SERVICE,
    ),
    Rule(
        kind="notices", what="Notices that were told on (the events stay)", since="they were told",
        days=7, why="To look into what was not told", ground=SERVICE,
    ),
    Rule(
        kind="freed_slots", what="Time that was freed by a late call-off, and what it was used for",
        since="its end", days=90, why="To see what late call-offs cost", ground=SERVICE,
    ),
    Rule(
        kind="plans", what="Plans, whom they proposed for what, and why", since="they were made",
        days=90, why="To see what became of them", ground=SERVICE,
    ),
)  # fmt: skip
BY_KIND: Final[Mapping[str, Rule]] = {one.kind: one for one in RULES}


def days_of(said: Mapping[str, int | None]) -> dict[Kind, int | None]:
    """Return how many days each kind is kept; None is until somebody erases it.

    `said` is what the network wants otherwise than the rules.
    """
    return {one.kind: said.get(one.kind, one.days) for one in RULES}


def next_night(*, now: datetime, time_zone: str) -> datetime:
    """Return the next 03:00 by the zone's clock, in UTC: one for each of its days.

    Where spring leaves 03:00 out it is the first minute after; where autumn shows it twice, the
    first.
    """
    day: date = at_place(instant=now, time_zone=time_zone).date()
    night = local_instant(date=day, minute_of_day=NIGHT, time_zone=time_zone)
    while night <= now:
        day += timedelta(days=1)
        night = local_instant(date=day, minute_of_day=NIGHT, time_zone=time_zone)
    return night
