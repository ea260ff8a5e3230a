"""Rules that repeat: the standard's examples, dateutil beside them, and rules made to never end."""

import time
from datetime import datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from interpreters.domain.recurrence_rules import read_rule
from interpreters.domain.recurrences import TooMuchWork, Work, repetitions

FIRST = datetime(1997, 9, 2, 9, 0)
FAR = datetime(2030, 1, 1)
END = datetime(9999, 12, 31, 23, 59)


def times(rule, first=FIRST, *, after=None, before=FAR, steps=1_000_000) -> list[datetime]:
    read, _ = read_rule(rule)
    found = repetitions(read, first, after=after or first, before=before, work=Work(steps))
    return list(islice(found, 2000))


def upto(end: int) -> str:
    return ",".join(map(str, range(end)))


def days(text: str) -> list[datetime]:
    return [datetime.fromisoformat(f"{one} 09:00") for one in text.split()]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=3;WKST=SU;BYDAY=TU,TH", "1997-09-02 1997-09-04 1997-09-09"),
        ("FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "1997-09-05 1997-10-03 1997-11-07 1997-12-05"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=4;BYDAY=1SU,-1SU",
         "1997-09-07 1997-09-28 1997-11-02 1997-11-30"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-3", "1997-09-28 1997-10-29 1997-11-28"),
        ("FREQ=YEARLY;COUNT=4;INTERVAL=3;BYYEARDAY=1,100,200",
         "2000-01-01 2000-04-09 2000-07-18 2003-01-01"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", "1998-05-18 1999-05-17 2000-05-15"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "1998-05-11 1999-05-17 2000-05-15"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5",
         "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04 1997-10-07 1997-11-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3",
         "1997-09-29 1997-10-30 1997-11-27"),
        ("FREQ=YEARLY;COUNT=2;BYMONTH=2;BYMONTHDAY=29", "2000-02-29 2004-02-29"),
    ],
)  # fmt: skip
def test_the_examples_of_rfc_5545(rule, expected):
    assert times(rule) == days(expected)


@pytest.mark.parametrize(
    ("start", "expected"), [("MO", "5 10 19 24"), ("SU", "5 17 19 31")]
)  # fmt: skip
def test_the_week_starts_where_the_rule_says(start, expected):
    found = times(f"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={start}", datetime(1997, 8, 5))
    assert [one.day for one in found] == [int(one) for one in expected.split()]


def test_elections_of_presidents():
    rule = "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3"
    found = times(rule, datetime(1996, 11, 5, 9))
    assert found == days("1996-11-05 2000-11-07 2004-11-02")


def test_every_twenty_minutes_of_a_working_day():
    found = times("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16;COUNT=25")
    expected = [FIRST + timedelta(minutes=20) * one for one in range(24)]
    assert found == [*expected, FIRST + timedelta(days=1)]


NUMBERS = {
    "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": st.integers(1, 31) | st.integers(-31, -1),
    "BYYEARDAY": st.integers(1, 366) | st.integers(-366, -1),
    "BYHOUR": st.integers(0, 23),
    "BYMINUTE": st.integers(0, 59),
}
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")


@st.composite
def rules(draw) -> str:
    frequency = draw(st.sampled_from(FREQUENCIES))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    for name, values in NUMBERS.items():
        if draw(st.integers(0, 3)) == 0:
            chosen = draw(st.lists(values, min_size=1, max_size=3))
            parts.append(f"{name}={','.join(map(str, chosen))}")
    if draw(st.booleans()):
        weekdays = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
        nth = st.just("")
        # Not both in one rule: "each Monday and the first one" is none for dateutil but the first.
        if frequency in {"YEARLY", "MONTHLY"} and draw(st.booleans()):
            nth = st.sampled_from(["1", "2", "-1", "5"])
        chosen = draw(st.lists(st.builds(str.__add__, nth, weekdays), min_size=1, max_size=3))
        parts.append(f"BYDAY={','.join(chosen)}")
        if draw(st.booleans()):
            parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    parts.append(f"WKST={draw(st.sampled_from(['MO', 'SU', 'WE']))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    return ";".join(parts)


@settings(deadline=None, max_examples=100)
@given(rules(), st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 31)), st.integers(0, 900))
def test_any_rule_hits_what_dateutil_says(rule, first, later):
    first = first.replace(microsecond=0)
    after = first + timedelta(days=later)
    before = after + timedelta(days=90)
    ours, more = [], False
    read, _ = read_rule(rule)
    for one in repetitions(
        read, first, after=after, before=before + timedelta(days=1500), work=Work(100_000)
    ):
        more = one > before
        if more:
            break
        ours.append(one)
    assume(more)  # dateutil looks for the next one up to the year 9999

    theirs = rrulestr(rule, dtstart=first).between(after, before, inc=True)

    assert [one for one in ours if one >= after] == theirs


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1;COUNT=1",
        "FREQ=DAILY;BYHOUR=" + upto(24) + ";BYMINUTE=" + upto(60) + ";BYSECOND=" + upto(60),
    ],
)
def test_a_rule_made_to_keep_us_busy_does_not(rule):
    """Each walks on for seconds to for ever where steps are not counted."""
    read, _ = read_rule(rule)
    began = time.process_time()

    with pytest.raises(TooMuchWork):
        for _ in repetitions(
            read, datetime(1, 1, 1), after=FAR, before=FAR.replace(year=9999), work=Work(200_000)
        ):
            pass

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "frequency", ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "SECONDLY"]
)
def test_a_rule_that_began_long_ago_costs_no_more_than_one_of_today(frequency):
    """Weekdays come again every 400 years: 1 December 26 was a Tuesday as in 2026."""
    today = datetime(2026, 12, 1, 9)
    found = times(
        f"FREQ={frequency}", datetime(26, 12, 1, 9), after=today,
        before=today + timedelta(seconds=1), steps=2000,
    )  # fmt: skip
    assert [one for one in found if one >= today][:1] == [today]


def test_a_rule_ends_with_the_calendar():
    last = datetime(9999, 12, 30, 9)
    assert times("FREQ=DAILY", last, before=END) == [last, last + timedelta(days=1)]
    assert times("FREQ=WEEKLY", last, before=END) == [last]
    assert times("FREQ=MONTHLY", last, before=END) == [last]
    assert times("FREQ=YEARLY", last, before=END) == [last]


@pytest.mark.parametrize(
    "text",
    [
        "", "FREQ=", "FREQ=FORTNIGHTLY", "BYDAY=MO", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;BYHOUR=24", "FREQ=YEARLY;BYMONTH=0", "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=99999999999", "FREQ=DAILY;WKST=XX",
        "FREQ=YEARLY;RSCALE=CHINESE", "FREQ=DAILY;BYMINUTE=" + "1," * 500 + "1",
        "FREQ=DAILY;COUNT=٣",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_rule(text)
