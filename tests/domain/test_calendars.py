"""Busy times of other calendars: what counts, clocks that change, and files made to harm."""

import contextlib
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpreters.domain.calendar_parts import UnreadableCalendar
from interpreters.domain.calendars import busy_times, calendar_address
from interpreters.domain.windows import UnknownTimeZone, Window

RIGA = "Europe/Riga"
MINUTE = timedelta(minutes=1)
YEAR = ("2026-01-01T00:00", "2027-01-01T00:00")


def calendar(*events: str, around: str = "") -> bytes:
    """A file of events, each the lines of one separated by spaces or `|`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *around.split("\n")]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.split("|"), "SUMMARY:Dr Ruta", "END:VEVENT"]
    return "\r\n".join([one for one in lines if one] + ["END:VCALENDAR", ""]).encode()


def window(start: str, end: str) -> Window:
    return Window(
        starts_at=datetime.fromisoformat(start).replace(tzinfo=UTC),
        ends_at=datetime.fromisoformat(end).replace(tzinfo=UTC),
    )


def busy(data: bytes, span: tuple[str, str] = YEAR, zone: str = RIGA) -> list[str]:
    found = busy_times(data, window=window(*span), time_zone=zone)
    return [f"{one.starts_at:%m-%dT%H:%M}/{one.ends_at:%m-%dT%H:%M}" for one in found]


NIGHT = "DTSTART;TZID=Europe/Riga:20261023T220000|DTEND;TZID=Europe/Riga:20261024T060000"
WINTER = "DTSTART:20261201T090000Z|DTEND:20261201T100000Z"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (WINTER, ["12-01T09:00/12-01T10:00"]),
        ("DTSTART;TZID=Europe/Riga:20261201T090000|DURATION:PT90M", ["12-01T07:00/12-01T08:30"]),
        ("DTSTART:20261201T090000|DTEND:20261201T100000", ["12-01T07:00/12-01T08:00"]),  # floating
        ("DTSTART;VALUE=DATE:20261201", ["11-30T22:00/12-01T22:00"]),
        ("DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261203", ["11-30T22:00/12-02T22:00"]),
        ("DTSTART;VALUE=DATE:20261201|DURATION:P2D", ["11-30T22:00/12-02T22:00"]),
        (f"{WINTER}|TRANSP:TRANSPARENT", []),
        (f"{WINTER}|STATUS:CANCELLED", []),
        (f"{WINTER}|STATUS:TENTATIVE|TRANSP:OPAQUE", ["12-01T09:00/12-01T10:00"]),
        ("DTSTART:20261201T090000Z", []),  # takes no time
        ("DTSTART:20261201T090000Z|DTEND:20261201T080000Z", []),
        ("DTSTART:99999999T990000Z|DTEND:20261201T080000Z", []),
        ("DTSTART:00020101T000000|DTEND:20260101T010000Z", ["01-01T00:00/01-01T01:00"]),
        ("DTSTART:20261201T090000Z|DURATION:P9W|STATUS:X", ["12-01T09:00/01-01T00:00"]),
        ('DTSTART;TZID="W. Europe Standard Time":20261201T090000|DURATION:PT1H',
         ["12-01T08:00/12-01T09:00"]),
        ("DTSTART;TZID=/citadel.org/20190914_1/America/Indiana/Knox:20261201T090000|DURATION:PT1H",
         ["12-01T15:00/12-01T16:00"]),
        ("DTSTART;TZID=Nowhere/At_All:20261201T090000|DURATION:PT1H", ["12-01T07:00/12-01T08:00"]),
        ("dtstart:20261201t090000z|duration:pt1h", ["12-01T09:00/12-01T10:00"]),
    ],
)  # fmt: skip
def test_when_one_event_keeps_somebody_busy(event, expected):
    assert busy(calendar(event)) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # Clocks in Riga go from 03:00 to 04:00 on 29 March, from 04:00 to 03:00 on 25 October.
        ("DTSTART;VALUE=DATE:20260329", ["03-28T22:00/03-29T21:00"]),
        ("DTSTART;VALUE=DATE:20261025", ["10-24T21:00/10-25T22:00"]),
        # A time that is left out is read with the offset of before; of one shown twice the first.
        ("DTSTART;TZID=Europe/Riga:20260329T033000|DURATION:PT1H", ["03-29T01:30/03-29T02:30"]),
        ("DTSTART;TZID=Europe/Riga:20261025T033000|DURATION:PT1H", ["10-25T00:30/10-25T01:30"]),
        ("DTSTART;TZID=Europe/Riga:20261024T233000|DURATION:P1D", ["10-24T20:30/10-25T21:30"]),
        ("DTSTART;TZID=Europe/Riga:20261024T233000|DURATION:PT24H", ["10-24T20:30/10-25T20:30"]),
        # Nine o'clock stays nine o'clock.
        ("DTSTART;TZID=Europe/Riga:20261024T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2",
         ["10-24T06:00/10-24T07:00", "10-25T07:00/10-25T08:00"]),
        # The exact length of a DTEND repeats: 22:00 to 06:00 is eight hours on every night.
        (f"{NIGHT}|RRULE:FREQ=DAILY;COUNT=2",
         ["10-23T19:00/10-24T03:00", "10-24T19:00/10-25T03:00"]),
    ],
)  # fmt: skip
def test_nights_on_which_clocks_change(event, expected):
    assert busy(calendar(event)) == expected


NINE = "DTSTART;TZID=Europe/Riga:20261201T090000|DTEND;TZID=Europe/Riga:20261201T100000|UID:a"


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", [1, 2, 3]),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261210T070000Z", [1, 3, 8, 10]),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261210T065959Z", [1, 3, 8]),
        ("RRULE:FREQ=DAILY;UNTIL=20261203", [1, 2, 3]),
        ("RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2", [1, 4, 11]),  # the first counts in any case
        ("RRULE:FREQ=DAILY;COUNT=4|EXDATE;TZID=Europe/Riga:20261202T090000,20261203T090000",
         [1, 4]),
        ("RRULE:FREQ=DAILY;COUNT=3|EXDATE:20261202T070000Z", [1, 3]),
        ("RRULE:FREQ=DAILY;COUNT=3|EXDATE;VALUE=DATE:20261202", [1, 3]),
        ("RDATE;TZID=Europe/Riga:20261205T090000,20261207T090000", [1, 5, 7]),
        ("RRULE:FREQ=SOMETIMES", [1]),
    ],
)  # fmt: skip
def test_days_on_which_it_repeats(lines, days):
    expected = [f"12-{day:02}T07:00/12-{day:02}T08:00" for day in days]
    assert busy(calendar(f"{NINE}|{lines}")) == expected


DAILY = f"{NINE}|RRULE:FREQ=DAILY;COUNT=3"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("RECURRENCE-ID;TZID=Europe/Riga:20261202T090000|DTSTART:20261202T120000Z|DURATION:PT1H",
         ["12-01T07:00/12-01T08:00", "12-02T12:00/12-02T13:00", "12-03T07:00/12-03T08:00"]),
        ("RECURRENCE-ID:20261202T070000Z|DTSTART:20261220T120000Z|DURATION:PT1H",
         ["12-01T07:00/12-01T08:00", "12-03T07:00/12-03T08:00", "12-20T12:00/12-20T13:00"]),
        ("RECURRENCE-ID;VALUE=DATE:20261202|STATUS:CANCELLED|DTSTART:20261202T070000Z",
         ["12-01T07:00/12-01T08:00", "12-03T07:00/12-03T08:00"]),
        ("RECURRENCE-ID:20261202T070000Z|TRANSP:TRANSPARENT|DTSTART:20261202T070000Z|DURATION:PT5H",
         ["12-01T07:00/12-01T08:00", "12-03T07:00/12-03T08:00"]),
        ("SEQUENCE:2|DTSTART:20261210T120000Z|DURATION:PT1H", ["12-10T12:00/12-10T13:00"]),
    ],
)  # fmt: skip
def test_one_of_many_is_moved_or_called_off(changed, expected):
    assert busy(calendar(DAILY, f"UID:a|{changed}")) == expected
    assert busy(calendar(f"UID:a|{changed}", DAILY)) == expected


def test_other_events_under_the_same_or_no_name_count_too():
    events = ("DTSTART:20261201T090000Z|DURATION:PT1H", "DTSTART:20261202T090000Z|DURATION:PT1H")
    both = ["12-01T09:00/12-01T10:00", "12-02T09:00/12-02T10:00"]

    assert busy(calendar(*events)) == both
    assert busy(calendar(*(f"UID:a|{one}" for one in events))) == both


def test_times_that_touch_or_overlap_are_one_and_the_window_cuts_them():
    data = calendar(
        "DTSTART:20261201T080000Z|DURATION:PT1H", "DTSTART:20261201T090000Z|DURATION:PT1H",
        "DTSTART:20261201T093000Z|DURATION:PT4H", "DTSTART:20261201T200000Z|DURATION:PT1H",
    )  # fmt: skip
    assert busy(data, ("2026-12-01T08:30", "2026-12-01T20:30")) == [
        "12-01T08:30/12-01T13:30", "12-01T20:00/12-01T20:30",
    ]  # fmt: skip


def test_a_file_that_says_nothing_but_when():
    around = (
        "BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261201T080000Z/20261201T090000Z,"
        "20261201T120000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20261202T080000Z/PT1H\nEND:VFREEBUSY"
    )
    expected = ["12-01T08:00/12-01T09:00", "12-01T12:00/12-01T13:00"]
    assert busy(calendar(around=around)) == expected


def test_periods_of_an_event():
    event = f"{WINTER}|RDATE;VALUE=PERIOD:20261203T090000Z/PT2H,20261204T090000Z/20261204T093000Z"
    assert busy(calendar(event)) == [
        "12-01T09:00/12-01T10:00", "12-03T09:00/12-03T11:00", "12-04T09:00/12-04T09:30",
    ]  # fmt: skip


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T040000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


@settings(deadline=None, max_examples=40)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda one: one.replace(
    second=0, microsecond=0)))  # fmt: skip
def test_a_zone_a_file_defines_itself_is_read_as_iana_has_it(wall):
    data = calendar(
        f"DTSTART;TZID=Customized Zone:{wall:%Y%m%dT%H%M%S}|DURATION:PT1H",
        around=OWN_ZONE.format(name="Customized Zone"),
    )
    found = busy_times(data, window=window("2025-01-01", "2029-01-01"), time_zone="Asia/Kabul")
    assert [one.starts_at for one in found] == [wall.replace(tzinfo=ZoneInfo(RIGA))]


@pytest.mark.parametrize("hour", [(3, 25, 10), (3, 29, 3)])
def test_a_zone_of_its_own_on_the_night_of_the_change(hour):
    for day, month in ((29, 3), (25, 10)):
        wall = datetime(2026, month, day, 3, 30)
        data = calendar(
            f"DTSTART;TZID=Mine:{wall:%Y%m%dT%H%M%S}|DURATION:PT1H",
            around=OWN_ZONE.format(name="Mine"),
        )
        expected = wall.replace(tzinfo=ZoneInfo(RIGA)).astimezone(UTC)
        found = busy_times(data, window=window(*YEAR), time_zone="UTC")
        assert [one.starts_at for one in found] == [expected]


def test_a_known_name_means_the_zone_and_not_what_the_file_says_of_it():
    around = OWN_ZONE.format(name="America/New_York")
    data = calendar("DTSTART;TZID=America/New_York:20261201T090000|DURATION:PT1H", around=around)
    assert busy(data) == ["12-01T14:00/12-01T15:00"]


def test_folded_lines_other_line_ends_and_what_is_inside_an_event():
    data = (
        b"\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nDTSTART:20260101T000000Z\n"
        b'DURATION:PT15M\nEND:VALARM\nSUMMARY:a\n b: \xff\nDTSTART;X-A="a:b;c";TZID=\n'
        b" Europe/\n Riga:2026\n 1201T090000\nDURATION:PT1H\n\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert busy(data) == ["12-01T07:00/12-01T08:00"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-calendar"),
        (b"<!doctype html><title>Sign in</title>", "not-a-calendar"),
        (calendar(WINTER)[:-15], "broken-off"),
        (calendar(WINTER).replace(b"END:VEVENT", b"END:VJOURNAL"), "wrong-structure"),
        (calendar(WINTER) + b"DTSTART:20261201T090000Z", "wrong-structure"),
        (b"BEGIN:VCALENDAR\n" * 9 + b"END:VCALENDAR\n" * 9, "too-large"),
    ],
)
def test_what_is_no_whole_calendar_is_refused(data, code):
    with pytest.raises(UnreadableCalendar, match=f"^{code}$"):
        busy(data)


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(UnknownTimeZone):
        busy(calendar(WINTER), zone="Atlantis")


RULE = "RRULE:FREQ=SECONDLY"


def full(line: bytes) -> bytes:
    """Two megabytes of it."""
    return line * (2_000_000 // len(line))


def harmful() -> dict[str, bytes]:
    head, foot = b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n"
    old = "DTSTART:19000101T000000Z|DURATION:PT1H|"
    begin = b"BEGIN:VEVENT\r\n"
    event = begin + b"DTSTART:20261201T090000Z\r\nDURATION:PT1H\r\n"
    zone = OWN_ZONE.format(name="Mine").replace("FREQ=YEARLY;BYDAY=-1SU", "FREQ=SECONDLY")
    return {
        "every second": calendar(f"{old}{RULE}"),
        "every second of 30 February": calendar(f"{old}{RULE};BYMONTH=2;BYMONTHDAY=30"),
        "for ever, counted": calendar(f"{old}RRULE:FREQ=DAILY;COUNT=900000000"),
        "a thousand rules": calendar(*[f"{old}RRULE:FREQ=DAILY;COUNT=900000"] * 1000),
        "many events": head + full(begin + b"END:VEVENT\r\n") + foot,
        "many rules": head + event + full(b"RRULE:FREQ=YEARLY\r\n") + b"END:VEVENT\r\n" + foot,
        "many dates": head + event + b"RDATE:" + full(b"20261201T090000Z,") + b"\r\nEND:VEVENT\r\n"
        + foot,
        "deep": head + full(begin),
        "one long line": head + event + b"RDATE" + full(b';A="') + b"\r\nEND:VEVENT\r\n" + foot,
        "one folded line": head + event + b"X:" + full(b"\r\n ") + b"\r\nEND:VEVENT\r\n" + foot,
        "a zone that changes every second": calendar(
            "DTSTART;TZID=Mine:20261201T090000|DURATION:PT1H", around=zone
        ),
        "many of one name, each replaced many times": head
        + (begin + b"UID:a\r\nDTSTART:20261201T090000Z\r\nEND:VEVENT\r\n") * 8000
        + (begin + b"UID:a\r\nDTSTART:20261201T090000Z\r\nRECURRENCE-ID:20261202T090000Z\r\n"
           b"END:VEVENT\r\n") * 8000 + foot,
        "a zone of its own for each line": head + event
        + b"".join(b"EXDATE;TZID=%d/b/c/d:20261201T090000\r\n" % one for one in range(45_000))
        + b"END:VEVENT\r\n" + foot,
        "long for ever": calendar("DTSTART:19000101T000000Z|DURATION:P99999W|RRULE:FREQ=HOURLY"),
    }  # fmt: skip


@pytest.mark.parametrize("name", harmful())
def test_a_file_made_to_keep_us_busy_does_not(name):
    began = time.process_time()
    with contextlib.suppress(UnreadableCalendar):
        assert len(busy(harmful()[name])) <= 366
    assert time.process_time() - began < 6  # on a slow machine; a second or two on others


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("far", ["00010101T000000", "99991231T235959"])
@pytest.mark.parametrize("line", ["EXDATE:{}", "RDATE:{}", "RECURRENCE-ID:{}", "X:{}"])
def test_the_first_and_the_last_moment_a_clock_can_show_break_nothing(line, far, zone):
    event = "DTSTART:20261201T090000Z|DURATION:PT1H|UID:a"
    found = busy(calendar(f"{event}|{line.format(far)}", event), zone=zone)
    assert found == ["12-01T09:00/12-01T10:00"]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_until_the_end_of_time_is_for_ever_and_until_its_beginning_is_once(zone):
    event = "DTSTART:20261230T120000|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL="
    assert len(busy(calendar(f"{event}99991231T235959"), zone=zone)) == 2  # the window's last two
    assert len(busy(calendar(f"{event}00010101T000000"), zone=zone)) == 1  # DTSTART itself


@st.composite
def weeks(draw) -> dict:
    return {
        "zone": draw(st.sampled_from([RIGA, "America/New_York", "Asia/Kabul"])),
        "hour": draw(st.integers(5, 23)),
        "minute": draw(st.sampled_from([0, 17, 45])),
        "length": draw(st.integers(1, 1600)),
        "weekdays": sorted(draw(st.sets(st.integers(0, 6), min_size=1))),
        "without": draw(st.sets(st.integers(0, 9), max_size=3)),
    }


SPAN = window("2026-10-23T00:00", "2026-10-28T00:00")  # clocks in Riga change
OTHER_SPAN = window("2026-03-06T00:00", "2026-03-11T00:00")  # in New York


@settings(deadline=None, max_examples=25)
@given(st.lists(weeks(), min_size=1, max_size=3), st.sampled_from([SPAN, OTHER_SPAN]))
def test_any_weeks_are_busy_minute_by_minute_as_a_clock_on_the_wall_says(plans, span):
    """Written by the icalendar library; looked up minute by minute on the zones' own clocks."""
    written = icalendar.Calendar()
    first = (span.starts_at - timedelta(days=60)).date()
    starts: set[tuple[datetime, int]] = set()
    for number, plan in enumerate(plans):
        place = ZoneInfo(plan["zone"])
        event = icalendar.Event()
        event.add("uid", str(number))
        day = next(one for one in (first + timedelta(days=n) for n in range(7))
                   if one.weekday() in plan["weekdays"])  # fmt: skip
        wall = datetime(day.year, day.month, day.day, plan["hour"], plan["minute"], tzinfo=place)
        event.add("dtstart", wall)
        event.add("dtend", wall + plan["length"] * MINUTE)  # exact, unlike a duration of P1D
        names = [("MO", "TU", "WE", "TH", "FR", "SA", "SU")[one] for one in plan["weekdays"]]
        event.add("rrule", {"freq": "weekly", "byday": names})
        gone = {(span.starts_at.date() + timedelta(days=one)) for one in plan["without"]}
        for one in gone:
            event.add("exdate", wall.replace(year=one.year, month=one.month, day=one.day))
        written.add_component(event)
        instant = span.starts_at - timedelta(days=3)
        while instant < span.ends_at:
            shown = instant.astimezone(place)
            if (
                (shown.hour, shown.minute) == (plan["hour"], plan["minute"])
                and shown.weekday() in plan["weekdays"]
                and shown.date() not in gone
            ):
                starts.add((instant, plan["length"]))
            instant += MINUTE
    expected = {
        at
        for at in (span.starts_at + n * MINUTE for n in range(span.minutes))
        if any(start <= at < start + length * MINUTE for start, length in starts)
    }

    found = busy_times(written.to_ical(), window=span, time_zone="UTC")

    minutes = {one.starts_at + n * MINUTE for one in found for n in range(one.minutes)}
    assert minutes == expected
    assert all(a.ends_at < b.starts_at for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("webcal://x.example/a.ics?k=1", "https://x.example/a.ics?k=1"),
        ("WEBCAL://x.example/A", "https://x.example/A"),
        ("webcals://x.example/", "https://x.example/"),
        ("https://x.example/webcal://", "https://x.example/webcal://"),
    ],
)
def test_calendars_addresses_are_https(text, address):
    assert calendar_address(text) == address
