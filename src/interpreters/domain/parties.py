"""Supervised contact: people who must not meet come one after the other, to a room of their own.

Parties are what a request's details hold: `{reference, arrives_at, client_id}`, the instant as
text, the id once the person is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from interpreters.domain.briefings import BRIEFING, attended
from interpreters.domain.errors import FieldError, Invalid, Refusal
from interpreters.domain.windows import Window

Party: TypeAlias = Mapping[str, Any]

PARTIES: Final = "parties"  # their name in a request's details
# One has left the door and the corridor before the next one comes.
APART: Final = timedelta(minutes=10)
# The first may come so long before the session: for a talk with those who watch over it.
EARLIEST: Final = timedelta(hours=2)


class RoomIsTaken(Refusal):
    """Others who must not be met have the room at that time."""

    code = "room-is-taken"
    title = "The room is taken then"


class RoomIsUsed(Refusal):
    """A room is to go that people who must not meet others will come to."""

    code = "room-is-used"
    title = "The room is wanted by people who must not meet others"


def parties_of(details: Mapping[str, Any]) -> Sequence[Party]:
    """Return the parties that a request's details name."""
    return details.get(PARTIES) or ()


def party_ids(details: Mapping[str, Any]) -> list[UUID]:
    """Return the ids of the parties, as far as they are known as clients."""
    return [UUID(one["client_id"]) for one in parties_of(details) if "client_id" in one]


def known_party_ids(details: Mapping[str, Any]) -> list[UUID] | None:
    """Return the ids of all parties; None when somebody among them is not known as a client."""
    found = party_ids(details)
    return found if len(found) == len(parties_of(details)) else None


def arrivals(parties: Sequence[Party]) -> list[datetime]:
    """Return when they come, in order."""
    return sorted(_arrival(one) for one in parties)


def room_time(*, session: Window, parties: Sequence[Party], briefing_minutes: int) -> Window:
    """Return for how long the room is theirs alone: from the briefing before the first to the end.

    The first is whichever comes first: a party, or the session itself.
    """
    first = min([session.starts_at, *arrivals(parties)])
    together = Window(starts_at=first, ends_at=session.ends_at)
    return attended(session=together, briefing_minutes=briefing_minutes)


def refuse_parties(parties: Sequence[Party], *, session: Window) -> None:
    """Do nothing when the parties can be kept from meeting.

    Raises:
        Invalid: one is named twice, two come within 10 minutes, one comes more than 2 hours
            before the session or not before its end.
    """
    errors = [*_errors(parties, session)]
    if errors:
        raise Invalid(errors)


def refuse_shift(parties: Sequence[Party], *, minutes: int, pointer: str) -> None:
    """Do nothing unless another time would be offered to parties who were told when to come.

    Raises:
        Invalid: it would; `pointer` is where the fallbacks stand.
    """
    if parties and minutes:
        detail = "The parties were told when to come: no other time can be offered"
        raise Invalid([_error(f"{pointer}/shift_minutes", "conflicting", detail)])


def shifted_parties(
    parties: Sequence[Party], *, was: datetime, to: datetime
) -> list[dict[str, Any]]:
    """Return the parties of a session that is moved from one start to another.

    Each comes as long before or after the start as was said, so those who must not meet never do,
    also in a night when clocks change; where the start keeps its time on the wall, they do too.
    """
    by = to - was
    return [{**one, "arrives_at": _text(_arrival(one) + by)} for one in parties]


def changed_details(
    details: Mapping[str, Any], given: Mapping[str, Any], *, was: datetime, to: datetime
) -> dict[str, Any]:
    """Return a request's details with the parties and the briefing that were given.

    Parties that were not given come with the session, which is moved from `was` to `to`.
    """
    changed = dict(details)
    if details.get(PARTIES) and was != to:
        changed[PARTIES] = shifted_parties(details[PARTIES], was=was, to=to)
    changed |= {name: given[name] for name in (PARTIES, BRIEFING) if name in given}
    return {name: value for name, value in changed.items() if value or name not in given}


def _errors(parties: Sequence[Party], session: Window) -> Iterator[FieldError]:
    seen: dict[str, datetime] = {}
    for place, one in enumerate(parties):
        arrives_at, pointer = _arrival(one), f"/{PARTIES}/{place}"
        if one["reference"] in seen:
            yield _error(f"{pointer}/reference", "duplicate", "Each party once")
        elif any(abs(arrives_at - other) < APART for other in seen.values()):
            detail = "Parties come at least 10 minutes apart, so that they do not meet"
            yield _error(f"{pointer}/arrives_at", "arrivals-too-close", detail)
        if not session.starts_at - EARLIEST <= arrives_at < session.ends_at:
            detail = "At most 2 hours before the session, and before its end"
            yield _error(f"{pointer}/arrives_at", "out-of-range", detail)
        seen.setdefault(one["reference"], arrives_at)


def _arrival(one: Party) -> datetime:
    return datetime.fromisoformat(one["arrives_at"])


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
