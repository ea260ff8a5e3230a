"""Calendars we write are read as they were meant: by the library, and by our own reader."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpreters.domain.calendar_files import Entry, calendar_of, invitation
from interpreters.domain.calendars import busy_times
from interpreters.domain.mail_addresses import read_mail_address, read_mail_sender
from interpreters.domain.windows import UnknownTimeZone, Window

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
RIGA = "Europe/Riga"
PERSIAN = "ترجمه در مرکز ریگا، ساعت ده و نیم، اتاق دوم "
ORGANIZER = read_mail_sender('Tulku birojs "Rīga", 1 <desk@example.org>')
ATTENDEE = read_mail_address("person@example.net")


def an_entry(**changes) -> Entry:
    fields = {
        "uid": "bkg_1@interpreters.example", "sequence": 2, "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=1), "time_zone": RIGA, "title": "Dari",
        "changed_at": NOW - timedelta(days=1),
    }  # fmt: skip
    return Entry(**{**fields, **changes})


def feed(*entries: Entry, name: str = "Jobs") -> bytes:
    return calendar_of(entries, name=name, now=NOW)


def read(data: bytes) -> tuple[icalendar.Calendar, list[icalendar.Component]]:
    calendar = icalendar.Calendar.from_ical(data)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar, calendar.walk("VEVENT")


def test_a_feed_says_what_it_is_and_when_to_come_back():
    calendar, events = read(feed(an_entry(), name="Mani darbi"))

    assert len(events) == 1
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "Mani darbi"
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in feed()
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in feed()


def test_an_entry_is_read_as_it_was_meant():
    entry = an_entry(
        place="Brīvības iela 1; 2. stāvs, 5",
        text="one\ntwo \\ three",
        url="https://x.example/b/1?a=1,2;3",
    )
    _, [event] = read(feed(entry))

    assert event["UID"] == "bkg_1@interpreters.example"
    assert event["SEQUENCE"] == 2
    assert event["SUMMARY"] == "Dari"
    assert event["LOCATION"] == entry.place
    assert event["DESCRIPTION"] == entry.text
    assert event["URL"] == entry.url
    assert event["STATUS"] == "CONFIRMED"
    assert event.decoded("DTSTAMP") == NOW
    assert event.decoded("LAST-MODIFIED") == entry.changed_at
    assert event["DTSTART"].params["TZID"] == RIGA
    assert event["DTSTART"].dt == NOW
    assert event["DTEND"].dt == NOW + timedelta(hours=1)


def test_what_is_cancelled_is_in_it_and_takes_no_time():
    data = feed(an_entry(cancelled=True))
    _, [event] = read(data)

    assert event["STATUS"] == "CANCELLED"
    assert busy_times(data, window=AROUND, time_zone="UTC") == []


AROUND = Window(
    starts_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=datetime(2028, 1, 1, tzinfo=UTC)
)
# Clocks change at 01:00 UTC in Europe on 29 March and 25 October, at 07:00 and 06:00 in New York on
# 8 March and 1 November.
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
           datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(CHANGES),
    st.integers(-300, 300),
    st.integers(1, 600),
    st.sampled_from([RIGA, "America/New_York", "Asia/Kathmandu", "UTC"]),
    st.booleans(),
)
def test_any_entry_on_a_night_of_change_is_read_at_its_time(change, minutes, length, zone, own):
    """`own`: by the zone as the file defines it, as readers do that do not know its name."""
    start = change + timedelta(minutes=minutes)
    end = start + timedelta(minutes=length)
    data = feed(an_entry(starts_at=start, ends_at=end, time_zone=zone))
    if own:
        data = data.replace(zone.encode(), b"Zone of its own") if zone != "UTC" else data

    found = busy_times(data, window=AROUND, time_zone="Asia/Kabul")

    assert found == [Window(starts_at=start, ends_at=end)]
    if not own:
        _, [event] = read(data)
        assert event["DTSTART"].dt.astimezone(UTC) == start
        assert event["DTEND"].dt.astimezone(UTC) == end


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=150)


@settings(deadline=None)
@given(TEXTS, TEXTS.map(lambda one: one + "\n" + PERSIAN * 3))
def test_no_line_is_longer_than_75_octets_nor_cut_within_a_letter(title, text):
    data = feed(an_entry(title=PERSIAN * 3 + title, text=text), name=PERSIAN * 5)

    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert max(len(one) for one in lines) <= 75
    assert all(one.decode() for one in lines)  # no letter is cut in two
    assert not [one for one in lines if b"\n" in one or b"\r" in one]
    _, [event] = read(data)
    assert event["SUMMARY"] == PERSIAN * 3 + title
    assert event["DESCRIPTION"] == text


@pytest.mark.parametrize("field", ["uid", "title", "place", "text", "url"])
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\x85", "\x00"])
def test_no_field_begins_a_line_of_its_own(field, end):
    data = feed(an_entry(**{field: f"a{end}ATTENDEE:mailto:b@example.com"}))

    lines = [one for one in data.decode().splitlines() if one.startswith("ATTENDEE")]
    _, [event] = read(data)
    assert lines == []
    assert "ATTENDEE" not in event
    assert b"\x00" not in data


def test_each_zone_is_defined_once_and_only_where_it_is_used():
    calendar, _ = read(
        feed(an_entry(), an_entry(uid="2"), an_entry(uid="3", time_zone="Asia/Kabul"))
    )
    zones = sorted(str(one["TZID"]) for one in calendar.walk("VTIMEZONE"))
    assert zones == ["Asia/Kabul", RIGA]


def test_an_empty_feed_is_a_feed():
    _, events = read(feed())
    assert events == []
    assert busy_times(feed(), window=AROUND, time_zone="UTC") == []


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(UnknownTimeZone):
        feed(an_entry(time_zone="Atlantis"))


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_an_invitation_and_its_cancellation(method, status):
    data = invitation(an_entry(), method, organizer=ORGANIZER, attendee=ATTENDEE, now=NOW)
    calendar, [event] = read(data)

    assert calendar["METHOD"] == method
    assert event["STATUS"] == status
    assert (event["UID"], event["SEQUENCE"]) == ("bkg_1@interpreters.example", 2)
    assert event["ORGANIZER"] == "mailto:desk@example.org"
    assert event["ORGANIZER"].params["CN"] == ORGANIZER.name
    assert event["ATTENDEE"] == "mailto:person@example.net"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert max(len(one) for one in data.split(b"\r\n")) <= 75
