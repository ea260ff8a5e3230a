"""Calendars we write (RFC 5545): a feed of somebody's entries, and an invitation for a mail.

Built by the icalendar library: readers drop a whole feed for one badly folded line.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

import icalendar
import msgspec

from interpreters.domain.mail_addresses import MailAddress
from interpreters.domain.windows import Window, at_place, even_pieces, zone

MAKER: Final = "-//interpreters//interpreters//EN"
# What no line may hold (RFC 5545 §3.1), and what some readers take for the end of one.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
REFRESH: Final = timedelta(hours=1)

Method: TypeAlias = Literal["REQUEST", "CANCEL"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `uid` is the same for ever; `sequence` rises with each change of time or place.

    Nothing of a client belongs in it: calendars are shown to families and copied to other clouds.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str  # whose wall clock is shown
    title: str
    place: str | None = None
    text: str | None = None
    url: str | None = None
    cancelled: bool = False
    tentative: bool = False
    changed_at: datetime


def calendar_of(entries: Sequence[Entry], *, name: str, now: datetime) -> bytes:
    """Return a feed to subscribe to. What is cancelled stays in it as cancelled, so that it goes.

    Raises:
        UnknownTimeZone: an entry's zone is none.
    """
    feed = _empty()
    feed.add("method", "PUBLISH")
    name = CONTROL.sub("", name)
    feed.add("name", name)  # RFC 7986; the next is what most readers know
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", icalendar.vDuration(REFRESH))
    return _written(feed, [_event(one, now) for one in entries], entries)


def invitation(
    entry: Entry,
    method: Method,
    *,
    organizer: MailAddress,
    attendee: MailAddress,
    now: datetime,
) -> bytes:
    """Return what a mail carries so that the reader's calendar takes the entry, or lets it go.

    RFC 5546: of a cancellation the sequence is higher than the invitation's.

    Raises:
        UnknownTimeZone: the entry's zone is none.
    """
    event = _event(msgspec.structs.replace(entry, cancelled=method == "CANCEL"), now)
    event.add("organizer", _person(organizer))
    invited = _person(attendee)
    invited.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    event.add("attendee", invited)
    letter = _empty()
    letter.add("method", method)
    return _written(letter, [event], [entry])


def method_of(letter: str) -> Method:
    """Return the method of what `invitation` made."""
    return "CANCEL" if "\r\nMETHOD:CANCEL\r\n" in letter else "REQUEST"


def _empty() -> icalendar.Calendar:
    made = icalendar.Calendar()
    made.add("prodid", MAKER)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    return made


def _event(entry: Entry, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", CONTROL.sub("", entry.uid))
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("dtstart", _shown(entry.starts_at, entry.time_zone))
    event.add("dtend", _shown(entry.ends_at, entry.time_zone))
    event.add("summary", CONTROL.sub("", entry.title))
    event.add("status", _status(entry))
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    for property_name, value in (
        ("location", entry.place),
        ("description", entry.text),
        ("url", entry.url and "".join(entry.url.split())),
    ):
        if value:
            event.add(property_name, CONTROL.sub("", value))
    return event


def _status(entry: Entry) -> str:
    if entry.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.tentative else "CONFIRMED"


def _shown(instant: datetime, time_zone: str) -> datetime:
    """Return the wall time with its zone; of a time shown twice the second, which has no form of

    its own in a file, in UTC.
    """
    shown = at_place(instant=instant, time_zone=time_zone)
    return instant.astimezone(UTC) if shown.fold else shown


def _person(person: MailAddress) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{person.spec}")
    if person.name:
        address.params["CN"] = person.name
    return address


def _written(
    calendar: icalendar.Calendar, events: Sequence[icalendar.Event], entries: Sequence[Entry]
) -> bytes:
    """Return the file with the zones its times are in, defined for the years they are in."""
    named = {one[field].params.get("TZID") for one in events for field in ("DTSTART", "DTEND")}
    if zones := sorted(named - {None}):
        years = [one.year for entry in entries for one in (entry.starts_at, entry.ends_at)]
        span = Window(
            starts_at=datetime(min(years) - 1, 1, 1, tzinfo=UTC),
            ends_at=datetime(max(years) + 2, 1, 1, tzinfo=UTC),
        )
        for name in zones:
            calendar.add_component(_zone(name, span))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _zone(name: str, span: Window) -> icalendar.Timezone:
    """Return a zone by its changes, each told on the clock of before it (RFC 5545 §3.6.5).

    The library tells those of spring on the clock of after, an hour late.
    """
    defined = icalendar.Timezone()
    defined.add("tzid", name)
    before: timedelta | None = None
    for piece, offset in even_pieces(window=span, time_zone=name):
        here = piece.starts_at.astimezone(zone(name))
        change = icalendar.TimezoneDaylight() if here.dst() else icalendar.TimezoneStandard()
        told = offset if before is None else before
        change.add("dtstart", piece.starts_at.replace(tzinfo=None) + told)
        change.add("tzoffsetfrom", told)
        change.add("tzoffsetto", offset)
        change.add("tzname", here.tzname())
        defined.add_component(change)
        before = offset
    return defined
